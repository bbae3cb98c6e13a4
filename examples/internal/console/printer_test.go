package console

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// env returns an environment of pairs of names and values.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestColor(t *testing.T) {
	for _, c := range []struct {
		terminal bool
		env      []string
		want     bool
	}{
		{false, nil, false},
		{true, nil, true},
		{true, []string{"NO_COLOR", "1"}, false},
		{true, []string{"NO_COLOR", "0"}, false}, // any value
		{true, []string{"NO_COLOR", ""}, true},
		{true, []string{"TERM", "dumb"}, false},
		{true, []string{"TERM", "xterm"}, true},
		{false, []string{"CLICOLOR_FORCE", "1"}, true},
		{false, []string{"CLICOLOR_FORCE", "0"}, false},
		{false, []string{"CLICOLOR_FORCE", "1", "TERM", "dumb"}, true},
		{true, []string{"CLICOLOR_FORCE", "1", "NO_COLOR", "1"}, false},
		{true, []string{"CLICOLOR", "0"}, false},
		{true, []string{"CLICOLOR", "1"}, true},
		{false, []string{"CLICOLOR", "1"}, false},
		{true, []string{"CLICOLOR", "0", "CLICOLOR_FORCE", "1"}, true},
	} {
		if got := wantsColor(c.terminal, env(c.env...)); got != c.want {
			t.Errorf("terminal %v, %v: color %v", c.terminal, c.env, got)
		}
	}
	var out strings.Builder
	p := newPrinter(&out, env("CLICOLOR_FORCE", "1", "COLUMNS", "12"))
	p.block("Agent: ", green, "one two three", plain)
	if want := "\x1b[32mAgent: \x1b[0mone\n  two three\n"; out.String() != want {
		t.Errorf("got %q, want %q: escapes take no columns", out.String(), want)
	}
}

// An answer without a label has no escapes.
func TestAnswerWithoutALabel(t *testing.T) {
	var out strings.Builder
	p := newAnswerPrinter(&out, env("CLICOLOR_FORCE", "1", "COLUMNS", "10"))
	p.text("It is on its way.")
	p.endText()
	if want := "It is on its way.\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestCallsAreColored(t *testing.T) {
	var out strings.Builder
	newPrinter(&out, env("CLICOLOR_FORCE", "1")).calls(calls{{Tool: "pay", Args: `{"sum":5}`, Status: transcript.StatusFailed, Text: "no money"}})
	want := "<33>     0 ms  <0>pay <2>{\"sum\":<0> <2>5}<0> -> <31>failed:<0> <31>no<0> <31>money<0>\n"
	if got := regexp.MustCompile("\x1b\\[([0-9]+)m").ReplaceAllString(out.String(), "<$1>"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestColumns(t *testing.T) {
	for given, want := range map[string]int{"": defaultColumns, "40": 40, "0": defaultColumns, "-3": defaultColumns, "many": defaultColumns} {
		if got := newPrinter(new(strings.Builder), env("COLUMNS", given)).columns(); got != want {
			t.Errorf("COLUMNS=%q: %d columns", given, got)
		}
	}
	for text, want := range map[string]int{"abc": 3, "é": 1, "e\u0301": 1, "日本語": 6, "ＡＢ": 4, "한국": 4, "👍": 2, "ｶﾅ": 2, "€…": 2} {
		if got := textColumns(text); got != want {
			t.Errorf("%q: %d columns, want %d", text, got, want)
		}
	}
}

// What is printed at once and what is streamed in pieces is wrapped in the same way.
func TestWrap(t *testing.T) {
	for _, c := range []struct {
		columns, text string
		want          []string
	}{
		{"92", "It is on its way.", []string{"Agent:    It is on its way."}},
		{"30", "It is on its way, and it arrives soon.", []string{"Agent:    It is on its way,", "          and it arrives soon."}},
		{"30", "https://example.com/a/long/address is it", []string{"Agent:    https://example.com/a/long/address", "          is it"}},
		{"30", "它正在路上，明天到达您的地址。", []string{"Agent:    它正在路上，明天到达", "          您的地址。"}},
		{"30", "It has 日本語 in it", []string{"Agent:    It has 日本語 in it"}},
		{"16", "It is on its way.", []string{"Agent:    It is", "  on its way."}},
		{"5", "It is on its way.", []string{"Agent:    ", " It", " is", " on", " its", " way."}},
		{"1", "It is", []string{"Agent:    ", "It", "is"}},
	} {
		var whole, streamed strings.Builder
		p := newPrinter(&whole, env("COLUMNS", c.columns))
		p.block(answerLabel, plain, c.text, plain)
		p = newPrinter(&streamed, env("COLUMNS", c.columns))
		for _, r := range " \n" + c.text + "\n" {
			p.text(string(r))
		}
		p.endText()
		want := strings.Join(c.want, "\n") + "\n"
		if whole.String() != want || streamed.String() != want {
			t.Errorf("%s columns: got\n%s\nstreamed\n%s\nwant\n%s", c.columns, whole.String(), streamed.String(), want)
		}
	}
}

func TestStreamedParagraphs(t *testing.T) {
	var out strings.Builder
	p := newPrinter(&out, noEnv)
	for _, piece := range []string{"\n\nThere", " are two:\n- a\n", "- b\n\nWhich", " one?\n\n"} {
		p.text(piece)
	}
	p.endText()
	if want := "Agent:    There are two:\n          - a\n          - b\n\n          Which one?\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// logOf returns the log of a tool's calls.
func logOf(statuses ...transcript.Status) *executionLog {
	l := newExecutionLog(func() time.Time { return time.Time{} })
	for _, status := range statuses {
		l.add(calls{{Tool: "pay", Status: status, Text: `{"success":true}`}})
	}
	return l
}

// In-doubt calls may have been done, so they do not count as failed. Denied calls do not, either.
func TestTheLogCountsOutcomes(t *testing.T) {
	l := logOf(transcript.StatusOK, transcript.StatusInDoubt, transcript.StatusFailed, transcript.StatusRefused, transcript.StatusDenied, transcript.StatusDenied)
	for columns, want := range map[string]string{
		"92": "tool calls ok said no failed denied in doubt fastest average slowest pay 6 1 0 2 2 1 0 ms 0 ms 0 ms",
		"30": "pay 6 calls: 1 ok, 2 failed, 2 denied, 1 in doubt; 0 ms on average, 0 ms to 0 ms",
	} {
		var out strings.Builder
		l.print(newPrinter(&out, env("COLUMNS", columns)))
		if got := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if n := textColumns(strings.TrimSuffix(line, "\n")); columns == "30" && n > 30 || n > 92 {
				t.Errorf("%s columns: a line has %d: %s", columns, n, line)
			}
		}
	}
	var out strings.Builder
	logOf(transcript.StatusOK).print(newPrinter(&out, noEnv))
	if strings.Contains(out.String(), "in doubt") || strings.Contains(out.String(), "denied") {
		t.Errorf("outcomes without a call have a column:\n%s", out.String())
	}
}

// A call's line says that it is in doubt, and not what the model is told to do about it.
func TestInDoubtCallIsShown(t *testing.T) {
	var out strings.Builder
	newPrinter(&out, noEnv).calls(calls{{Tool: "pay", Args: "{}", Status: transcript.StatusInDoubt, Text: "Do not call it again."}})
	if got := out.String(); !strings.Contains(got, "-> in doubt: it is not known whether this was done\n") || strings.Contains(got, "again") {
		t.Errorf("%q", got)
	}
}

func TestTheLogHasTheCost(t *testing.T) {
	for want, costs := range map[string][]transcript.Cost{
		"Cost: $0.75, by the list prices":                              {{Amount: provider.Dollar / 2}, {Amount: provider.Dollar / 4}},
		"Cost: at least $0.50 (3 of unknown cost), by the list prices": {{Amount: provider.Dollar / 2, UnknownCalls: 1}, {UnknownCalls: 2}},
		"none reported. Total:":                                        {{UnknownCalls: 1}},
	} {
		l := newExecutionLog(func() time.Time { return time.Time{} })
		for _, cost := range costs {
			l.ran(&funcall.Result{Outcome: transcript.OutcomeDone, Cost: cost})
		}
		var out strings.Builder
		l.print(newPrinter(&out, noEnv))
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
