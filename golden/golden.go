// Package golden pins the behaviour of an agent in go test.
//
// A golden file holds one conversation: what the user said, what the model
// answered and called, what the tools returned, how it ended. A test plays the
// model's turns back from it, runs everything else for real, and compares:
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
//	GOLDEN_RECORD=1 go test -count=1 -run TestReturn    asks the live model, and writes testdata/golden/TestReturn.txtar
//	go test                                             plays it back; no model, no network, no key
//	GOLDEN_UPDATE=1 go test                             accepts what has changed, without asking a model
//
// Only GOLDEN_RECORD reaches the model that [Live] names, and nothing else
// does: not a key in the environment, not a missing file. A file is written
// when its test is over, and only if the test did not fail and called
// [Recording.Check]. Review files as code: what a change to instructions, tools or
// this library does to the conversation is their diff.
//
// # Files
//
// A file is a txtar archive, whose parts are:
//
//	conversation.txt    the conversation for people
//	instructions.txt    what the first request to the model holds: its instructions,
//	tools.json          its tools,
//	request.json        and its tool choice, output schema and settings, if there are any
//	3/tools.json        what differs in the third request from the one before; empty for none
//	journal.jsonl       the transcript, as transcript.Encode writes it
//	calls.jsonl         what the journal does not say of the calls of the model
//
// The journal is what is played back. conversation.txt is made from it: to edit it
// alone is a mistake that fails the test. calls.jsonl is there only if it is needed:
// for calls that failed, for responses that the agent did not store as they were,
// for what an API said of its own. Each of its lines is a call, and names the entry
// of the journal at which it was made, counted from 0.
//
// # What is compared
//
// Each request to the model is held against the file before it is answered:
// instructions, tools, settings, and every message, so that a tool that answers
// otherwise is found at the first call of the model that would see it.
// [Recording.Check] compares the transcript with the whole journal. Turns of the
// file that were never asked for fail the test, and so does asking for more.
//
// What no two runs agree on is masked when it is written and when it is compared.
// An entry's time is the first second of the year 2000 and as many seconds as there
// are entries ahead of it. Durations are left out, and so are the ids that an API
// gave to requests and responses, and the digests of tools. The deadline of an
// approval is a year away, or the time at which it passed. The random ids of
// sessions that Agent.Run makes become run-<id>, and the references of failed tools
// (reference <ref>). [Mask] adds to that. What the model said is never masked, as it
// is played back as it was; only bytes that are no UTF-8 become U+FFFD, for the
// agent, too.
//
// # Secrets
//
// No key reaches a file: values of environment variables whose names end in
// KEY, TOKEN, SECRET or PASSWORD (of 8 characters or more), texts that look
// like the keys of providers, and bearer tokens become <key>, wherever they
// stand. [Redact] takes out personal data that stands in JSON. What neither
// finds is personal data in free text: a name in what a customer says, an
// address in an answer. So record with invented customers.
//
// # Sessions
//
// One file holds one conversation: any number of Send and Resume.
// Use a session id that does not change, as idempotency keys are made of it.
// To watch a run (Stream) makes no difference: recorded turns are streamed
// word by word. Where a live model streamed half an answer before it failed,
// the failure is recorded without that half.
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

// A Recording is a [provider.Provider] that plays back the model's turns from
// a golden file, or records them. It is for one conversation and one test; it
// is safe for concurrent use.
type Recording struct {
	t     testing.TB
	file  string
	mode  mode
	live  provider.Provider
	clean *cleaner

	old *file // nil while a file is recorded

	mu      sync.Mutex
	calls   []*call // that were made
	broken  bool    // a request was refused; what follows is a consequence
	checked *transcript.Transcript
	length  int // how many entries of the file that was compared with
	heard   int // how many calls there were by then
}

// Model is what the model of [Live] is called, or else the one that answered
// first in the file: an agent with a limit of cost wants to know it.
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

// open are the files of tests that run, as two recordings in one file would
// overwrite each other.
var open sync.Map

// New returns the recording of the test's conversation. It fails the test at
// once where there is none and none is to be made.
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
			t.Fatalf("golden: the mask %q has no pattern", mask.name)
		}
		if mask.pattern.MatchString("") || mask.pattern.MatchString(mask.name) {
			t.Fatalf("golden: the mask %s matches nothing at all, or its own name %s, so that it could be applied for ever", mask.pattern, mask.name)
		}
	}
	if m == record && o.live == nil {
		t.Fatalf("golden: %s=1 is set, and this test has no model to record: give golden.New the option golden.Live", record)
	}
	if _, taken := open.LoadOrStore(r.file, true); taken {
		t.Fatalf("golden: %s is in use: give one of the recordings the option golden.Name", r.file)
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
		return fmt.Errorf("golden: there is no recording %s: make one with %s=1 and the option golden.Live", r.file, record)
	}
	if err != nil {
		return fmt.Errorf("golden: %w", err)
	}
	f, err := readFile(r.file, string(b), r.clean)
	if err != nil {
		return fmt.Errorf("golden: %w\nMend the line, or make the file anew with %s=1.", err, record)
	}
	if line := f.differsFrom(string(b)); line > 0 && r.mode == playback {
		return fmt.Errorf("golden: %s:%d was edited, or holds what a golden file does not keep (a key, a time, what Redact or Mask takes out): to have it written anew, run with %s=1", r.file, line, update)
	}
	r.old = f
	return nil
}
