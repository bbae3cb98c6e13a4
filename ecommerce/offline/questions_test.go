package offline_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/transcript"
)

// The outcomes of a question in testdata/questions.txt.
const (
	useful  = "useful"  // it is answered
	asks    = "asks"    // the rules ask back, or how to ask
	person  = "person"  // no tool does it: the customer is sent to the staff
	talk    = "talk"    // about nothing in the shop
	unknown = "unknown" // "I do not understand"
)

// A question is one message of a conversation in testdata/questions.txt.
type question struct {
	says    string
	calls   []string
	outcome string
	phrase  string // in the answer; behind "= " it is the whole answer
}

// A dialog is a conversation in testdata/questions.txt: the message of a speaker
//
//	sarah> Where is ORD-78342?
//
// followed by the indented calls and the outcome, and by further messages that begin with ">".
type dialog struct {
	who       string
	questions []question
}

func readDialogs(t *testing.T) []dialog {
	t.Helper()
	f, err := os.Open("testdata/questions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []dialog
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		detail, indented := strings.CutPrefix(line, "    ")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		if !indented {
			who, says, found := strings.Cut(line, "> ")
			if !found {
				t.Fatalf("no speaker in %q", line)
			}
			if who != "" {
				list = append(list, dialog{who: who})
			}
			d := &list[len(list)-1]
			d.questions = append(d.questions, question{says: says})
			continue
		}
		d := list[len(list)-1]
		q := &d.questions[len(d.questions)-1]
		if outcome, phrase, found := strings.Cut(detail, ": "); found && !strings.Contains(outcome, " ") {
			q.outcome, q.phrase = outcome, phrase
		} else {
			q.calls = append(q.calls, detail)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

var speakers = map[string]funcall.RunOption{
	"sarah": ecommerce.Customer("CUST-9821"), "james": ecommerce.Customer("CUST-8765"), "maria": ecommerce.Customer("CUST-7310"),
	"visitor": ecommerce.Visitor(), "staff": ecommerce.Operator(),
}

// TestQuestions plays the conversations of testdata/questions.txt with the reference shop. Every
// call has exactly these arguments, and every answer has the phrase.
func TestQuestions(t *testing.T) {
	outcomes := make(map[string]int)
	all := 0
	for i, d := range readDialogs(t) {
		for _, q := range d.questions {
			outcomes[q.outcome]++
			all++
		}
		t.Run(fmt.Sprintf("%d %s", i, d.questions[0].says), func(t *testing.T) {
			t.Parallel()
			play(t, d)
		})
	}
	if all < 150 || outcomes[unknown]*10 > all {
		t.Errorf("%d questions, of which %d are not understood: want 150 or more, at most a tenth not understood", all, outcomes[unknown])
	}
	t.Logf("%d questions: %v", all, outcomes)
}

func play(t *testing.T, d dialog) {
	as, ok := speakers[d.who]
	if !ok {
		t.Fatalf("unknown speaker %q", d.who)
	}
	shop := ecommerce.NewMock(ecommerce.Latency(0))
	agent, err := funcall.New(offline.New(offline.Pace(0)), funcall.Config{
		Instructions: ecommerce.Policy,
		RunOptions:   ecommerce.RunOptions(shop, ecommerce.ReferenceTime),
		Tools:        ecommerce.Tools(shop),
	})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("ticket-1", as)
	seen := 0
	for _, q := range d.questions {
		res, err := chat.Send(t.Context(), q.says)
		if err != nil {
			t.Fatal(err)
		}
		var calls []string
		for _, e := range res.Transcript.Entries[seen:] {
			if out, ok := e.Body.(*transcript.Output); ok {
				for _, c := range out.Message.ToolCalls() {
					calls = append(calls, c.Name+" "+c.Args)
				}
			}
		}
		seen = len(res.Transcript.Entries)
		if diff := cmp.Diff(q.calls, calls); diff != "" || !says(res.Text(), q.phrase) {
			t.Errorf("%s\ncalls (-want +got):\n%s\nwant %s: %s\n got %s", q.says, diff, q.outcome, q.phrase, res.Text())
		}
		if got := outcomeOf(res.Text(), len(calls)); got != q.outcome {
			t.Errorf("%s\nthe outcome is %s, not %q:\n%s", q.says, got, q.outcome, res.Text())
		}
	}
}

// says reports whether an answer has the phrase, or is what stands behind "= ".
func says(answer, phrase string) bool {
	if whole, exact := strings.CutPrefix(phrase, "= "); exact {
		return answer == whole
	}
	return strings.Contains(answer, phrase)
}

// outcomeOf returns the outcome that an answer shows.
func outcomeOf(answer string, calls int) string {
	talks := []string{"Hello", "I am a set of offline rules", "I can look up", "You are welcome", "Goodbye", "I am sorry that I was", "All right", "I am glad", "I understand English", "Take your time"}
	starts := func(s string) bool { return strings.HasPrefix(answer, s) }
	switch last := answer[strings.LastIndex(answer, "\n")+1:]; {
	case strings.Contains(answer, "I do not understand"):
		return unknown
	case calls == 0 && anyOf(talks, starts):
		return talk
	case strings.Contains(last, "?") || strings.Contains(last, "Its number looks like") || strings.Contains(last, "I need its SKU") || strings.Contains(answer, "ask for it plainly"):
		return asks
	case calls == 0 && strings.Contains(answer, "Please contact our staff"):
		return person
	}
	return useful
}

func anyOf(list []string, is func(string) bool) bool {
	for _, s := range list {
		if is(s) {
			return true
		}
	}
	return false
}
