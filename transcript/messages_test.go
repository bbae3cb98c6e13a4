package transcript_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// sent returns what the model is sent, in short: one line per message.
func sent(tr transcript.Transcript) []string { return inBrief(tr.Messages()) }

func inBrief(messages []*provider.Message) []string {
	var lines []string
	for _, m := range messages {
		line := string(m.Role) + ":"
		for _, p := range m.Parts {
			switch p := p.(type) {
			case provider.Text:
				line += fmt.Sprintf(" %q", p.Text)
			case provider.ToolCall:
				line += " " + p.ID
			case provider.ToolResult:
				line += fmt.Sprintf(" %s=%q", p.CallID, p.Text())
				if p.IsError {
					line += "!"
				}
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func TestR10_ResultsStandInTheOrderOfTheCalls(t *testing.T) {
	three := func() *transcript.Output { return asks(read("a"), effect("b"), read("c")) }
	for name, results := range map[string][]transcript.Body{
		"in order": {ok(at(1, 0)), intent(at(1, 1), 1), ok(at(1, 1)), ok(at(1, 2))},
		"reversed": {intent(at(1, 1), 1), ok(at(1, 2)), ok(at(1, 1)), ok(at(1, 0))},
		"mixed":    {ok(at(1, 2)), ok(at(1, 0)), intent(at(1, 1), 1), ok(at(1, 1))},
	} {
		tr := log(append([]transcript.Body{user("hi"), three()}, results...)...)
		want := []string{`user: "hi"`, `assistant: a b c`, `tool: a="did 1.0" b="did 1.1" c="did 1.2"`}
		if diff := cmp.Diff(want, sent(tr)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMessages(t *testing.T) {
	hi := user("hi")
	for _, c := range []struct {
		name string
		log  transcript.Transcript
		want string
	}{
		{"nothing", log(), ``},
		{"an input", log(hi), `user: "hi"`},
		{"a turn", log(hi, says("Hello."), ends(transcript.OutcomeDone)), `user: "hi" | assistant: "Hello."`},
		{"results wait for each other", log(hi, asks(read("a"), read("b")), ok(at(1, 1))), `user: "hi" | assistant: a b`},
		{"only what went well is no error", log(hi, asks(read("a"), refused("b"), read("c")), ok(at(1, 0)), result(at(1, 1), transcript.StatusRefused, "bad"), result(at(1, 2), transcript.StatusFailed, "no")),
			`user: "hi" | assistant: a b c | tool: a="did 1.0" b="bad"! c="no"!`},
		{"an empty turn is not sent", log(hi, cutShort(&transcript.Output{Message: provider.Assistant()}, provider.FinishFiltered), ends(transcript.OutcomeTruncated), user("And?")),
			`user: "hi" | user: "And?"`},
		{"words that no model said", log(hi, asks(read("a")), result(at(1, 0), transcript.StatusSkipped, "no"), &transcript.End{Outcome: transcript.OutcomeLimit, ClosingText: "Sorry."}, user("And?")),
			`user: "hi" | assistant: a | tool: a="no"! | assistant: "Sorry." | user: "And?"`},
		{"words with calls open stand behind the answers", log(hi, asks(read("a")), &transcript.End{Outcome: transcript.OutcomeFailed, ClosingText: "Sorry."}, result(at(1, 0), transcript.StatusInterrupted, "?"), user("And?")),
			`user: "hi" | assistant: a | tool: a="?"! | assistant: "Sorry." | user: "And?"`},
		{"words twice", log(hi, asks(read("a")), &transcript.End{Outcome: transcript.OutcomeFailed, ClosingText: "Sorry."}, &transcript.Resume{}, &transcript.End{Outcome: transcript.OutcomeFailed, ClosingText: "Again."}, result(at(1, 0), transcript.StatusInterrupted, "?")),
			`user: "hi" | assistant: a | tool: a="?"! | assistant: "Sorry." | assistant: "Again."`},
		{"a run that was taken up", log(hi, asks(read("a")), ends(transcript.OutcomeFailed), &transcript.Resume{}, ok(at(1, 0)), says("There."), ends(transcript.OutcomeDone)),
			`user: "hi" | assistant: a | tool: a="did 1.0" | assistant: "There."`},
		{"operators' errors are kept from it", log(hi, asks(read("a")), &transcript.Result{Ref: at(1, 0), Status: transcript.StatusFailed, ErrorText: "secret", Content: []provider.Part{provider.Text{Text: "It failed."}}}),
			`user: "hi" | assistant: a | tool: a="It failed."!`},
		{"bodies of a newer version", log(hi, &transcript.Unknown{Type: "x"}, says("Hello.")), `user: "hi" | assistant: "Hello."`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := transcript.Validate(c.log); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(sent(c.log), " | "); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			followed := transcript.Track(transcript.Transcript{ID: c.log.ID})
			for _, e := range c.log.Entries {
				followed.Add(e)
				followed.Messages()
			}
			if diff := cmp.Diff(c.log.Messages(), followed.Messages(), same); diff != "" {
				t.Errorf("who looked at each step sees something else (-anew +followed):\n%s", diff)
			}
		})
	}
}

// Earlier messages, results included, are the same pointers each time, also after a Tracker
// has read the entries again, so that providers can cache their encoding.
func TestMessagesAreShared(t *testing.T) {
	tr := journey()
	tr.Entries = tr.Entries[:25] // to the end of the first run
	first := tr.Messages()
	for i, m := range tr.Messages() {
		if m != first[i] {
			t.Errorf("message %d (%s) is a different pointer", i, m.Role)
		}
	}
	// Another transcript with the same output has its own results.
	fork := then(transcript.Transcript{ID: "s", Entries: tr.Entries[:19]}, result(at(18, 0), transcript.StatusFailed, "no"), ok(at(18, 1)))
	if got, want := sent(fork)[4], `tool: g="no"! h="did 18.1"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
