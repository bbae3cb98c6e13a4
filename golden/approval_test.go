package golden_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// Decisions and expired deadlines stay valid for other readers of transcripts, whatever the
// session ID and the time are.
func TestApprovals(t *testing.T) {
	inDir(t)
	cancel := funcall.NewTool("cancel", "Cancels an order.", func(context.Context, query) (string, error) { return "Canceled.", nil },
		funcall.RequireApproval(func(context.Context, query) (string, error) { return "it is an order", nil }), funcall.ApprovalTimeout(time.Hour))
	test := func(now time.Time, late time.Duration, opts ...golden.Option) func(testing.TB) {
		return func(t testing.TB) {
			g := golden.New(t, append(opts, golden.Redact("email"))...)
			agent, err := funcall.New(g, funcall.Config{
				Store: new(transcript.Memory), Tools: []funcall.Tool{cancel}, Now: func() time.Time { return now },
			})
			if err != nil {
				t.Fatal(err)
			}
			chat := agent.Session("s")
			for _, wait := range []time.Duration{time.Minute, late} {
				res, err := chat.Send(t.Context(), "Cancel A1.")
				if err != nil || len(res.Pending) != 1 {
					t.Fatalf("%v, pending: %v", err, res.Pending)
				}
				g.Check(res.Transcript)
				if now = now.Add(wait); wait == time.Minute {
					res, err = chat.Decide(t.Context(), funcall.Approve(res.Pending[0]))
				} else {
					res, err = chat.Resume(t.Context())
				}
				if err != nil {
					t.Fatal(err)
				}
				g.Check(res.Transcript)
			}
		}
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	t.Setenv("GOLDEN_RECORD", "1")
	call := providertest.Call("cancel", `{"order_id":"A1","email":"sarah@example.com"}`)
	try(t, "TestX", test(now, 2*time.Hour, golden.Live(providertest.NewScript(nil, call, providertest.Say("Done."), call, providertest.Say("Not done."))))).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	file := read(t, "TestX")
	for _, want := range []string{
		"needs approval:\n  it is an order\n", "cancel c1 is decided: approve\n", "cancel c2 is decided: expire\n", "cancel c2 returns denied:\n",
		`"ask_until":"2000-12-31T00:00:01Z"`, // of what was decided: a year later
		`"ask_until":"2000-01-01T00:00:09Z"`, // of what was not: when it passed
	} {
		if !strings.Contains(file, want) {
			t.Errorf("%s does not stand in\n%s", want, file)
		}
	}
	_, journal, _ := strings.Cut(file, "-- journal.jsonl --\n")
	tr, err := transcript.Decode(strings.NewReader(journal))
	if err == nil {
		err = transcript.Validate(tr)
	}
	if err != nil {
		t.Errorf("the journal: %v\n%s", err, file)
	}
	try(t, "TestX", test(now.Add(1000*time.Hour), 3*time.Hour)).passes(t)
	t.Setenv("GOLDEN_UPDATE", "1")
	try(t, "TestX", test(now.Add(1000*time.Hour), 3*time.Hour)).passes(t)
	if read(t, "TestX") != file {
		t.Errorf("an update without a change: the file was\n%s\nand is\n%s", file, read(t, "TestX"))
	}
}
