package golden

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// firstLine begins every golden file. A change that an older reader would misread raises the
// number.
const firstLine = "funcall golden 1"

// The parts of a file beside those of requests.
const (
	partPage    = "conversation.txt"
	partJournal = "journal.jsonl"
	partCalls   = "calls.jsonl"
)

// A file is a parsed golden file.
type file struct {
	name  string
	parts map[string]part
	*journal
	calls []*call
	// page and histories are derived from the journal: the conversation for people, and the
	// messages that a model is sent ahead of each entry and at the end.
	page      *page
	histories [][]*provider.Message
}

// formatFile returns the text of a golden file.
func formatFile(j *journal, calls []*call) (string, error) {
	parts := []part{{name: partPage, data: render(j.Transcript).String()}}
	var lines []string
	var last request
	for i, c := range calls {
		for k, text := range c.request {
			if text != last[k] {
				parts = append(parts, part{name: requestPart(i, k), data: text})
			}
		}
		last = c.request
		line, err := c.line()
		if err != nil {
			return "", fmt.Errorf("model call %d: %w", i+1, err)
		}
		lines = append(lines, line)
	}
	parts = append(parts, part{name: partJournal, data: strings.Join(j.lines, "\n")})
	if !slices.Equal(lines, plainCalls(j.Transcript)) {
		parts = append(parts, part{name: partCalls, data: strings.Join(lines, "\n")})
	}
	return formatArchive(firstLine, parts), nil
}

// requestPart names a part of the request of a call. The parts of the first call have plain
// names.
func requestPart(call, k int) string {
	if call == 0 {
		return requestParts[k]
	}
	return strconv.Itoa(call+1) + "/" + requestParts[k]
}

// readFile parses and cleans the text of a golden file.
func readFile(name, text string, c *cleaner) (*file, error) {
	f := &file{name: name, parts: make(map[string]part)}
	text = asWritten(text)
	comment, parts := parseArchive(text)
	if strings.TrimSpace(comment) != firstLine {
		return nil, f.errorf(1, "unknown format: the first line must be %q, followed by a part; if its number is higher, upgrade github.com/funcall/funcall", firstLine)
	}
	for i, line := range strings.Split(text, "\n") {
		if conflict.MatchString(line) {
			return nil, f.errorf(i+1, "merge conflict: keep one side, then run with %s=1", update)
		}
	}
	for _, p := range parts {
		f.parts[p.name] = p
	}
	if err := f.readJournal(c); err != nil {
		return nil, err
	}
	f.page, f.histories = render(f.Transcript), histories(f.Transcript)
	return f, f.readCalls(c)
}

// asWritten undoes what editors and git do to files: a byte order mark, line ends of Windows,
// blank lines at the end, a missing last line end.
func asWritten(text string) string {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\uFEFF"), "\r\n", "\n")
	return strings.TrimRight(text, "\n") + "\n"
}

// errorf returns an error about a line, counted from 1.
func (f *file) errorf(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", f.name, line, fmt.Sprintf(format, args...))
}

// readJournal reads the journal as [transcript.Decode] does, but names the lines
// of the file. A conversation that needs a newer version cannot be played back.
func (f *file) readJournal(c *cleaner) error {
	p, ok := f.parts[partJournal]
	if !ok {
		return f.errorf(1, "the file has no part %q", partJournal)
	}
	header, lines, _ := strings.Cut(p.data, "\n")
	t, err := transcript.Decode(strings.NewReader(header))
	if err != nil {
		return f.errorf(p.line, "%v", err)
	}
	k := transcript.Track(t)
	for line := range strings.Lines(lines) {
		var e transcript.Entry
		if err := e.UnmarshalJSON([]byte(line)); err != nil {
			return f.errorf(p.line+1+k.Len(), "invalid entry: %v", err)
		}
		if k.Add(e); k.Err() != nil {
			return f.errorf(p.line+k.Len(), "%v", k.Err())
		}
	}
	if f.journal, err = c.journal(k.Transcript()); err != nil {
		return f.errorf(p.line, "%v", err)
	}
	return nil
}

// readCalls reads the model calls and their requests.
func (f *file) readCalls(c *cleaner) error {
	p, listed := f.parts[partCalls]
	if !listed {
		p.data = strings.Join(plainCalls(f.Transcript), "\n")
	}
	var last request
	for line := range strings.Lines(p.data) {
		i := len(f.calls)
		k, err := readCall(line, f.Transcript, c)
		if err != nil {
			return f.errorf(p.line+i, "%v", err)
		}
		for n := range last {
			if asked, ok := f.parts[requestPart(i, n)]; ok {
				last[n] = asked.data
			}
		}
		k.request = c.request(last)
		f.calls = append(f.calls, k)
	}
	return nil
}

// differsFrom returns the first line of text that formatFile would write differently, or 0.
// The version in the journal may differ.
func (f *file) differsFrom(text string) int {
	now, err := formatFile(f.journal, f.calls)
	if err != nil {
		return 1
	}
	was := strings.Split(journalVersion.ReplaceAllString(asWritten(text), ""), "\n")
	is := strings.Split(journalVersion.ReplaceAllString(now, ""), "\n")
	if slices.Equal(was, is) {
		return 0
	}
	return 1 + firstDifference(was, is)
}

var journalVersion = regexp.MustCompile(`(?m)^\{"funcall_transcript":"[0-9.]+"`)

// requestLine returns the line on which the request of a call first differs from r.
func (f *file) requestLine(call int, r request) int {
	k := firstDifference(f.calls[call].request[:], r[:])
	for ; call >= 0; call-- {
		if p, ok := f.parts[requestPart(call, k)]; ok {
			return p.line + firstDifference(strings.Split(p.data, "\n"), strings.Split(r[k], "\n"))
		}
	}
	return f.parts[partPage].line // the file does not have it
}

// messageLine returns the line that shows the i-th message of a call.
func (f *file) messageLine(call, i int) int {
	c := f.calls[call]
	with := slices.IndexFunc(f.histories[:c.entry+1], func(h []*provider.Message) bool { return len(h) > i })
	if c.messages == nil && with > 0 {
		return f.entryLine(with - 1)
	}
	return f.callLine(call)
}

// entryLine returns the line of conversation.txt that shows an entry of the journal.
func (f *file) entryLine(entry int) int { return f.parts[partPage].line + f.page.at[entry] }

// callLine returns the line that shows a model call.
func (f *file) callLine(i int) int {
	if p, listed := f.parts[partCalls]; listed {
		return p.line + i
	}
	return f.entryLine(f.calls[i].entry)
}
