package killtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/funcall/funcall/transcript"
)

// A verdict compares what a schedule left with what must hold.
type verdict struct {
	tr       transcript.Transcript
	schedule schedule
	backend  *backend

	calls    map[transcript.Ref]transcript.Call
	order    []transcript.Ref
	results  map[transcript.Ref]*transcript.Result
	approved map[transcript.Ref]bool
	intents  map[begun]time.Time
	voids    map[begun]bool
	outcomes []transcript.Outcome
	said     []string
}

// begun is one attempt at a call.
type begun struct {
	ref     transcript.Ref
	attempt int
}

func newVerdict(tr transcript.Transcript, s schedule, b *backend) *verdict {
	v := &verdict{
		tr: tr, schedule: s, backend: b, calls: map[transcript.Ref]transcript.Call{}, results: map[transcript.Ref]*transcript.Result{},
		approved: map[transcript.Ref]bool{}, intents: map[begun]time.Time{}, voids: map[begun]bool{},
	}
	for i, e := range tr.Entries {
		switch b := e.Body.(type) {
		case *transcript.Input:
			v.said = append(v.said, b.Message.Text())
			v.outcomes = append(v.outcomes, transcript.OutcomeOpen)
		case *transcript.Output:
			for j, c := range b.Calls {
				ref := transcript.Ref{Entry: i, Index: j}
				v.calls[ref], v.order = c, append(v.order, ref)
			}
		case *transcript.Intent:
			if at := (begun{b.Ref, b.Attempt}); b.Void {
				v.voids[at] = true
			} else {
				v.intents[at] = e.Time
			}
		case *transcript.Decision:
			v.approved[b.Ref] = b.Verdict == transcript.VerdictApprove
		case *transcript.Result:
			if v.results[b.Ref] == nil {
				v.results[b.Ref] = b
			}
		case *transcript.End:
			v.outcomes[len(v.outcomes)-1] = b.Outcome
		}
	}
	return v
}

// wrong returns what must hold and does not.
func (v *verdict) wrong() (list []string) {
	wrong := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if err := transcript.Validate(v.tr); err != nil {
		wrong("the transcript is not valid: %v", err)
	}
	// Nothing is lost.
	for i, q := range v.schedule.questions {
		switch {
		case i >= len(v.said) || v.said[i] != q.text:
			wrong("the messages are %q; %q is missing", v.said, q.text)
		case v.outcomes[i] != transcript.OutcomeDone:
			wrong("%q ended %s", q.text, v.outcomes[i])
		}
	}
	if len(v.said) > len(v.schedule.questions) {
		wrong("the messages are %q, more than there were", v.said)
	}
	for _, ref := range v.order {
		if v.results[ref] == nil {
			wrong("call %s has no result", ref)
		}
	}
	v.attempts(wrong)
	v.effects(wrong)
	return list
}

// attempts wants each attempt that reached the backend to have an intent of its own,
// within its time, that is not void.
func (v *verdict) attempts(wrong func(string, ...any)) {
	arrived := map[begun]int{}
	for _, r := range v.backend.arrived {
		at := begun{r.Ref, r.Attempt}
		intended, ok := v.intents[at]
		if arrived[at]++; arrived[at] > 1 {
			wrong("attempt %d at call %s was made %d times", r.Attempt, r.Ref, arrived[at])
		}
		if !ok {
			wrong("attempt %d at call %s has no intent", r.Attempt, r.Ref)
			continue
		}
		if age := r.Looked.Sub(intended); age < 0 || age >= horizon {
			wrong("attempt %d at call %s started though the clock said %v after its intent", r.Attempt, r.Ref, age)
		}
	}
	for _, r := range v.backend.done {
		if v.voids[begun{r.Ref, r.Attempt}] {
			wrong("attempt %d at call %s was done, and is void", r.Attempt, r.Ref)
		}
	}
}

// effects wants each effect to be what the transcript says of it, and to be done at most
// once per key and approval.
func (v *verdict) effects(wrong func(string, ...any)) {
	byKey, byRef, approvals := map[string]int{}, map[transcript.Ref]int{}, map[string]int{}
	kind, intents := map[string]string{}, map[string]int{}
	key := map[transcript.Ref]string{}
	for _, r := range v.backend.arrived {
		key[r.Ref], kind[r.Key] = r.Key, r.Kind
	}
	for _, r := range v.backend.done {
		byKey[r.Key]++
		byRef[r.Ref]++
	}
	for at := range v.intents {
		if !v.voids[at] {
			intents[key[at.ref]]++
		}
	}
	for ref, k := range key {
		if v.approved[ref] {
			approvals[k]++
		}
	}
	for k, n := range byKey {
		most := 1 + approvals[k]
		switch kind[k] {
		case honored:
			most = 1
		case unhonored: // once an attempt, under one key
			most = intents[k]
		}
		if n > most {
			wrong("%s was done %d times under the key %s; at most %d are allowed", kind[k], n, k, most)
		}
	}
	inDoubt := map[string]transcript.Ref{} // by tool and arguments
	for _, ref := range v.order {
		c, r := v.calls[ref], v.results[ref]
		if c.Class == transcript.ClassReadOnly || r == nil {
			continue
		}
		what := c.Tool + c.Args
		first, doubted := inDoubt[what]
		if doubted && c.Class == transcript.ClassEffect && byRef[ref] > 0 && !v.approved[ref] {
			wrong("call %s was made without an approval, though %s, which is the same, is in doubt", ref, first)
		}
		switch r.Status {
		case transcript.StatusOK:
			if k, arrived := key[ref]; byKey[k] == 0 && (arrived || !v.did(c)) {
				wrong("call %s is ok, and was not done", ref)
			}
			delete(inDoubt, what)
		case transcript.StatusInDoubt:
			if !doubted {
				inDoubt[what] = ref
			}
		default:
			if byRef[ref] > 0 {
				wrong("call %s is %s, and was done", ref, r.Status)
			}
		}
	}
}

// did reports whether the effect of the call was done, by whichever call.
func (v *verdict) did(c transcript.Call) bool {
	for _, d := range v.backend.done {
		if d.Kind == c.Tool && fmt.Sprintf(`{"id":%q}`, d.ID) == c.Args {
			return true
		}
	}
	return false
}

// String is what the transcript and the backend have.
func (v *verdict) String() string {
	var b strings.Builder
	for i, e := range v.tr.Entries {
		body, _ := e.MarshalJSON()
		fmt.Fprintf(&b, "%d %.300s\n", i, body)
	}
	for _, r := range v.backend.arrived {
		fmt.Fprintf(&b, "arrived: %+v\n", r)
	}
	for _, r := range v.backend.done {
		fmt.Fprintf(&b, "done: %s %s by worker %d\n", r.Kind, r.Key, r.Worker)
	}
	return b.String()
}
