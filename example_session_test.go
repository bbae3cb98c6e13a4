package funcall_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A message is taken only while the session rests: here a second one comes
// while a tool still works on the first.
func ExampleSession_Send() {
	ctx := context.Background()
	var agent *funcall.Agent
	check := funcall.NewTool("check_stock", "Counts what is left.",
		func(context.Context, struct{}) (string, error) {
			_, err := agent.Session("ticket-4711").Send(ctx, "Are you there?")
			fmt.Println("meanwhile:", errors.Is(err, funcall.ErrBusy))
			return "47", nil
		}, funcall.ReadOnly())

	agent, err := funcall.New(
		providertest.NewScript(nil, providertest.Call("check_stock", `{}`), providertest.Say("There are 47.")),
		funcall.Config{Tools: []funcall.Tool{check}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Session("ticket-4711").Send(ctx, "How many are left?")
	fmt.Println(res.Text(), err)
	// Output:
	// meanwhile: true
	// There are 47. <nil>
}

func ExampleSession_Stream() {
	agent, err := funcall.New(providertest.NewScript(nil, providertest.Say("It is on its way.")), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711", funcall.Subject("CUST-9821"))
	for ev, err := range chat.Stream(context.Background(), "Where is my order?") {
		if err != nil {
			log.Fatal(err)
		}
		if ev.Kind == funcall.EventText {
			fmt.Print(ev.Text)
		}
	}
	fmt.Println("", chat.ID())
	// Output: It is on its way. ticket-4711
}

// The model fails in the middle of a run. What the tool has answered is kept,
// and Resume asks the model alone again.
func ExampleSession_Resume() {
	ctx := context.Background()
	lookup := lookupTool()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call(lookup.Name(), `{"order_id":"ORD-78342"}`),
		providertest.Fail(&provider.Error{Kind: provider.KindOverloaded}),
		providertest.Say("It is on its way.")),
		funcall.Config{Tools: []funcall.Tool{lookup}})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711")
	res, err := chat.Send(ctx, "Where is ORD-78342?")
	fmt.Println(res.Outcome, err)
	res, err = chat.Resume(ctx)
	fmt.Println(res.Outcome, err, res.Text())
	fmt.Println(len(res.Calls), "call")
	// Output:
	// failed overloaded
	// done <nil> It is on its way.
	// 1 call
}

// A process died while it granted a credit: the intent is in the store, and no
// result. The tool is idempotent, so another process runs it again, under the
// same key. Of any other tool that changes something, the call would be in
// doubt.
func ExampleSession_Resume_crash() {
	ctx := context.Background()
	credit := funcall.NewTool("grant_credit", "Credits the customer's account.",
		func(ctx context.Context, _ struct{}) (string, error) {
			call := funcall.CallFrom(ctx)
			return fmt.Sprintf("attempt %d under key %s", call.Attempt, call.Key), nil
		}, funcall.Idempotent())
	newAgent := func(store transcript.Store, turns ...providertest.Turn) *funcall.Agent {
		agent, err := funcall.New(providertest.NewScript(nil, turns...), funcall.Config{
			Tools: []funcall.Tool{credit}, Store: store,
		})
		if err != nil {
			log.Fatal(err)
		}
		return agent
	}

	store := new(transcript.Memory)
	first := newAgent(store, providertest.Call("grant_credit", `{}`), providertest.Say("Done."))
	res, err := first.Session("ticket-4711").Send(ctx, "Where is my credit?")
	if err != nil {
		log.Fatal(err)
	}
	const uptoIntent = 3 // input, output, intent
	crashed := new(transcript.Memory)
	if err := crashed.Append(ctx, transcript.Batch{Session: "ticket-4711", Entries: res.Transcript.Entries[:uptoIntent]}); err != nil {
		log.Fatal(err)
	}

	second := newAgent(crashed, providertest.Say("You have it."))
	res, err = second.Session("ticket-4711").Resume(ctx)
	fmt.Println(res.Calls[0].Status, res.Calls[0].Text())
	fmt.Println(res.Text(), err)
	// Output:
	// ok attempt 2 under key ticket-4711/1.0
	// You have it. <nil>
}

// The customer edits the last message: what was said before is taken back first.
func ExampleSession_Withdraw() {
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Say("There is no order ORD-7834."), providertest.Say("It is on its way.")), funcall.Config{})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711")
	if _, err := chat.Send(ctx, "Where is ORD-7834?"); err != nil {
		log.Fatal(err)
	}
	message, err := chat.Withdraw(ctx)
	if err != nil {
		log.Fatal(err)
	}
	res, err := chat.Send(ctx, strings.Replace(message.Text(), "7834", "78342", 1))
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range res.Transcript.Messages() {
		fmt.Printf("%s: %s\n", m.Role, m.Text())
	}
	// Output:
	// user: Where is ORD-78342?
	// assistant: It is on its way.
}

// The conversation as it stands, for a page that shows it.
func ExampleSession_Transcript() {
	ctx := context.Background()
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call("get_order_status", `{"order_id":"ORD-78342"}`), providertest.Say("It is on its way.")),
		funcall.Config{Tools: []funcall.Tool{lookupTool()}})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711")
	if _, err := chat.Send(ctx, "Where is ORD-78342?"); err != nil {
		log.Fatal(err)
	}
	t, err := chat.Transcript(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range t.Messages() {
		if text := m.Text(); text != "" && m.Role != provider.RoleTool {
			fmt.Printf("%s: %s\n", m.Role, text)
		}
	}
	// Output:
	// user: Where is ORD-78342?
	// assistant: It is on its way.
}

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
	ctx, agent := context.Background(), refundDesk(ledger, nil)
	chat := agent.Session("ticket-4711", funcall.Subject("CUST-9821"))
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

	var p transcript.PendingCall
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
	fmt.Println(funcall.Deny(transcript.PendingCall{}, "no", audit...).By)
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

// A reply is lost, and the backend returns the outcome of the call.
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
