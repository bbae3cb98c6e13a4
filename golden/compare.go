package golden

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// compare compares model call n with the file before it is answered.
func (r *Recording) compare(n int, now *call) error {
	was := r.old.calls[n]
	sent := was.messages
	if sent == nil {
		sent = r.old.histories[was.entry]
	}
	recorded, got := messageTexts(sent), messageTexts(now.messages)
	if was.request == now.request && slices.Equal(recorded, got) {
		return nil
	}
	i := firstDifference(recorded, got)
	where, line := fmt.Sprintf("message %d", i+1), r.old.messageLine(n, i)
	if was.request != now.request {
		where, line = was.request.differsFrom(now.request), r.old.requestLine(n, now.request)
	}
	return fmt.Errorf("golden: request %d to the model differs from %s:%d in %s.\n"+
		"To accept the change, run with %s=1; to ask the model again, with %s=1.\n(-recorded +now):\n%s",
		n+1, r.file, line, where, update, record,
		diff(was.request.String()+renderMessages(sent).String(), now.request.String()+renderMessages(now.messages).String(), recorded, got))
}

// firstDifference returns the first index at which a and b differ, or len(a).
func firstDifference(a, b []string) int {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return len(a)
}

// diff compares two texts for people. If they are equal, it compares the JSON lines that they
// were made from.
func diff(recorded, now string, recordedJSON, nowJSON []string) string {
	if recorded == now {
		recorded, now = indented(recordedJSON), indented(nowJSON)
	}
	whole := cmp.Comparer(func(a, b string) bool { return a == b }) // stops go-cmp from comparing within lines
	return cmp.Diff(strings.Split(recorded, "\n"), strings.Split(now, "\n"), whole)
}

func indented(lines []string) string {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(indentJSON(line) + "\n")
	}
	return b.String()
}
