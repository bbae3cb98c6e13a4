package rules_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/testkit/leaktest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// newAgent makes an agent, and holds every transcript that its store is given
// against transcript.Validate.
func newAgent(t *testing.T, p provider.Provider, cfg funcall.Config) *funcall.Agent {
	t.Helper()
	if cfg.Store == nil {
		cfg.Store = new(transcript.Memory)
	}
	if l, ok := cfg.Store.(transcript.Leaser); ok {
		cfg.Store = leasedStore{validStore{cfg.Store, t}, l}
	} else {
		cfg.Store = validStore{cfg.Store, t}
	}
	a, err := funcall.New(p, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// validStore fails the test at the append after which a transcript could not
// have happened: what it lets through is what a crash could leave.
type validStore struct {
	transcript.Store
	t *testing.T
}

// leasedStore is a validStore that is a Leaser, too.
type leasedStore struct {
	validStore
	transcript.Leaser
}

func (s validStore) Append(ctx context.Context, b transcript.Batch) error {
	if err := s.Store.Append(ctx, b); err != nil {
		return err
	}
	tr, err := s.Load(ctx, b.Session)
	if err == nil {
		err = transcript.Validate(tr)
	}
	if err != nil {
		s.t.Errorf("after an append: %v", err)
	}
	return nil
}

func check(t *testing.T, res *funcall.Result) {
	t.Helper()
	if err := transcript.Validate(res.Transcript); err != nil {
		t.Error(err)
	}
}

type Item struct {
	ID string `json:"id" jsonschema:"enum=a,enum=b"`
	N  int    `json:"n,omitempty" jsonschema:"minimum=1,maximum=5,default=2"`
}

// tool makes a tool over Item that runs fn.
func tool(name string, fn func(context.Context, Item) (string, error), opts ...funcall.ToolOption) funcall.Tool {
	return funcall.NewTool(name, "Does what the test says.", fn, opts...)
}

func echo(_ context.Context, i Item) (string, error) {
	return i.ID + strings.Repeat("+", i.N), nil
}

// The ways in which nine libraries were seen to fail: each of these ended the
// run, ran the tool on bad input, crashed the process or never ended, in at
// least one of them.
func TestTheElevenScenarios(t *testing.T) {
	ran := func(ctx context.Context, i Item) (string, error) { return echo(ctx, i) }
	for _, c := range []struct {
		name string
		args string
		call string
		fn   func(context.Context, Item) (string, error)
		want transcript.Status
		told string // what the model reads
	}{
		{name: "enum and range violated", args: `{"id":"c","n":9}`, want: transcript.StatusRefused, told: `must be one of "a", "b"`},
		{name: "required field missing", args: `{"n":1}`, want: transcript.StatusRefused, told: `missing required property "id"`},
		{name: "unknown extra field", args: `{"id":"a","m":1}`, want: transcript.StatusRefused, told: `unknown property "m"`},
		{name: "wrong type", args: `{"id":"a","n":"two"}`, want: transcript.StatusRefused, told: `must be an integer`},
		{name: "truncated arguments", args: `{"id":"a","n`, want: transcript.StatusRefused, told: `ends too early`},
		{name: "empty arguments", args: ``, want: transcript.StatusRefused, told: `missing required property "id"`},
		{name: "unknown tool", call: "looks", args: `{}`, want: transcript.StatusRefused, told: `did you mean "look"`},
		{name: "tool returns an error", args: `{"id":"a"}`, want: transcript.StatusFailed, told: `The tool failed (reference `,
			fn: func(context.Context, Item) (string, error) { return "", errors.New("db at 10.0.0.7 is down") }},
		{name: "tool panics", args: `{"id":"a"}`, want: transcript.StatusFailed, told: `The tool failed (reference `,
			fn: func(context.Context, Item) (string, error) { panic("nil map") }},
		{name: "defaults are filled in", args: `{"id":"a"}`, want: transcript.StatusOK, told: "a++"},
	} {
		t.Run(c.name, func(t *testing.T) {
			count := 0
			fn := c.fn
			if fn == nil {
				fn = ran
			}
			name := c.call
			if name == "" {
				name = "look"
			}
			has := providertest.HasError
			if c.want == transcript.StatusOK {
				has = providertest.HasResult
			}
			model := providertest.NewScript(t,
				providertest.Call(name, c.args),
				providertest.Say("done").Expect(has(name, c.told)))
			agent := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{
				tool("look", func(ctx context.Context, i Item) (string, error) { count++; return fn(ctx, i) }, funcall.ReadOnly()),
			}})
			res, err := agent.Run(t.Context(), "go")
			if err != nil || res.Outcome != transcript.OutcomeDone || res.Text() != "done" {
				t.Fatalf("%s, %q, %v", res.Outcome, res.Text(), err)
			}
			check(t, res)
			if got := res.Calls[0].Status; got != c.want {
				t.Errorf("the call is %s, want %s", got, c.want)
			}
			if refused := c.want == transcript.StatusRefused; refused != (count == 0) {
				t.Errorf("the tool ran %d times", count)
			}
			if text := res.Calls[0].Text(); strings.Contains(text, "10.0.0.7") || strings.Contains(text, "nil map") || strings.Contains(text, "goroutine") {
				t.Errorf("the model reads internal details: %s", text)
			}
		})
	}
	// The two that take several calls stand with their rules: the order of
	// slow and fast calls (R10), and a model that never stops (R21).
}

func TestNewReportsEveryMistake(t *testing.T) {
	type Bad struct {
		C chan int `json:"c"`
	}
	_, err := funcall.New(nil, funcall.Config{
		MaxParallel: -1,
		Limits:      transcript.Limits{Steps: -3},
		Tools: []funcall.Tool{
			{},
			tool("look", echo), tool("look", echo), tool("Look", echo),
			tool(" no spaces", echo),
			tool("slow", echo, funcall.Timeout(-1), funcall.MaxResultBytes(0), funcall.EndsRun("whenever"), funcall.Wrap(nil), nil),
			funcall.NewTool("bad", "Has a channel.", func(context.Context, Bad) (string, error) { return "", nil }),
			funcall.NewTool("undescribed", " ", echo),
			funcall.NewTool[Item, string]("nothing", "Has no function.", nil),
			funcall.NewRawTool("raw", "Is no object.", []byte(`{"type":"string"}`), nil),
		},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"the provider is nil", "Config.MaxParallel is negative", "Limits.Steps is negative (-3)", "tool 0 is the zero Tool",
		`tool "Look": its name differs from that of tool "look" only by case`, `tool "look" is listed twice`, `tool " no spaces": some API refuses the name`, `tool "slow": Timeout(-1ns) must be positive`,
		`tool "slow": MaxResultBytes(0) must be positive`, `tool "slow": EndsRun("whenever")`, `tool "slow": Wrap(nil)`,
		`tool "slow": an option is nil`, `tool "bad": `, `tool "undescribed": the description is empty`,
		`tool "nothing": its function is nil`, `tool "raw": `, `tool "raw": its handler is nil`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the error:\n%v", want, err)
		}
	}
}

func TestRunRefusesEmptyAndOddInput(t *testing.T) {
	agent := newAgent(t, providertest.NewScript(t), funcall.Config{})
	for name, run := range map[string]func() (*funcall.Result, error){
		"empty": func() (*funcall.Result, error) { return agent.Run(t.Context(), " ") },
		"part": func() (*funcall.Result, error) {
			return agent.Run(t.Context(), "x", funcall.Attach(provider.ToolCall{}))
		},
		"limits": func() (*funcall.Result, error) {
			return agent.Run(t.Context(), "x", funcall.WithLimits(transcript.Limits{Steps: -1}))
		},
		"id": func() (*funcall.Result, error) { return agent.Session("").Send(t.Context(), "x") },
	} {
		if res, err := run(); err == nil || res == nil || res.Outcome != transcript.OutcomeFailed {
			t.Errorf("%s: %v, %v", name, res, err)
		}
	}
}

func TestSettingsAndPartsReachTheModel(t *testing.T) {
	image := provider.Media{MIME: "image/png", URL: "https://example.com/a.png"}
	model := providertest.NewScript(t, providertest.Say("a cat").Expect(func(r *provider.Request) error {
		want := provider.Settings{Temperature: new(0.5), MaxOutputTokens: 10, Seed: new(int64(7))}
		if diff := cmp.Diff(want, r.Settings); diff != "" {
			return errors.New("settings: " + diff)
		}
		if diff := cmp.Diff([]provider.Part{provider.Text{Text: "What is this?"}, image}, r.Messages[0].Parts); diff != "" {
			return errors.New("parts: " + diff)
		}
		return nil
	}))
	agent := newAgent(t, model, funcall.Config{Settings: provider.Settings{Temperature: new(0.2), MaxOutputTokens: 10}})
	res, err := agent.Run(t.Context(), "What is this?", funcall.Attach(image),
		funcall.WithSettings(provider.Settings{Temperature: new(0.5)}), funcall.WithSettings(provider.Settings{Seed: new(int64(7))}))
	if err != nil || res.Text() != "a cat" {
		t.Fatal(res.Text(), err)
	}
}
