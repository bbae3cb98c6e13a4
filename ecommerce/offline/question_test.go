package offline

import (
	"slices"
	"testing"
)

func TestQuestionsChangeTheirWords(t *testing.T) {
	talk := newChat(t, allTools...)
	var answers []string
	for _, say := range []string{"Return ORD-78342", "the earbuds", "because", "just because"} {
		_, answer := talk.say(say)
		answers = append(answers, answer)
	}
	again := questions[askReason].again
	if want := []string{askReason, askReason, again, again}; !slices.Equal(answers, want) {
		t.Errorf("got %q", answers)
	}
	if calls, _ := talk.say("other"); calls[len(calls)-1] != `process_return {"order_id":"ORD-78342","reason":"other","items_to_return":[0],"request_pickup":false}` {
		t.Errorf("got %v", calls)
	}
}

func TestEveryQuestionIsRecognized(t *testing.T) {
	for q, more := range questions {
		for _, answer := range []string{q, "A note.\n\n" + q, more.again, "A note. " + more.again} {
			if got := asking(answer); got != q {
				t.Errorf("%s: got %q, want %q", answer, got, q)
			}
		}
	}
}
