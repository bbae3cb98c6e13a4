// Package golden pins the behaviour of an agent in go test.
//
// A golden file is the transcript of a conversation as text: what the user
// said, what the model answered and called, what the tools returned, how it
// ended. A test plays the model's turns back from it, runs everything else for
// real, and compares:
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
//	GOLDEN_RECORD=1 go test -count=1 -run TestReturn    asks the live model, and writes testdata/golden/TestReturn.golden
//	go test                                             plays it back; no model, no network, no key
//	GOLDEN_UPDATE=1 go test                             accepts what has changed, without asking a model
//
// Only GOLDEN_RECORD reaches the model that [Live] names, and nothing else
// does: not a key in the environment, not a missing file. A file is written
// when its test is over, and only if the test did not fail and called
// [Recording.Check]. Review files as code: what a change to instructions, tools or
// this library does to the conversation is their diff.
//
// # What is compared
//
// Each request to the model is held against the history in the file before it
// is answered: instructions and tools (by digest), settings, and every message,
// so that a tool that answers otherwise is found at the first call of the model
// that would see it. [Recording.Check] compares the transcript with the whole file. Turns
// of the file that were never asked for fail the test, and so does asking for
// more.
//
// What no two runs agree on is masked when it is written and when it is
// compared: times (<time>), durations (<ms>), the random ids of sessions that
// Agent.Run makes (run-<id>), and the references of failed tools. Ids that the API
// gave to requests and responses are left out, and so are digests that follow
// from what is there. [Mask] adds to that. What the model said is never masked, as
// it is played back byte for byte.
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
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// The environment variables that say what is done with files.
const (
	envUpdate = "GOLDEN_UPDATE"
	envRecord = "GOLDEN_RECORD"
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

	nodes []*node // of the file, cleaned
	old   *conversation
	turns []int // the steps of old that are calls of the model
	// histories are the transcript's messages ahead of each of turns.
	histories [][]*provider.Message

	mu      sync.Mutex
	calls   []*call // that were made
	broken  bool    // a request was refused; what follows is a consequence
	checked *transcript.Transcript
	partial bool // what was checked last is the beginning of what the file holds
	length  int  // how many nodes of the file that is
	heard   int  // how many calls there were by then
}

// Model is what the model of [Live] is called, or else the one that answered
// first in the file: an agent with a limit of cost wants to know it.
func (r *Recording) Model() string {
	if named, ok := r.live.(provider.Named); ok {
		return named.Model()
	}
	for _, at := range r.turns {
		if resp := r.old.steps[at].call.response; resp != nil && resp.Model != "" {
			return resp.Model
		}
	}
	return ""
}

type mode int

const (
	playback mode = iota
	update
	record
)

// An Option changes how a [Recording] is made.
type Option func(*options)

type options struct {
	name   string
	live   provider.Provider
	fields []string
	masks  []mask
}

// Live names the model that is asked when GOLDEN_RECORD=1 is set, and never
// otherwise.
func Live(p provider.Provider) Option { return func(o *options) { o.live = p } }

// Name sets the name of the file below testdata/golden, without its extension,
// instead of the test's: for a test with several conversations. A slash makes a
// folder.
func Name(name string) Option { return func(o *options) { o.name = name } }

// Redact takes the values of JSON members with these names, whatever the case
// of their letters, out of everything: tool arguments, tool results,
// structured answers, also within texts that hold JSON. A text becomes
// "<redacted>", a number 0, anything else false, null, [] or {}.
//
// The agent is given the model's turns as they are kept, when it records as
// well as later. So a tool is called with redacted arguments: do not redact what
// the tool looks things up by.
func Redact(fields ...string) Option {
	return func(o *options) { o.fields = append(o.fields, fields...) }
}

// Mask writes name, such as "<date>", for whatever the pattern matches in
// instructions, user's turns and tool results: for values that change from run
// to run. The pattern must not match the name.
func Mask(pattern *regexp.Regexp, name string) Option {
	return func(o *options) { o.masks = append(o.masks, mask{pattern, name}) }
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
	for _, m := range o.masks {
		if m.pattern == nil {
			t.Fatalf("golden: the mask %q has no pattern", m.name)
		}
	}
	m, err := modeOf(os.Getenv(envUpdate), os.Getenv(envRecord))
	if err != nil {
		t.Fatal(err)
	}
	r := &Recording{
		t: t, mode: m, live: o.live, clean: newCleaner(o.fields, o.masks),
		file: filepath.ToSlash(filepath.Join("testdata", "golden", filepath.FromSlash(fileName(o.name))+".golden")),
	}
	for _, mask := range o.masks {
		if mask.pattern.MatchString("") || mask.pattern.MatchString(mask.name) {
			t.Fatalf("golden: the mask %s matches nothing at all, or its own name %s, so that it could be applied for ever", mask.pattern, mask.name)
		}
	}
	if m == record && o.live == nil {
		t.Fatalf("golden: %s=1 is set, and this test has no model to record: give golden.New the option golden.Live", envRecord)
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

func modeOf(updating, recording string) (mode, error) {
	on := func(name, value string) (bool, error) {
		if value == "" {
			return false, nil
		}
		v, err := strconv.ParseBool(value)
		if err != nil {
			return false, fmt.Errorf("golden: %s=%q is neither on nor off: set it to 1, or leave it out", name, value)
		}
		return v, nil
	}
	u, err1 := on(envUpdate, updating)
	r, err2 := on(envRecord, recording)
	switch {
	case err1 != nil || err2 != nil:
		return 0, errors.Join(err1, err2)
	case u && r:
		return 0, fmt.Errorf("golden: %s and %s are both set: the one keeps the model's turns, the other replaces them", envUpdate, envRecord)
	case u:
		return update, nil
	case r:
		return record, nil
	}
	return playback, nil
}

func (r *Recording) load() error {
	b, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("golden: there is no recording %s: make one with %s=1 and the option golden.Live", r.file, envRecord)
	}
	if err != nil {
		return fmt.Errorf("golden: %w", err)
	}
	nodes, err := parse(r.file, string(b))
	if err == nil {
		r.old, err = decode(r.file, nodes)
	}
	if err != nil {
		return fmt.Errorf("golden: %w\nMend the line, or make the file anew with %s=1.", err, envRecord)
	}
	before := render(nodes)
	r.nodes = r.clean.nodes(nodes)
	if after := render(r.nodes); r.mode == playback && before.String() != after.String() {
		return fmt.Errorf("golden: %s:%d holds what a key, Redact or Mask takes out: to have it written anew, run with %s=1", r.file, before.differsAt(after), envUpdate)
	}
	r.turns, r.histories = r.old.turns(), r.old.histories()
	return nil
}
