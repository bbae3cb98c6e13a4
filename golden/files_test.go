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

// While a panic passes, the test has not failed yet; what it checked last is
// not the conversation.
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

// Whoever reads the file while it is written, or whose disk is full, has the
// old one or the new one.
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

// The model must not be asked behind the last Check: what it says then is in no
// transcript that was given.
func TestACallBehindTheLastCheck(t *testing.T) {
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

// Redact leaves schemas alone, and Mask leaves what it does not match: a change of
// that is found.
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

// A file that was made before something was to be taken out still holds it.
func TestAFileThatHoldsWhatIsRedacted(t *testing.T) {
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

// What is a key now may have been none when a file was made.
func TestAFileThatHoldsAKey(t *testing.T) {
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
			try(t, "TestX", d.test()).fails(t, "holds what a golden file does not keep", "GOLDEN_UPDATE=1")
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

func TestMasksThatCannotBe(t *testing.T) {
	inDir(t)
	for pattern, name := range map[string]string{`\d*`: "<n>", `X-\w+`: "X-ID"} {
		try(t, "TestX", func(t testing.TB) { golden.New(t, golden.Mask(regexp.MustCompile(pattern), name)) }).fails(t, "the mask "+pattern)
	}
}

// A recorded model answers at once, so that a context which ends while the live
// one is asked cannot be played back: that is said when it is recorded.
func TestAContextThatEndsCannotBeRecorded(t *testing.T) {
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

// A tool that comes or goes, and the order of tools, are named.
func TestToolsThatComeAndGo(t *testing.T) {
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
	try(t, "TestX", converse("b", "a")).fails(t, "it differs in the order of its tools.")
	try(t, "TestX", converse("a", "c")).fails(t, "it differs in the new tool c, the tool b, which is gone.")
}
