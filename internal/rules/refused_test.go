package rules_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// saidTo is what the users and tools said in a request.
func saidTo(req *provider.Request) string {
	var words []string
	for _, m := range req.Messages {
		for _, p := range m.Parts {
			switch p := p.(type) {
			case provider.Text:
				words = append(words, p.Text)
			case provider.ToolResult:
				words = append(words, p.Text())
			}
		}
	}
	return strings.Join(words, " | ")
}

// A message that an API refuses for its content does not poison the session.
func TestR30_ARefusedMessageIsNotSentAgain(t *testing.T) {
	for _, kind := range []provider.ErrorKind{provider.KindFiltered, provider.KindContextTooLong} {
		t.Run(string(kind), func(t *testing.T) {
			refusal := providertest.Fail(&provider.Error{Kind: kind, Message: "not this"})
			model := providertest.NewScript(t, providertest.Say("Hello."), refusal, refusal, providertest.Say("Fine."))
			store := new(transcript.Memory)
			send := func(text string) (*funcall.Result, error) {
				return newAgent(t, model, funcall.Config{Store: store}).Session("s").Send(t.Context(), text)
			}
			if _, err := send("good"); err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"bad", "worse"} {
				if _, err := send(bad); kindOf(err) != kind {
					t.Fatalf("%s: %v", bad, err)
				}
			}
			res, err := send("better")
			if err != nil {
				t.Fatal(err)
			}
			if got := saidTo(model.Requests()[3]); got != "good | Hello. | better" {
				t.Errorf("the model is told %q", got)
			}
			withdrawn := 0
			for _, e := range res.Transcript.Entries {
				if w, ok := e.Body.(*transcript.Withdrawal); ok && w.Reason == kind {
					withdrawn++
				}
			}
			if withdrawn != 2 {
				t.Errorf("%d withdrawals in the transcript", withdrawn)
			}
		})
	}
}

// Of a message whose media is refused, the text remains, wherever the media stands.
func TestR30_RefusedMediaIsLeftOutAlone(t *testing.T) {
	expired := providertest.Fail(&provider.Error{Kind: provider.KindInvalidMedia})
	model := providertest.NewScript(t, providertest.Say("I see."), expired, providertest.Say("Fine."))
	chat := newAgent(t, model, funcall.Config{}).Session("s")
	if _, err := chat.Send(t.Context(), "look", funcall.Attach(provider.Media{MIME: "image/png", URL: "https://example.com/signed"})); err != nil {
		t.Fatal(err)
	}
	if _, err := chat.Send(t.Context(), "and now?"); kindOf(err) != provider.KindInvalidMedia {
		t.Fatal(err)
	}
	if _, err := chat.Send(t.Context(), "well?"); err != nil {
		t.Fatal(err)
	}
	const want = "look | [media left out: invalid_media] | I see. | and now? | well?"
	if got := saidTo(model.Requests()[2]); got != want {
		t.Errorf("the model is told %q", got)
	}
}

// What a tool has done is known to the model, though its result is refused.
func TestR30_ARefusedResultIsLeftOut(t *testing.T) {
	pay := tool("pay", func(context.Context, Item) (string, error) { return "paid: 好", nil })
	model := providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`),
		providertest.Fail(&provider.Error{Kind: provider.KindFiltered}), providertest.Say("It was paid."))
	chat := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{pay}}).Session("s")
	if _, err := chat.Send(t.Context(), "Pay."); kindOf(err) != provider.KindFiltered {
		t.Fatal(err)
	}
	if _, err := chat.Send(t.Context(), "Well?"); err != nil {
		t.Fatal(err)
	}
	const want = `Pay. | The call ended with status "ok". The result is left out (filtered). | Well?`
	if got := saidTo(model.Requests()[2]); got != want {
		t.Errorf("the model is told %q", got)
	}
}

// Resume asks again with all that was refused: the model may be another by now.
func TestR30_ResumeWithdrawsNothing(t *testing.T) {
	model := providertest.NewScript(t, providertest.Fail(&provider.Error{Kind: provider.KindContextTooLong}), providertest.Say("Fine."))
	chat := newAgent(t, model, funcall.Config{}).Session("s")
	if _, err := chat.Send(t.Context(), "long"); kindOf(err) != provider.KindContextTooLong {
		t.Fatal(err)
	}
	if _, err := chat.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := saidTo(model.Requests()[1]); got != "long" {
		t.Errorf("the model is told %q", got)
	}
}

func TestR30_Withdraw(t *testing.T) {
	model := providertest.NewScript(t, providertest.Say("1"), providertest.Call("gift", `{"id":"a"}`), providertest.Say("2"),
		providertest.Fail(&provider.Error{Kind: provider.KindFiltered}), providertest.Say("3"))
	gift := tool("gift", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "a gift", nil }))
	chat := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{gift}}).Session("s", funcall.Subject("anna"))
	withdraw := func(want string) {
		t.Helper()
		m, err := chat.Withdraw(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := textOf(m); got != want {
			t.Errorf("%q is taken back, not %q", got, want)
		}
	}
	withdraw("") // of nothing
	if _, err := chat.Send(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	res, err := chat.Send(t.Context(), "two")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chat.Withdraw(t.Context()); !errors.Is(err, funcall.ErrPending) {
		t.Errorf("while a person decides: %v", err)
	}
	if _, err := chat.Decide(t.Context(), funcall.Deny(res.Pending[0], "")); err != nil {
		t.Fatal(err)
	}
	other := newAgent(t, model, funcall.Config{}).Session("s", funcall.Subject("bert"))
	if m, err := other.Withdraw(t.Context()); m != nil || err != nil {
		t.Errorf("of a conversation that is not there: %v, %v", m, err)
	}
	withdraw("two")
	if _, err := chat.Send(t.Context(), "three"); kindOf(err) != provider.KindFiltered {
		t.Fatal(err)
	}
	withdraw("three") // alone, though the API has refused it, too
	res, err = chat.Resume(t.Context())
	if err != nil || res.Outcome != transcript.OutcomeFailed {
		t.Errorf("a turn that was taken back is resumed: %s, %v", res.Outcome, err)
	}
	if res, err = chat.Send(t.Context(), "four"); err != nil {
		t.Fatal(err)
	}
	if got := saidTo(model.Requests()[4]); got != "one | 1 | four" {
		t.Errorf("the model is told %q", got)
	}
	withdraw("four")
	withdraw("one")
	withdraw("")
	check(t, res)
}

func TestR30_WithdrawIsForItsSubject(t *testing.T) {
	store := new(transcript.Memory)
	agent := newAgent(t, providertest.NewScript(t, providertest.Say("1")), funcall.Config{Store: store})
	if _, err := agent.Session("s", funcall.Subject("anna")).Send(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	if m, err := agent.Session("s", funcall.Subject("bert")).Withdraw(t.Context()); !errors.Is(err, funcall.ErrWrongSubject) || m != nil {
		t.Errorf("for another subject: %v, %v", m, err)
	}
	full := newAgent(t, providertest.NewScript(t), funcall.Config{Store: failingAppends{store}})
	if m, err := full.Session("s").Withdraw(t.Context()); err == nil || m != nil {
		t.Errorf("though it was not stored: %v", m)
	}
}

// What Withdraw returns can be changed: the transcript has its own.
func TestR30_WithdrawReturnsACopy(t *testing.T) {
	var log strings.Builder
	agent := newAgent(t, providertest.NewScript(t, providertest.Say("1")), funcall.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	chat := agent.Session("s")
	if _, err := chat.Send(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	m, err := chat.Withdraw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.Parts[0] = provider.Text{Text: "changed"}
	tr, err := chat.Transcript(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := tr.Entries[0].Body.(*transcript.Input).Message.Text(); got != "one" {
		t.Errorf("the transcript says %q", got)
	}
	if ends := strings.Count(log.String(), "run ended"); ends != 1 || !strings.Contains(log.String(), "withdrawal") {
		t.Errorf("%d runs ended:\n%s", ends, log.String())
	}
}

// A turn can be taken back once the time for a decision on its call is over.
func TestR30_WithdrawAfterAnApprovalExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gift := tool("gift", echo, funcall.RequireApproval(func(context.Context, Item) (string, error) { return "a gift", nil }), funcall.ApprovalTimeout(time.Hour))
		chat := newAgent(t, providertest.NewScript(t, providertest.Call("gift", `{"id":"a"}`)), funcall.Config{Tools: []funcall.Tool{gift}}).Session("s")
		if _, err := chat.Send(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		if m, err := chat.Withdraw(t.Context()); err != nil || textOf(m) != "one" {
			t.Errorf("%v, %v", m, err)
		}
	})
}

// A store that fails for a moment behind an effect does not lose its result.
func TestR16_AStoreThatFailsBehindAnEffect(t *testing.T) {
	store := &failsAt{Store: new(transcript.Memory), append: 3, times: 2} // behind the input, and the output with the intent
	agent := newAgent(t, providertest.NewScript(t, providertest.Call("pay", `{"id":"a"}`)), funcall.Config{Store: store, Tools: []funcall.Tool{tool("pay", echo)}})
	res, err := agent.Session("s").Send(t.Context(), "pay")
	if err == nil || res.Outcome != transcript.OutcomeFailed {
		t.Fatalf("%s, %v", res.Outcome, err)
	}
	tr, err := agent.Session("s").Transcript(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k := transcript.Track(tr)
	if doubts := k.InDoubt(); len(doubts) > 0 || k.Resumable() != true {
		t.Errorf("in doubt: %v", doubts)
	}
	if got := saidIn(tr); !strings.Contains(got, "a++") {
		t.Errorf("the result is lost: %s", got)
	}
}

// failsAt is a store that fails some appends, from that one on.
type failsAt struct {
	transcript.Store
	append, times int
}

func (s *failsAt) Append(ctx context.Context, b transcript.Batch) error {
	if s.append--; s.append <= 0 && s.times > 0 {
		s.times--
		return errors.New("not now")
	}
	return s.Store.Append(ctx, b)
}

// saidIn is the conversation as the model would be sent it.
func saidIn(t transcript.Transcript) string { return saidTo(&provider.Request{Messages: t.Messages()}) }

// failingAppends is a store that takes nothing.
type failingAppends struct{ transcript.Store }

func (failingAppends) Append(context.Context, transcript.Batch) error {
	return errors.New("the disk is full")
}

func textOf(m *provider.Message) string {
	if m == nil {
		return ""
	}
	return m.Text()
}

func kindOf(err error) provider.ErrorKind {
	if e, ok := errors.AsType[*provider.Error](err); ok {
		return e.Kind
	}
	return ""
}
