package transcript_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/testkit/effort"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A world plays whole conversations against Next. Its dice decide for the model, the tools,
// the people, the clock and the crashes. After each step the guarantees of this package must
// hold; see check_test.go.
type world struct {
	t    *testing.T
	dice []byte
	k    *transcript.Tracker
	now  time.Time
	ids  int

	limits transcript.Limits
	models int                       // calls of the model in this run
	begun  map[transcript.Ref]int    // attempts
	open   map[transcript.Ref]bool   // begun, neither answered nor void
	edits  map[transcript.Ref]string // arguments as a person edited them
}

func FuzzNext(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("a model, some tools, a person and a few crashes"))
	f.Fuzz(func(t *testing.T, dice []byte) { play(t, dice[:min(len(dice), 400)]) })
}

// A short run of FuzzNext.
func TestR04_RandomConversations(t *testing.T) {
	plays := effort.Rounds(100)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range plays {
		dice := make([]byte, 20+rnd.IntN(200))
		for j := range dice {
			dice[j] = byte(rnd.Uint32())
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) { play(t, dice) })
	}
}

// play runs until the dice are used up and nothing is left to do.
func play(t *testing.T, dice []byte) {
	w := &world{
		t: t, dice: dice, now: noon, k: transcript.Track(transcript.Transcript{ID: "s"}),
		begun: map[transcript.Ref]int{}, open: map[transcript.Ref]bool{}, edits: map[transcript.Ref]string{},
	}
	// Each action uses dice or brings the run closer to its limits.
	for range len(dice) + 200 {
		act := w.k.Next()
		checkAction(t, w.k.Transcript(), act)
		w.append(act.Before...)
		switch act.Kind {
		case transcript.ActionModel:
			w.model(act)
		case transcript.ActionTools:
			w.tools(act.Calls)
		case transcript.ActionReconcile:
			w.reconcile(act.Calls)
		case transcript.ActionWait:
			w.people(act.Calls)
		case transcript.ActionNone:
			if len(w.dice) == 0 {
				w.checkEnd()
				return
			}
			w.rest()
		}
	}
	w.fatalf("the run goes on and on")
}

// roll returns a number below n; 0 once the dice are used up.
func (w *world) roll(n int) int {
	if len(w.dice) == 0 {
		return 0
	}
	b := w.dice[0]
	w.dice = w.dice[1:]
	return int(b) % n
}

// append writes entries in one append, after some time, and runs check after each of them.
func (w *world) append(bodies ...transcript.Body) {
	steps := []time.Duration{0, time.Millisecond, time.Second, 10 * time.Second, -time.Minute, time.Hour}
	for _, b := range bodies {
		w.now = w.now.Add(steps[w.roll(len(steps))])
		sign(w.k.Transcript(), b)
		w.k.Add(transcript.Entry{Time: w.now, Body: b})
		switch b := b.(type) {
		case *transcript.Intent:
			w.open[b.Ref] = !b.Void
			if !b.Void {
				w.begun[b.Ref] = b.Attempt
			}
		case *transcript.Result:
			delete(w.open, b.Ref)
		}
		w.check()
	}
}

// rest continues a conversation whose run has ended.
func (w *world) rest() {
	if w.k.Resumable() && w.roll(2) == 0 {
		w.append(&transcript.Resume{})
		return
	}
	w.append(w.k.Repair()...)
	if again := w.k.Repair(); len(again) > 0 {
		w.fatalf("repaired, and in need of repair: %v", again)
	}
	if pending := w.k.Pending(); len(pending) > 0 && w.roll(3) > 0 { // or the conversation goes on
		w.decide(pending[w.roll(len(pending))].Ref)
		if w.k.Resumable() {
			w.append(&transcript.Resume{})
		}
		return
	}
	if w.roll(4) == 1 {
		w.takeBack()
	}
	w.limits = transcript.Limits{
		Steps: w.roll(4), Calls: w.roll(6), Refusals: w.roll(3),
		Tokens: int64(w.roll(2)) * 300, ActiveTime: time.Duration(w.roll(2)) * time.Minute,
	}
	w.models = 0
	w.append(limited("hi", w.limits))
}

// takeBack withdraws the last turn that is not withdrawn.
func (w *world) takeBack() {
	bodies, message := w.k.Withdraw()
	if w.append(bodies...); message == nil {
		return
	}
	from := bodies[len(bodies)-1].(*transcript.Withdrawal).From
	for _, e := range w.k.Transcript().Entries[from:] {
		in, ok := e.Body.(*transcript.Input)
		if ok && slices.Contains(w.k.Messages(), in.Message) {
			w.fatalf("a message that was withdrawn is sent")
		}
	}
}

func (w *world) model(act transcript.Action) {
	w.checkModel(act)
	w.models++
	if pending := w.k.Pending(); len(pending) > 0 && w.roll(3) == 1 { // of an earlier turn, meanwhile
		w.decide(pending[w.roll(len(pending))].Ref)
	}
	words := "Sorry."
	switch w.roll(14) {
	case 12: // refused for what it was told, or failed otherwise
		kinds := []provider.ErrorKind{provider.KindFiltered, provider.KindContextTooLong, provider.KindInvalidMedia, provider.KindOverloaded}
		w.append(attempted(kinds[w.roll(4)]), ends(transcript.OutcomeFailed))
	case 13: // once more
		w.append(attempted(provider.KindOverloaded))
	case 0: // a stubborn model, which a limit has to stop
		w.output(act, asks(w.id(read)))
	case 1:
		w.output(act, says("There you are."))
	case 2:
		w.output(act, &transcript.Output{Message: provider.Assistant(), Finish: provider.FinishStop})
	case 3:
		finish := []provider.FinishReason{provider.FinishLength, provider.FinishFiltered, ""}
		w.output(act, cutShort(asks(w.call(), w.call()), finish[w.roll(3)]))
	case 4: // killed
		w.append(&transcript.Resume{})
	case 5:
		w.append(ends(transcript.OutcomeFailed))
	case 6:
		w.append(ends(transcript.OutcomeCanceled))
	case 7:
		w.append(&transcript.End{Outcome: transcript.OutcomeLimit, Reason: transcript.LimitActiveTime, ClosingText: words})
	case 8:
		w.append(&transcript.End{Outcome: transcript.OutcomeHandedOff, Reason: "no model", ClosingText: words})
	default:
		calls := []transcript.Call{w.call()}
		for range w.roll(5) {
			calls = append(calls, w.call())
		}
		w.output(act, asksSaying([]string{"", "Let me see."}[w.roll(2)], calls...))
		if w.roll(12) == 1 { // left right after it, with or without a word
			w.append(&transcript.End{Outcome: transcript.OutcomeCanceled, ClosingText: []string{"", words}[w.roll(2)]})
		}
	}
}

func (w *world) output(act transcript.Action, o *transcript.Output) {
	o.ToolsOff = act.ToolsOff
	w.append(costs(o, int64(w.roll(100)), int64(w.roll(20))))
}

func (w *world) id(f func(string) transcript.Call) transcript.Call {
	w.ids++
	return f(fmt.Sprint(w.ids))
}

// call returns a call with a random verdict.
func (w *world) call() transcript.Call {
	kinds := []func(string) transcript.Call{read, read, idem, effect, refused, func(id string) transcript.Call { return call(id, "") }}
	c := w.id(kinds[w.roll(len(kinds))])
	if c.Refusal == "" && w.roll(3) == 1 { // what may have been done already
		c.Tool, c.Args = "tool_again", `{"of":"the same"}`
	}
	if w.roll(3) == 1 {
		c = asking(c)
	}
	if w.roll(8) == 1 {
		c = ending(c, []transcript.Outcome{transcript.OutcomeDone, transcript.OutcomeHandedOff}[w.roll(2)])
	}
	return c
}

func (w *world) tools(calls []transcript.Work) {
	w.checkTools(calls)
	reads := calls[0].Call.Class == transcript.ClassReadOnly
	switch w.roll(6) {
	case 1: // killed
		w.append(&transcript.Resume{})
	case 2: // left, with what was known by then
		for _, c := range calls {
			switch {
			case w.roll(2) == 0:
			case reads:
				w.append(ok(c.Ref))
			case w.roll(2) == 0:
				w.append(void(c.Ref, c.Attempt))
			default:
				w.append(result(c.Ref, transcript.StatusInDoubt, "?"))
			}
		}
		w.append(ends(transcript.OutcomeCanceled))
	case 3: // one says that all is lost
		for _, c := range calls {
			w.append(result(c.Ref, transcript.StatusFailed, "no"))
		}
		w.append(ends(transcript.OutcomeFailed))
	default:
		for _, c := range calls {
			status := []transcript.Status{transcript.StatusOK, transcript.StatusOK, transcript.StatusFailed, transcript.StatusRefused, transcript.StatusInDoubt}[w.roll(5)]
			if status == transcript.StatusInDoubt && reads {
				status = transcript.StatusFailed
			}
			w.append(result(c.Ref, status, "that"))
		}
	}
}

func (w *world) reconcile(calls []transcript.Work) {
	w.checkReconcile(calls)
	c := calls[0]
	switch w.roll(6) {
	case 0:
		w.append(ok(c.Ref))
	case 1:
		w.append(result(c.Ref, transcript.StatusFailed, "no"))
	case 2:
		w.append(result(c.Ref, transcript.StatusInDoubt, "?"))
	case 3:
		w.append(void(c.Ref, c.Attempt-1))
	case 4:
		w.append(&transcript.Resume{})
	case 5:
		w.append(ends(transcript.OutcomeCanceled))
	}
}

func (w *world) people(calls []transcript.Work) {
	w.checkWait(calls)
	switch w.roll(8) {
	case 1:
		w.append(ends(transcript.OutcomeCanceled))
	case 2:
		w.append(&transcript.Resume{})
	case 3:
		w.decide(calls[w.roll(len(calls))].Ref)
		w.append(ends(transcript.OutcomeCanceled))
	default:
		w.decide(calls[w.roll(len(calls))].Ref)
	}
}

func (w *world) decide(ref transcript.Ref) {
	verdicts := []transcript.Verdict{transcript.VerdictApprove, transcript.VerdictApprove, transcript.VerdictDeny, transcript.VerdictRespond}
	d := decide(ref, verdicts[w.roll(len(verdicts))])
	if d.Verdict == transcript.VerdictApprove && w.roll(2) == 1 {
		d.Args = `{"of":"something else"}`
		w.edits[ref] = d.Args
	}
	w.append(d)
}

func (w *world) lastOutput() int {
	entries := w.k.Transcript().Entries
	for i := range slices.Backward(entries) {
		if _, ok := entries[i].Body.(*transcript.Output); ok {
			return i
		}
	}
	w.fatalf("there is no output")
	return 0
}

func (w *world) lastCalls() []transcript.Call {
	return w.k.Transcript().Entries[w.lastOutput()].Body.(*transcript.Output).Calls
}

func (w *world) unanswered(ref transcript.Ref) bool {
	return !slices.ContainsFunc(w.k.Transcript().Entries, func(e transcript.Entry) bool {
		r, ok := e.Body.(*transcript.Result)
		return ok && r.Ref == ref
	})
}

// fatalf fails the test and shows the transcript.
func (w *world) fatalf(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), encoded(w.t, w.k.Transcript()))
}
