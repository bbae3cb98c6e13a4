package funcall_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

type Refund struct {
	OrderID string  `json:"order_id"`
	Amount  float64 `json:"amount"`
}

// A Ledger is a payment system that knows what it paid under which key.
type Ledger map[string]float64

func (l Ledger) Refund(ctx context.Context, r Refund) (string, error) {
	l[funcall.CallFrom(ctx).Key] = r.Amount
	return fmt.Sprintf("%.2f were refunded", r.Amount), nil
}

func (l Ledger) Find(_ context.Context, key string, r Refund) (string, error) {
	if amount, ok := l[key]; ok {
		return fmt.Sprintf("%.2f were refunded", amount), nil
	}
	return "", funcall.ErrNotApplied
}

// overHundred has a person decide on what is dear.
func overHundred(_ context.Context, r Refund) (string, error) {
	if r.Amount > 100 {
		return fmt.Sprintf("a refund of %.2f is over 100.00", r.Amount), nil
	}
	return "", nil
}

// refundDesk returns an agent whose refunds are paid by l, and whose model asks for one.
func refundDesk(l Ledger, store transcript.Store) *funcall.Agent {
	refund := funcall.NewTool("refund", "Pays money back to a customer.", l.Refund,
		funcall.RequireApproval(overHundred), funcall.ApprovalTimeout(48*time.Hour), funcall.Reconcile(l.Find))
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("refund", `{"order_id":"ORD-1","amount":250}`),
		providertest.Say("It is done.")), funcall.Config{Store: store, Tools: []funcall.Tool{refund}})
	if err != nil {
		log.Fatal(err)
	}
	return agent
}

func ExampleRequireApproval() {
	ledger := Ledger{}
	ctx, chat := context.Background(), refundDesk(ledger, nil).Session("ticket-4711")
	res, err := chat.Send(ctx, "I want my money back.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Outcome, len(ledger), res.Pending[0].Reason)

	res, err = chat.Decide(ctx, funcall.Approve(res.Pending[0], funcall.By("anna")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Outcome, len(ledger), res.Calls[0].Text())
	// Output:
	// waiting 0 a refund of 250.00 is over 100.00
	// done 1 250.00 were refunded
}

func ExampleApprovalTimeout() {
	res, _ := refundDesk(Ledger{}, nil).Session("ticket-4711").Send(context.Background(), "I want my money back.")
	p := res.Pending[0]
	fmt.Println(p.Deadline.Sub(p.Since).Round(time.Minute))
	// Output: 48h0m0s
}

// What is pending goes to a page where a person decides, perhaps days later. What
// comes back names the call; what it was counts as the store has it.
func ExampleSession_Decide() {
	store := new(transcript.Memory)
	res, _ := refundDesk(Ledger{}, store).Session("ticket-4711").Send(context.Background(), "I want my money back.")
	page, _ := json.Marshal(res.Pending[0])

	var p transcript.Pending
	if err := json.Unmarshal(page, &p); err != nil {
		log.Fatal(err)
	}
	forged := transcript.Decision{Ref: p.Ref, Digest: "0000", Verdict: transcript.VerdictApprove, By: "bert"}
	_, err := refundDesk(Ledger{}, store).Session("ticket-4711").Decide(context.Background(), forged)
	fmt.Println(errors.Is(err, funcall.ErrStaleDecision))
	// Output: true
}

func ExampleApprove() {
	res, _ := refundDesk(Ledger{}, nil).Session("s").Send(context.Background(), "I want my money back.")
	d := funcall.Approve(res.Pending[0], funcall.By("anna"))
	fmt.Println(d.Ref, d.Verdict, d.By)
	// Output: 1.0 approve anna
}

func ExampleApproveWith() {
	chat := refundDesk(Ledger{}, nil).Session("s")
	res, _ := chat.Send(context.Background(), "I want my money back.")
	res, err := chat.Decide(context.Background(), funcall.ApproveWith(res.Pending[0], Refund{OrderID: "ORD-1", Amount: 80}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Calls[0].Text())
	// Output: 80.00 were refunded
}

func ExampleDeny() {
	chat := refundDesk(Ledger{}, nil).Session("s")
	res, _ := chat.Send(context.Background(), "I want my money back.")
	res, _ = chat.Decide(context.Background(), funcall.Deny(res.Pending[0], "The order was never paid."))
	fmt.Println(res.Calls[0].Status, res.Calls[0].Text())
	// Output: denied The order was never paid.
}

func ExampleRespond() {
	chat := refundDesk(Ledger{}, nil).Session("s")
	res, _ := chat.Send(context.Background(), "I want my money back.")
	res, _ = chat.Decide(context.Background(), funcall.Respond(res.Pending[0], "Paid in cash, at the counter."))
	fmt.Println(res.Calls[0].Status, res.Calls[0].Text())
	// Output: ok Paid in cash, at the counter.
}

func ExampleBy() {
	audit := []funcall.DecisionOption{funcall.By("anna")}
	fmt.Println(funcall.Deny(transcript.Pending{}, "no", audit...).By)
	// Output: anna
}

func ExampleSession_StreamDecide() {
	chat := refundDesk(Ledger{}, nil).Session("s")
	res, _ := chat.Send(context.Background(), "I want my money back.")
	for ev, err := range chat.StreamDecide(context.Background(), funcall.Approve(res.Pending[0])) {
		if err != nil {
			log.Fatal(err)
		}
		if ev.Kind == funcall.EventText {
			fmt.Print(ev.Text)
		}
	}
	// Output: It is done.
}

func ExampleSession_StreamResume() {
	chat := refundDesk(Ledger{}, nil).Session("s")
	_, _ = chat.Send(context.Background(), "I want my money back.")
	for ev := range chat.StreamResume(context.Background()) { // it waits: there is nothing to go on with
		fmt.Println(ev.Result.Outcome)
	}
	// Output: waiting
}

// A reply is lost, and the backend says what became of the call.
func ExampleReconcile() {
	ledger := Ledger{}
	lossy := func(ctx context.Context, r Refund) (string, error) {
		_, _ = ledger.Refund(ctx, r)
		return "", funcall.InDoubt(errors.New("connection reset"))
	}
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("refund", `{"order_id":"ORD-1","amount":20}`), providertest.Say("It is done.")), funcall.Config{
		Tools: []funcall.Tool{funcall.NewTool("refund", "Pays money back to a customer.", lossy, funcall.Reconcile(ledger.Find))},
	})
	if err != nil {
		log.Fatal(err)
	}
	res, _ := agent.Run(context.Background(), "I want my money back.")
	fmt.Println(res.Calls[0].Status, res.Calls[0].Text(), len(ledger))
	// Output: ok 20.00 were refunded 1
}

func ExampleRetry() {
	tries := 0
	rate := funcall.NewTool("exchange_rate", "Looks up an exchange rate.", func(context.Context, struct{}) (float64, error) {
		if tries++; tries < 3 {
			return 0, errors.New("503 Service Unavailable")
		}
		return 1.08, nil
	}, funcall.ReadOnly(), funcall.Retry(4, time.Millisecond))
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Call("exchange_rate", `{}`), providertest.Say("1.08")), funcall.Config{Tools: []funcall.Tool{rate}})
	if err != nil {
		log.Fatal(err)
	}
	res, _ := agent.Run(context.Background(), "How much is a euro?")
	fmt.Println(res.Calls[0].Text(), "after", tries)
	// Output: 1.08 after 3
}
