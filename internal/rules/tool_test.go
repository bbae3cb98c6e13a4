package rules_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestR07_DefaultsAreFilledIn(t *testing.T) {
	type Query struct {
		Order    string `json:"order"`
		Tracking bool   `json:"tracking,omitempty" jsonschema:"default=true"`
	}
	look := funcall.NewTool("look", "Looks.", func(_ context.Context, q Query) (bool, error) { return q.Tracking, nil }, funcall.ReadOnly())
	for args, want := range map[string]string{`{"order":"x"}`: "true", `{"order":"x","tracking":false}`: "false", `{"order":"x","tracking":null}`: "true"} {
		if c := runOne(t, look, args); c.Text() != want {
			t.Errorf("%s: tracking is %s", args, c.Text())
		}
	}
}

func TestWrapAndWith(t *testing.T) {
	var order []string
	wrap := func(name string) funcall.ToolOption {
		return funcall.Wrap(func(next funcall.ToolHandler) funcall.ToolHandler {
			return func(ctx context.Context, args json.RawMessage) (any, error) {
				order = append(order, name+" "+string(args))
				return next(ctx, args)
			}
		})
	}
	plain := tool("look", echo, funcall.ReadOnly(), wrap("inner"))
	if c := runOne(t, plain.With(wrap("outer")), `{"id":"a"}`); c.Text() != "a++" || c.Class != transcript.ClassReadOnly {
		t.Errorf("%q %s", c.Text(), c.Class)
	}
	if diff := cmp.Diff([]string{`outer {"id":"a","n":2}`, `inner {"id":"a","n":2}`}, order); diff != "" {
		t.Error(diff)
	}
	order = nil
	if runOne(t, plain, `{"id":"a"}`); len(order) != 1 {
		t.Errorf("With changed the tool it was called on: %q", order)
	}
}

func TestRawTool(t *testing.T) {
	raw := funcall.NewRawTool("add", "Adds.", json.RawMessage(`{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer","default":40}},"required":["a"]}`),
		func(_ context.Context, args json.RawMessage) (any, error) { return args, nil }, funcall.ReadOnly())
	if c := runOne(t, raw, `{"a":9007199254740993}`); c.Text() != `{"a":9007199254740993,"b":40}` {
		t.Errorf("%q", c.Text())
	}
	if c := runOne(t, raw, `{"a":"x"}`); c.Status != transcript.StatusRefused {
		t.Errorf("%s %q", c.Status, c.Text())
	}
}

func TestR25_IntegersKeepTheirDigits(t *testing.T) {
	type Order struct {
		Number int64 `json:"number"`
		Note   any   `json:"note,omitempty"`
	}
	pass := funcall.NewTool("pass", "Passes on.", func(_ context.Context, o Order) (Order, error) { return o, nil }, funcall.ReadOnly())
	const args = `{"number":9007199254740993,"note":{"big":12345678901234567890}}`
	if c := runOne(t, pass, args); c.Text() != args {
		t.Errorf("%s became %s", args, c.Text())
	}
}

func TestResultsOfEveryKind(t *testing.T) {
	image := provider.Media{MIME: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")}
	for _, c := range []struct {
		name string
		tool funcall.Tool
		want []provider.Part
		fail bool
	}{
		{"a string is itself", funcall.NewTool("t", "T.", func(context.Context, struct{}) (string, error) { return "a <b>", nil }), []provider.Part{provider.Text{Text: "a <b>"}}, false},
		{"a struct is JSON", funcall.NewTool("t", "T.", func(context.Context, struct{}) (Item, error) { return Item{ID: "<"}, nil }), []provider.Part{provider.Text{Text: `{"id":"<"}`}}, false},
		{"nothing", funcall.NewTool("t", "T.", func(context.Context, struct{}) (struct{}, error) { return struct{}{}, nil }), []provider.Part{provider.Text{Text: "{}"}}, false},
		{"an image", funcall.NewTool("t", "T.", func(context.Context, struct{}) (provider.Media, error) { return image, nil }), []provider.Part{image}, false},
		{"parts", funcall.NewTool("t", "T.", func(context.Context, struct{}) ([]provider.Part, error) {
			return []provider.Part{provider.Text{Text: "see"}, image}, nil
		}), []provider.Part{provider.Text{Text: "see"}, image}, false},
		{"a part that a result cannot have", funcall.NewTool("t", "T.", func(context.Context, struct{}) (provider.Part, error) { return provider.ToolCall{}, nil }, funcall.ReadOnly()), nil, true},
		{"what JSON cannot say", funcall.NewTool("t", "T.", func(context.Context, struct{}) (any, error) { return func() {}, nil }, funcall.ReadOnly()), nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := runOne(t, c.tool, "")
			if c.fail {
				if got.Status != transcript.StatusFailed || got.ErrorText == "" {
					t.Errorf("%s %q", got.Status, got.ErrorText)
				}
				return
			}
			if diff := cmp.Diff(c.want, got.Content); diff != "" || got.Status != transcript.StatusOK {
				t.Errorf("%s %s", got.Status, diff)
			}
		})
	}
	// An effect whose answer cannot be encoded was done all the same.
	if c := runOne(t, funcall.NewTool("t", "T.", func(context.Context, struct{}) (any, error) { return func() {}, nil }), ""); c.Status != transcript.StatusOK || !strings.HasPrefix(c.Text(), "Done, but") {
		t.Errorf("%s %q", c.Status, c.Text())
	}
}

// A model takes null for "unknown": what is empty is written so, also by a raw tool
// and by a wrapper. The value, which may be shared, is not changed.
func TestNilSlicesAndMapsAreEmptyToTheModel(t *testing.T) {
	type page struct {
		Items  []string          `json:"items"`
		Labels map[string]string `json:"labels"`
		Next   *string           `json:"next"`
		Hidden []string          `json:"hidden,omitempty"`
	}
	shared := &page{}
	const want = `{"items":[],"labels":{},"next":null}`
	give := func(context.Context, json.RawMessage) (any, error) { return shared, nil }
	for name, made := range map[string]funcall.Tool{
		"typed":   funcall.NewTool("t", "T.", func(context.Context, Item) (*page, error) { return shared, nil }),
		"raw":     funcall.NewRawTool("t", "T.", json.RawMessage(`{}`), give),
		"wrapped": tool("t", echo, funcall.Wrap(func(funcall.ToolHandler) funcall.ToolHandler { return give })),
	} {
		if c := runOne(t, made, `{"id":"a"}`); c.Text() != want {
			t.Errorf("%s: %s", name, c.Text())
		}
	}
	if shared.Items != nil || shared.Labels != nil {
		t.Errorf("the tool's value was changed: %+v", shared)
	}
}

// A value that holds itself is an error, and does not hang.
func TestACyclicResultIsAnError(t *testing.T) {
	type node struct {
		Left, Right *node
		Tags        []string
	}
	cycle := new(node)
	cycle.Left, cycle.Right = cycle, cycle
	c := runOne(t, funcall.NewTool("t", "T.", func(context.Context, struct{}) (*node, error) { return cycle, nil }, funcall.ReadOnly()), "")
	if c.Status != transcript.StatusFailed || !strings.Contains(c.ErrorText, "cannot be encoded") {
		t.Errorf("%s %q", c.Status, c.ErrorText)
	}
}

func TestNewRefusesResultsWithoutAForm(t *testing.T) {
	type report struct {
		Items []struct{ Done chan int }
		Then  func() `json:"-"`
	}
	made := funcall.NewTool("t", "T.", func(context.Context, Item) (report, error) { return report{}, nil },
		funcall.Reconcile(func(context.Context, string, Item) (map[string]func(), error) {
			return nil, errors.New("the backend cannot tell")
		}))
	_, err := funcall.New(providertest.NewScript(t), funcall.Config{Tools: []funcall.Tool{made}})
	for _, want := range []string{
		`tool "t": result type: report.Items[].Done: chan int has no JSON form`,
		`tool "t": result type of Reconcile: Out[]: func() has no JSON form`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in the error: %v", want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "Then") {
		t.Errorf("a field that is left out is refused: %v", err)
	}
}

func TestToolNames(t *testing.T) {
	const typed = "some API refuses the name"
	for name, c := range map[string]struct{ raw, typed string }{ // what is wrong with it
		"a-b_c": {}, "_": {}, strings.Repeat("n", 64): {},
		"files.read": {"", typed}, "github/create_issue": {"", typed}, "größe ändern": {"", typed}, "9lives": {"", typed}, "日本": {"", typed},
		strings.Repeat("n", 65):  {"", typed},
		strings.Repeat("n", 256): {"", typed},
		strings.Repeat("n", 257): {"the name is 257 bytes long, and at most 256 are allowed", typed},
		"":                       {"the name is empty", "the name is empty"},
		"a\xffb":                 {"the name is not valid UTF-8", typed},
		"a\nb":                   {"the name has a control character", typed}, "a\u0085b": {"the name has a control character", typed}, "a\x00": {"the name has a control character", typed},
		" a": {"the name begins or ends with white space", typed}, "a\u00a0": {"the name begins or ends with white space", typed},
	} {
		raw := funcall.NewRawTool(name, "", json.RawMessage(`{}`), func(_ context.Context, args json.RawMessage) (any, error) { return args, nil })
		made := funcall.NewTool(name, "D.", func(context.Context, struct{}) (string, error) { return "", nil })
		for kind, got := range map[string]struct {
			err  error
			want string
		}{"raw": {raw.Err(), c.raw}, "typed": {made.Err(), c.typed}} {
			if got.want == "" && got.err != nil || got.want != "" && (got.err == nil || !strings.Contains(got.err.Error(), got.want)) {
				t.Errorf("%s tool %q: %v, want %q", kind, name, got.err, got.want)
			}
		}
	}
}

func TestErrIsWhatNewReports(t *testing.T) {
	one := func(_ context.Context, args json.RawMessage) (any, error) { return args, nil }
	for _, tool := range []funcall.Tool{
		funcall.NewRawTool("good", "", json.RawMessage(`{"type":"object","properties":{"a":{"default":null,"type":"string"}}}`), one),
		funcall.NewRawTool("bad", "", json.RawMessage(`{"type":"string"}`), nil, funcall.Retry(1, 0)),
		funcall.NewTool("", "", func(context.Context, string) (string, error) { return "", nil }),
		funcall.NewTool("undescribed", " ", func(context.Context, struct{}) (string, error) { return "", nil }),
	} {
		_, err := funcall.New(providertest.NewScript(t), funcall.Config{Tools: []funcall.Tool{tool}})
		got := tool.Err()
		if (got == nil) != (err == nil) || got != nil && err.Error() != "funcall: the agent cannot be made:\n"+got.Error() {
			t.Errorf("Err says %v\nNew says %v", got, err)
		}
	}
	if (funcall.Tool{}).Err() == nil || (funcall.Tool{}).Unchecked() != nil {
		t.Error("an empty tool is taken")
	}
}

// A missing required property is reported to the model. A default tells what to write and does
// not replace the property.
func TestR07_RequiredWinsOverDefault(t *testing.T) {
	raw := funcall.NewRawTool("pay", "", json.RawMessage(`{"type":"object","properties":{"cents":{"type":"integer","default":100},"note":{"type":"string","default":"-"}},"required":["cents"]}`),
		func(_ context.Context, args json.RawMessage) (any, error) { return args, nil }, funcall.ReadOnly())
	for args, want := range map[string]string{
		`{}`:             `missing required property "cents"`,
		`{"cents":null}`: `/cents: must be an integer, got null`,
	} {
		if c := runOne(t, raw, args); c.Status != transcript.StatusRefused || !strings.Contains(c.Text(), want) {
			t.Errorf("%s: %s %s", args, c.Status, c.Text())
		}
	}
	if c := runOne(t, raw, `{"cents":5}`); c.Text() != `{"cents":5,"note":"-"}` {
		t.Error(c.Text())
	}
	typed := funcall.NewTool("pay", "Pays.", func(_ context.Context, in struct {
		Cents int `json:"cents" jsonschema:"default=100"`
	}) (int, error) {
		return in.Cents, nil
	})
	const want = `tool "pay": struct.Cents: the field is required and has a default, which would never be used: add omitempty to its json tag, or drop the default`
	if err := typed.Err(); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}
