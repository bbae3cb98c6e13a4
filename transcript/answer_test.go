package transcript_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// wanting returns an input that asks for a structured output.
func wanting() *transcript.Input {
	in := user("Which queue?")
	in.OutputSchema = &provider.OutputSchema{Name: "tool_x", Schema: []byte(`{"type":"object"}`)}
	return in
}

// answering returns c as the structured output of the run.
func answering(c transcript.Call) transcript.Call {
	c.IsOutput, c.EndsWith, c.Args = true, transcript.OutcomeDone, `{"queue":"stock"}`
	return c
}

func taken(out *transcript.Output) *transcript.Output {
	out.StructuredText = out.Message.Text()
	return out
}

func refusedText(out *transcript.Output, why string) *transcript.Output {
	out.Refusal = why
	return out
}

func TestR01_StructuredOutput(t *testing.T) {
	hi := wanting()
	no := func() *transcript.Output { return refusedText(says("Stock, I think."), "no JSON") }
	run(t, []scenario{
		{"the schema is in the action", log(hi), "model"},
		{"an accepted text", log(hi, taken(says(`{}`))), "done; rest"},
		{"a refused text", log(hi, no()), "model"},
		{"a text refused up to the limit", log(hi, no(), no(), no()), "model, tools off"},
		{"a text refused at the closing call", log(hi, no(), no(), no(), toolsOff(no())), "limit: refusals; rest"},
		{"a text accepted at the closing call", log(hi, no(), no(), no(), toolsOff(taken(says("{}")))), "done; rest"},
		{"a truncated text", log(hi, cutShort(says(`{"queue":`), provider.FinishLength)), "cut: length; rest"},
		{"a call", log(hi, asks(answering(read("x")))), `1.0 ok; done: called tool_x ({"queue":"stock"}); rest`},
		{"a call that was answered", log(hi, asks(answering(read("x"))), result(at(1, 0), transcript.StatusOK, "{}")), "done: called tool_x ({}); rest"},
		{"a call that is refused", log(hi, asks(answering(refused("x")))), "1.0 refused; model"},
		{"a call beside another", log(hi, asks(effect("a"), answering(read("x")))),
			`1.0 skipped; 1.1 ok; done: called tool_x ({"queue":"stock"}); rest`},
		{"a call without tools", log(hi, toolsOff(asks(answering(read("x"))))), `1.0 ok; done: called tool_x ({"queue":"stock"}); rest`},
		{"a truncated call", log(hi, cutShort(asks(answering(read("x"))), provider.FinishLength)),
			"1.0 skipped; cut: length; rest"},
	})
	if act := transcript.Next(log(hi)); act.OutputSchema != hi.OutputSchema {
		t.Errorf("the model is asked for %v", act.OutputSchema)
	}
}

// The refusal of a text is sent as a user message, since there is no call to answer, and only
// if a model call follows in the run.
func TestMessagesAfterARefusedOutput(t *testing.T) {
	no := refusedText(says("Stock, I think."), "no JSON")
	told := log(wanting(), no)
	if d := cmp.Diff([]*provider.Message{provider.User("Which queue?"), no.Message, provider.User("no JSON")}, told.Messages(), same); d != "" {
		t.Error(d)
	}
	if a, b := told.Messages(), told.Messages(); a[2] != b[2] {
		t.Error("the message is made again, and would be encoded again")
	}
	closed := refusedText(toolsOff(says("Stock.")), "no JSON")
	if n := len(log(wanting(), closed, ends(transcript.OutcomeLimit)).Messages()); n != 2 {
		t.Errorf("%d messages", n)
	}
}

func TestR04_ValidateRefusesOutputs(t *testing.T) {
	hi := user("hi")
	both := taken(refusedText(says("{}"), "no"))
	for want, l := range map[string]transcript.Transcript{
		"structured output in a run without an output schema":                   log(hi, taken(says("{}"))),
		"entry 1 (output): structured output in a run without an output schema": log(hi, refusedText(says("x"), "no")),
		"output has both an accepted and a refused structured output":           log(wanting(), both),
		"output with tool calls has a refused structured output":                log(wanting(), refusedText(asks(read("a")), "no")),
		"entry 1 (output): call 0 cannot be the structured output of the run":   log(hi, asks(answering(read("x")))),
		"call 0 cannot be the structured output of the run":                     log(wanting(), asks(answering(read("another")))),
		"the call is the structured output; its status is \"failed\"":           log(wanting(), asks(answering(read("x"))), result(at(1, 0), transcript.StatusFailed, "no")),
		"entry 2 (output): the run already has its answer":                      log(wanting(), taken(says("{}")), says("x")),
		"the response was truncated or tools were off, so":                      log(wanting(), cutShort(asks(answering(read("x"))), provider.FinishLength), ok(at(1, 0))),
	} {
		checkRefused(t, l, want)
	}
	if err := transcript.Validate(log(wanting(), refusedText(says("x"), "no"), toolsOff(asks(answering(read("x")))), ok(at(2, 0)), ends(transcript.OutcomeDone))); err != nil {
		t.Error(err)
	}
}
