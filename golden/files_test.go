package golden_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A panicking test has not failed yet, and its last Check may lack the end of the
// conversation: nothing is written.
func TestAPanicWritesNothing(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	before := read(t, "TestX")
	d.status = "lost"
	t.Setenv("GOLDEN_UPDATE", "1")
	fake := &fakeT{TB: t, name: "TestX"}
	func() {
		defer func() { _ = recover() }()
		defer func() { // as package testing does
			for _, cleanup := range slices.Backward(fake.cleanups) {
				cleanup()
			}
		}()
		d.test()(fake)
		panic("in the test")
	}()
	if got := read(t, "TestX"); got != before {
		t.Errorf("the file was written:\n%s", got)
	}
}

// A concurrent reader, or a full disk, has the old file or the new one.
func TestAFileIsReplacedAsAWhole(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	before := read(t, "TestX")
	f, err := os.Open(path("TestX"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d.status = "lost"
	t.Setenv("GOLDEN_UPDATE", "1")
	try(t, "TestX", d.test()).passes(t)
	if old, err := io.ReadAll(f); err != nil || string(old) != before {
		t.Errorf("%v: the old file holds\n%s", err, old)
	}
	if files, _ := filepath.Glob("testdata/golden/*"); len(files) != 1 || !strings.Contains(read(t, "TestX"), "lost") {
		t.Errorf("files %q", files)
	}
}

// A model call after the last Check fails the test: no checked transcript has its response.
func TestCallAfterLastCheck(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	before := read(t, "TestX")
	t.Setenv("GOLDEN_RECORD", "1")
	model := providertest.NewScript(nil, providertest.Say("Hello."), providertest.Say("Bye."))
	try(t, "TestX", func(t testing.TB) {
		g := golden.New(t, golden.Live(model))
		d.converse(t, g)
		g.Check(d.results[0].Transcript)
		d.converse(t, g)
	}).fails(t, "after the last Check")
	if read(t, "TestX") != before {
		t.Error("the file was written")
	}
}

// Redact leaves schemas unchanged and Mask what it does not match: changes there are found.
func TestSchemasAndInstructionsAreCompared(t *testing.T) {
	inDir(t)
	converse := func(schema string, opts ...golden.Option) func(testing.TB) {
		return func(t testing.TB) {
			g := golden.New(t, opts...)
			look := funcall.NewRawTool("look_up", "Looks up.", json.RawMessage(schema), nothing, funcall.ReadOnly())
			agent, err := funcall.New(g, funcall.Config{Tools: []funcall.Tool{look}})
			if err != nil {
				t.Fatal(err)
			}
			res, _ := agent.Session("s").Send(t.Context(), "Hello")
			g.Check(res.Transcript)
		}
	}
	redact := golden.Redact("email")
	t.Setenv("GOLDEN_RECORD", "1")
	try(t, "TestSchema", converse(`{"type":"object","properties":{"email":{"type":"string"}}}`, redact,
		golden.Live(providertest.NewScript(nil, providertest.Say("Hello."))))).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	try(t, "TestSchema", converse(`{"type":"object","properties":{"email":{"type":"string"}}}`, redact)).passes(t)
	try(t, "TestSchema", converse(`{"type":"object","properties":{"email":{"type":"integer"}}}`, redact)).fails(t, "tool look_up")

	mask := golden.Mask(regexp.MustCompile(`[0-9a-f]{12}|\d+`), "<n>")
	d := newDesk()
	d.record(t, "TestMasked", usual(), mask)
	try(t, "TestMasked", d.test(mask)).passes(t)
	d.instructions = "Steal everything."
	try(t, "TestMasked", d.test(mask)).fails(t, "instructions")
}

// A file that is older than a Redact option holds the value, and fails.
func TestFileWithRedactedValue(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.record(t, "TestX", usual())
	redact := golden.Redact("email")
	try(t, "TestX", d.test(redact)).fails(t, "testdata/golden/TestX.txtar:24 ", "GOLDEN_UPDATE=1")
	t.Setenv("GOLDEN_UPDATE", "1")
	try(t, "TestX", d.test(redact)).passes(t)
	t.Setenv("GOLDEN_UPDATE", "")
	if strings.Contains(read(t, "TestX"), "sarah") {
		t.Error("it is still there")
	}
	try(t, "TestX", d.test(redact)).passes(t)
}

// A file may hold a value that became a key later; it fails.
func TestFileWithKey(t *testing.T) {
	for name, change := range map[string]func(*desk){
		"instructions":       func(d *desk) { d.instructions = "You know order-pass-99." },
		"tools":              func(d *desk) { d.description = "Knows order-pass-99." },
		"settings":           func(d *desk) { d.settings.Stop = []string{"order-pass-99"} },
		"what the user said": func(d *desk) { d.says[0] = "It is order-pass-99." },
		"what failed":        func(d *desk) { d.says = append(d.says, "And now?") },
	} {
		t.Run(name, func(t *testing.T) {
			inDir(t)
			d := newDesk()
			change(d)
			d.record(t, "TestX", providertest.NewScript(nil, providertest.Say("It was shipped."),
				providertest.Fail(&provider.Error{Kind: provider.KindOverloaded, Message: "order-pass-99", Code: "order-pass-99"})))
			t.Setenv("ORDER_PASS", "order-pass-99")
			try(t, "TestX", d.test()).fails(t, "holds a value that golden files leave out", "GOLDEN_UPDATE=1")
			t.Setenv("GOLDEN_UPDATE", "1")
			try(t, "TestX", d.test()).passes(t)
			t.Setenv("GOLDEN_UPDATE", "")
			try(t, "TestX", d.test()).passes(t)
			if file := read(t, "TestX"); strings.Contains(file, "order-pass") || !strings.Contains(file, "<key>") {
				t.Errorf("the file:\n%s", file)
			}
		})
	}
}

func TestInvalidMasks(t *testing.T) {
	inDir(t)
	for pattern, name := range map[string]string{`\d*`: "<n>", `X-\w+`: "X-ID"} {
		try(t, "TestX", func(t testing.TB) { golden.New(t, golden.Mask(regexp.MustCompile(pattern), name)) }).fails(t, "mask "+pattern)
	}
}

// If the context ends during the live model call, the recording fails: playback answers at
// once and could not repeat it.
func TestContextEndsDuringRecording(t *testing.T) {
	inDir(t)
	t.Setenv("GOLDEN_RECORD", "1")
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"canceled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Millisecond, cancel)
			return ctx, cancel
		},
		"timed out": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Millisecond)
		},
	} {
		synctest.Test(t, func(t *testing.T) { // time passes only while the model is silent
			try(t, "TestX", func(t testing.TB) {
				g := golden.New(t, golden.Live(providertest.NewScript(nil, providertest.Hang())))
				agent, err := funcall.New(g, funcall.Config{})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := end(t.Context())
				defer cancel()
				res, _ := agent.Session("s").Send(ctx, "Hello")
				g.Check(res.Transcript)
			}).fails(t, "testdata/golden/TestX.txtar is not written", "cannot be played back")
		})
		if _, err := os.Stat(path("TestX")); err == nil {
			t.Errorf("%s: the file was written", name)
		}
	}
}

// Added tools, removed tools and a changed order are named.
func TestAddedAndRemovedTools(t *testing.T) {
	inDir(t)
	converse := func(names ...string) func(testing.TB) {
		return func(t testing.TB) {
			g := golden.New(t, golden.Live(providertest.NewScript(nil, providertest.Say("Hello."))))
			var cfg funcall.Config
			for _, name := range names {
				cfg.Tools = append(cfg.Tools, funcall.NewRawTool(name, "Does it.", json.RawMessage(`{"type":"object"}`), nothing))
			}
			agent, err := funcall.New(g, cfg)
			if err != nil {
				t.Fatal(err)
			}
			res, _ := agent.Session("s").Send(t.Context(), "Hello")
			g.Check(res.Transcript)
		}
	}
	t.Setenv("GOLDEN_RECORD", "1")
	try(t, "TestX", converse("a", "b")).passes(t)
	t.Setenv("GOLDEN_RECORD", "")
	try(t, "TestX", converse("b", "a")).fails(t, "in the order of its tools.")
	try(t, "TestX", converse("a", "c")).fails(t, "in the new tool c, the removed tool b.")
}
