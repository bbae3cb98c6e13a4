// Package golden compares an agent's conversations with golden files in go test.
//
// A golden file holds one conversation: the user's messages, the model's answers and tool
// calls, the tools' results, the outcome. A test plays the model's turns back from the file,
// runs everything else for real, and compares:
//
//	func TestReturn(t *testing.T) {
//		g := golden.New(t, golden.Live(openai.New("gpt-5-mini", openai.APIKey(os.Getenv("OPENAI_API_KEY")))))
//		agent, err := funcall.New(g, funcall.Config{Instructions: policy, Tools: tools})
//		if err != nil {
//			t.Fatal(err)
//		}
//		res, err := agent.Session("ticket-1").Send(t.Context(), "Please return it.")
//		if err != nil {
//			t.Fatal(err)
//		}
//		g.Check(res.Transcript)
//	}
//
// # Making files
//
//	GOLDEN_RECORD=1 go test -count=1 -run TestReturn    asks the live model and writes testdata/golden/TestReturn.txtar
//	go test                                             plays the file back: no model, no network, no key
//	GOLDEN_UPDATE=1 go test                             accepts changes without asking a model
//
// The model that [Live] names is asked only if GOLDEN_RECORD is set. A key in the environment
// or a missing file does not cause it. A file is written at the end of its test, if the test
// called [Recording.Check] and did not fail. Review files as code: their diff shows what a
// change to instructions, tools or this library does to the conversation.
//
// # Files
//
// A file is a txtar archive with these parts:
//
//	conversation.txt    the conversation for people
//	instructions.txt    the instructions of the first request to the model
//	tools.json          its tools
//	request.json        its tool choice, output schema and settings, if it has any
//	3/tools.json        the tools of the third request, if they changed; empty if it has none
//	journal.jsonl       the transcript, as transcript.Encode writes it
//	calls.jsonl         details of the model calls that the journal lacks
//
// The journal is played back. conversation.txt is made from it: an edit of conversation.txt
// alone fails the test. calls.jsonl exists only if it is needed: for failed calls, for
// responses that the agent changed before it stored them, for costs that an API reported. Each
// of its lines is a call and names the entry of the journal at which it was made, counted
// from 0.
//
// # What is compared
//
// Each request to the model is compared with the file before it is answered: instructions,
// tools, settings and every message. So a tool that answers differently fails the test at the
// next model call. [Recording.Check] compares the transcript with the whole journal. If the
// agent asks for fewer turns than the file has, or for more, the test fails.
//
// Values that change from run to run are masked when a file is written and when it is
// compared:
//
//   - An entry's time is the first second of the year 2000 plus a second for each entry ahead.
//   - Durations, the API's request and response IDs, and the digests of tools are left out.
//   - The deadline of an approval is a year away, or the time at which it expired.
//   - The random session IDs of Agent.Run become run-<id>, and the references of failed tools
//     (reference <ref>).
//   - [Mask] adds to that.
//
// What the model wrote is never masked, because it is played back unchanged. Only invalid UTF-8
// becomes U+FFFD, for the agent, too.
//
// # Secrets
//
// No key reaches a file. These become <key> wherever they stand: values of environment
// variables whose names end in KEY, TOKEN, SECRET or PASSWORD (of 8 bytes or more), texts
// that look like the keys of providers, and bearer tokens. [Redact] removes personal data from
// JSON. Personal data in free text stays, such as a name in a customer's message or an address
// in an answer. So record with invented customers.
//
// # Sessions
//
// A file holds one conversation: any number of Send and Resume. Use a constant session ID:
// idempotency keys are made of it. Stream is compared as Send is, and recorded turns are
// streamed word by word. If a live model failed after it had streamed part of an answer, the
// failure is recorded without that part.
package golden

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Recording is a [provider.Provider] that plays back the model's turns from a golden file,
// or records them. A Recording is for one conversation in one test. It is safe for concurrent
// use.
type Recording struct {
	t     testing.TB
	file  string
	mode  mode
	live  provider.Provider
	clean *cleaner

	old *file // nil while a file is recorded

	mu             sync.Mutex
	calls          []*call // the model calls so far
	broken         bool    // the test failed at a request or a Check; later failures follow from that
	checked        *transcript.Transcript
	entriesChecked int // number of the file's entries that the last Check compared
	callsChecked   int // number of model calls at the last Check
}

// Model returns the name of the live model; see [Live]. Without one, it returns the model of
// the first response in the file, or "". An agent with a limit of cost needs it.
func (r *Recording) Model() string {
	if named, ok := r.live.(provider.Named); ok {
		return named.Model()
	}
	if r.old != nil {
		for _, c := range r.old.calls {
			if c.response != nil && c.response.Model != "" {
				return c.response.Model
			}
		}
	}
	return ""
}

// open holds the files of running tests: two recordings of one file would overwrite each
// other.
var open sync.Map

// New returns the recording of the test's conversation. If the file does not exist and
// GOLDEN_RECORD is not set, New fails the test at once.
func New(t testing.TB, opts ...Option) *Recording {
	t.Helper()
	o := options{name: t.Name()}
	for _, opt := range opts {
		opt(&o)
	}
	m, err := modeOf()
	if err != nil {
		t.Fatal(err)
	}
	r := &Recording{
		t: t, mode: m, live: o.live, clean: newCleaner(o.fields, o.masks),
		file: filepath.ToSlash(filepath.Join("testdata", "golden", filepath.FromSlash(fileName(o.name))+".txtar")),
	}
	for _, mask := range o.masks {
		if mask.pattern == nil {
			t.Fatalf("golden: mask %q has no pattern", mask.name)
		}
		if mask.pattern.MatchString("") || mask.pattern.MatchString(mask.name) {
			t.Fatalf("golden: mask %s matches the empty text or its own name %s: use a pattern that matches neither", mask.pattern, mask.name)
		}
	}
	if m == record && o.live == nil {
		t.Fatalf("golden: %s=1 is set, and the test has no model to record: pass golden.Live to golden.New", record)
	}
	if _, taken := open.LoadOrStore(r.file, true); taken {
		t.Fatalf("golden: another recording uses %s: pass golden.Name to one of them", r.file)
	}
	t.Cleanup(r.finish)
	if m == record {
		return r
	}
	if err := r.load(); err != nil {
		r.broken = true
		t.Fatal(err)
	}
	return r
}

func (r *Recording) load() error {
	b, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("golden: recording %s does not exist: make it with %s=1 and the option golden.Live", r.file, record)
	}
	if err != nil {
		return fmt.Errorf("golden: %w", err)
	}
	f, err := readFile(r.file, string(b), r.clean)
	if err != nil {
		return fmt.Errorf("golden: %w\nCorrect the line, or record the file again with %s=1.", err, record)
	}
	if line := f.differsFrom(string(b)); line > 0 && r.mode == playback {
		return fmt.Errorf("golden: %s:%d was edited, or holds a value that golden files leave out (a key, a time, a redacted or masked value): rewrite the file with %s=1", r.file, line, update)
	}
	r.old = f
	return nil
}
