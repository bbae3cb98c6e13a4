package golden_test

import (
	"context"
	"encoding/json"
	"fmt"
	"github.com/funcall/funcall/transcript"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider"
)

// A fakeT is a test within a test. It may fail.
type fakeT struct {
	testing.TB
	name string

	mu       sync.Mutex
	failures []string
	logs     []string
	cleanups []func()
}

// try runs f as a test with that name, cleanups included.
func try(t *testing.T, name string, f func(t testing.TB)) *fakeT {
	t.Helper()
	fake := &fakeT{TB: t, name: name}
	done := make(chan struct{})
	go func() { // Fatal leaves the goroutine
		defer close(done)
		f(fake)
	}()
	<-done
	for _, cleanup := range slices.Backward(fake.cleanups) {
		cleanup()
	}
	return fake
}

func (f *fakeT) Helper()           {}
func (f *fakeT) Name() string      { return f.name }
func (f *fakeT) Skipped() bool     { return false }
func (f *fakeT) Cleanup(fn func()) { f.cleanups = append(f.cleanups, fn) }

func (f *fakeT) Error(args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failures = append(f.failures, fmt.Sprint(args...))
}

func (f *fakeT) Errorf(format string, args ...any) { f.Error(fmt.Sprintf(format, args...)) }

func (f *fakeT) Logf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}

func (f *fakeT) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.failures) > 0
}

func (f *fakeT) Fatal(args ...any) {
	f.Error(args...)
	runtime.Goexit()
}

func (f *fakeT) Fatalf(format string, args ...any) {
	f.Error(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// passes fails t if the fake test failed.
func (f *fakeT) passes(t *testing.T) {
	t.Helper()
	if f.Failed() {
		t.Fatalf("it failed:\n%s", strings.Join(f.failures, "\n---\n"))
	}
}

// fails fails t unless the fake test has one failure, with all of these texts.
func (f *fakeT) fails(t *testing.T, words ...string) {
	t.Helper()
	if len(f.failures) != 1 {
		t.Fatalf("%d failures, not one:\n%s", len(f.failures), strings.Join(f.failures, "\n---\n"))
	}
	// go-cmp varies the spaces of its diffs.
	text := strings.ReplaceAll(f.failures[0], "\u00a0", " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("the failure does not say %q:\n%s", w, text)
		}
	}
}

// A desk is an agent with two tools, and the parameters of its tests.
type desk struct {
	instructions string
	description  string // of the tool that looks up
	status       string // what the tool says of an order
	says         []string
	session      string // none: Run
	watched      bool
	noCheck      bool
	checkEach    bool
	settings     provider.Settings
	limits       transcript.Limits
	prices       provider.Prices
	results      []*funcall.Result
	errs         []error
}

func newDesk() *desk {
	return &desk{
		instructions: "You know orders.", description: "Looks up an order.", status: "shipped",
		says: []string{"Where is A1?"}, session: "s",
	}
}

type query struct {
	OrderID string `json:"order_id"`
	Email   string `json:"email,omitempty"`
	Full    bool   `json:"full,omitempty" jsonschema:"default=true"`
}

type found struct {
	Order  query  `json:"order"`
	Status string `json:"status"`
	Email  string `json:"email"`
	Phone  int    `json:"phone"`
}

// converse runs the conversation with g as its model.
func (d *desk) converse(t testing.TB, g provider.Provider) {
	d.results, d.errs = nil, nil
	look := funcall.NewTool("look_up", d.description, func(_ context.Context, q query) (found, error) {
		return found{q, d.status, "sarah@example.com", 5550123}, nil
	}, funcall.ReadOnly())
	cancel := funcall.NewTool("cancel", "Cancels an order.", func(_ context.Context, q query) (string, error) {
		return "Canceled.\nA letter follows. ", nil
	})
	agent, err := funcall.New(g, funcall.Config{
		Instructions: d.instructions, Tools: []funcall.Tool{look, cancel}, Settings: d.settings, Limits: d.limits, Prices: d.prices,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range d.says {
		res, err := d.send(t.Context(), agent, text)
		d.results, d.errs = append(d.results, res), append(d.errs, err)
		if r, ok := g.(*golden.Recording); ok && d.checkEach {
			r.Check(res.Transcript)
		}
	}
}

func (d *desk) send(ctx context.Context, agent *funcall.Agent, text string) (res *funcall.Result, err error) {
	if !d.watched {
		if d.session == "" {
			return agent.Run(ctx, text)
		}
		return agent.Session(d.session, funcall.Subject("CUST-1")).Send(ctx, text)
	}
	for ev, failed := range agent.Session(d.session, funcall.Subject("CUST-1")).Stream(ctx, text) {
		res, err = ev.Result, failed
	}
	return res, err
}

// test returns the conversation as a test that uses package golden.
func (d *desk) test(opts ...golden.Option) func(testing.TB) {
	return func(t testing.TB) {
		g := golden.New(t, opts...)
		d.converse(t, g)
		if !d.noCheck {
			g.Check(d.results[len(d.results)-1].Transcript)
		}
	}
}

// record records the conversation as the test with that name.
func (d *desk) record(t *testing.T, name string, live provider.Provider, opts ...golden.Option) {
	t.Helper()
	t.Setenv("GOLDEN_RECORD", "1")
	try(t, name, d.test(append(opts, golden.Live(live))...)).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
}

func path(name string) string { return filepath.Join("testdata", "golden", name+".txtar") }

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path(name)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path(name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit replaces one piece of a file.
func edit(t *testing.T, name, old, with string) {
	t.Helper()
	text := read(t, name)
	if !strings.Contains(text, old) {
		t.Fatalf("%q does not stand in\n%s", old, text)
	}
	write(t, name, strings.Replace(text, old, with, 1))
}

// nothing is a handler that does nothing.
func nothing(context.Context, json.RawMessage) (any, error) { return "", nil }
