package main

import (
	"path/filepath"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A model that refunds a projector at once needs a person.
func TestLargeRefund(t *testing.T) {
	model := providertest.NewScript(t,
		providertest.Call("refund", `{"order_id":"A-1002","cents":32900}`),
		providertest.Say("It is paid.").Expect(providertest.HasResult("refund", "32900")))
	paid := payments(filepath.Join(t.TempDir(), "payments.jsonl"))
	agent, err := newAgent(model, new(transcript.Memory), paid)
	if err != nil {
		t.Fatal(err)
	}
	ticket := agent.Session("t-1", funcall.Subject("sarah"))
	res, err := ticket.Send(t.Context(), "My projector is broken!")
	if err != nil || len(res.Pending) != 1 {
		t.Fatalf("%v, pending: %v", err, res.Pending)
	}
	if _, cents, err := paid.read("", "A-1002"); err != nil || cents != 0 {
		t.Fatalf("%v, paid before the decision: %d cents", err, cents)
	}
	if _, err := ticket.Decide(t.Context(), funcall.Approve(res.Pending[0], funcall.By("anna"))); err != nil {
		t.Fatal(err)
	}
	if _, cents, err := paid.read("", "A-1002"); err != nil || cents != 32900 {
		t.Errorf("%v, paid after the decision: %d cents", err, cents)
	}
}

// The conversation is that of testdata/golden.
func TestConversation(t *testing.T) {
	g := golden.New(t, golden.Live(rules{}))
	agent, err := newAgent(g, new(transcript.Memory), payments(filepath.Join(t.TempDir(), "payments.jsonl")))
	if err != nil {
		t.Fatal(err)
	}
	ticket := agent.Session("t-1", funcall.Subject("sarah"))
	for _, text := range []string{"Where is my A-1001?", "It leaks. Please refund 20 dollars."} {
		res, err := ticket.Send(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		g.Check(res.Transcript)
	}
}
