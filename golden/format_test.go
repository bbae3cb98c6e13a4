package golden

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

func TestValues(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"plain: text | \"as\" it is", `v: plain: text | "as" it is`},
		{"", `v: ""`},
		{" begins with a space", "v: |\n   begins with a space"},
		{"ends with one ", `v: "ends with one "`},
		{`"quoted"`, "v: |\n  \"quoted\""},
		{"|", "v: |\n  |"},
		{"tab\tinside", "v: |\n  tab\tinside"},
		{"two\n\n  lines", "v: |\n  two\n\n    lines"},
		{"one line\n", `v: "one line\n"`},
		{"a\nb \nc\n", "v:\n  \"a\\n\"\n  \"b \\n\"\n  \"c\\n\""},
		{"null\x00, bad \xff, wide\u200b", `v: "null\x00, bad \xff, wide\u200b"`},
		{"carriage\r\nreturn", `v: "carriage\r\nreturn"`},
		{"right to left \u202e!", `v: "right to left \u202e!"`},
		{"日本語 é 🙂", "v: 日本語 é 🙂"},
		{`{}`, `v: {}`},
		{`{"a":[1,2.50,"x"]}`, "v: {\n  \"a\": [\n    1,\n    2.50,\n    \"x\"\n  ]\n}"},
		{`{"a": 1}`, "v: |\n  {\"a\": 1}"},
		{`{"a":`, "v: |\n  {\"a\":"},
		{`{"a":1}{}`, "v: |\n  {\"a\":1}{}"},
		{`{"a":"` + "\u202e" + `"}`, `v: "{\"a\":\"\u202e\"}"`},
		{"[" + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "]", "v: |\n  [" + strings.Repeat("[", 60) + strings.Repeat("]", 60) + "]"},
	} {
		got := text(leaf("v", tt.value))
		if got != tt.want+"\n" {
			t.Errorf("%q is written as\n%swant\n%s", tt.value, got, tt.want)
		}
		sameAgain(t, []*node{leaf("v", tt.value), branch("b", tt.value, "").add(leaf("v", tt.value), branch("e"))})
	}
}

// sameAgain holds nodes against what is read of what is written of them.
func sameAgain(t *testing.T, nodes []*node) {
	t.Helper()
	page := render(nodes).String()
	again, err := parse("f", page)
	if err != nil {
		t.Fatalf("what was written cannot be read: %v\n%s", err, page)
	}
	if diff := cmp.Diff(nodes, again, cmp.AllowUnexported(node{}), cmpopts.IgnoreFields(node{}, "line"), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("nodes (-written +read):\n%s\n%s", diff, page)
	}
}

// Every field of every body and part is written and read, those among them
// that somebody adds later.
func TestNothingIsLost(t *testing.T) {
	n := 0
	fill := func(v any) { fillValue(reflect.ValueOf(v).Elem(), &n) }
	state := provider.State{Owner: "some one", Data: []byte(`{"k":[1]}`)}
	parts := []provider.Part{
		provider.Text{Text: "t", State: state}, provider.Text{}, provider.Reasoning{Text: "r", Redacted: true, State: state},
		provider.Media{MIME: "image/png", Data: []byte{0, 1}, URL: "https://example.com/?a=b", State: state},
		provider.Native{State: state}, provider.Native{State: provider.State{Owner: "x"}},
	}
	made := provider.ToolCall{ID: "c1", Name: "f", Args: `{"a":1}`, RawID: "c 1", State: state}
	in, out := new(transcript.Input), new(transcript.Output)
	fill(in)
	fill(out)
	in.Message = &provider.Message{Role: provider.RoleUser, Parts: parts, State: state}
	in.Answer = &provider.OutputSchema{Name: "o", Description: "d", Schema: []byte(`{"type":"object"}`)}
	in.Settings.Extra = []byte(`{"top_k":3}`)
	out.Message = &provider.Message{Role: provider.RoleAssistant, Parts: append([]provider.Part{made}, parts...), State: state}
	out.Calls[0].ID, out.Calls[0].Tool = "c1", "f"
	second := &transcript.Input{Message: provider.User("x"), Limits: transcript.Limits{Words: ""}}
	result, decision, resume, end := new(transcript.Result), new(transcript.Decision), new(transcript.Resume), new(transcript.End)
	attempt, withdrawal := new(transcript.Attempt), new(transcript.Withdrawal)
	for _, v := range []any{result, decision, resume, end, attempt, withdrawal} {
		fill(v)
	}
	ref := transcript.Ref{Entry: 1}
	result.Ref, decision.Ref = ref, ref
	result.Content = parts
	failure := new(provider.Error)
	fill(failure)
	failure.Err = nil
	response := &provider.Response{Finish: provider.FinishFiltered, RawFinish: "SAFETY", Usage: out.Usage, Model: out.Model, Message: out.Message}
	asked := request{instructions: "i", tools: []named{{"f", "1"}, {"g", "2"}}, choice: "named f", output: named{"o", "3"}, settings: `{"seed":1}`}
	c := &conversation{session: "s", steps: []step{
		{body: in},
		{call: &call{request: asked, err: failure}},
		{call: &call{request: asked, messages: []*provider.Message{in.Message, provider.Assistant(made), {Role: provider.RoleTool, Parts: []provider.Part{
			provider.ToolResult{CallID: "c1", Name: "f", Parts: parts, IsError: true}, provider.ToolResult{CallID: "c2", Name: "f"},
		}}}, response: response}},
		{body: out},
		{body: &transcript.Intent{Ref: ref, Attempt: 1}}, {body: &transcript.Intent{Ref: ref, Attempt: 1, Void: true}},
		{body: decision}, {body: result}, {body: resume}, {body: attempt}, {body: end}, {body: withdrawal}, {body: second},
		{body: &transcript.Output{Message: provider.Assistant(), Finish: provider.FinishStop}, call: &call{response: &provider.Response{Message: provider.Assistant(), Finish: provider.FinishStop}}},
		{body: &transcript.Result{Ref: transcript.Ref{Entry: 77, Index: 1}, Status: transcript.StatusOK}},
		{body: &transcript.Unknown{Type: "hologram", Raw: []byte(`{"type":"hologram","at":"<time>","depth":9007199254740993}`)}},
	}}
	nodes := encode(c)
	page := render(nodes).String()
	sameAgain(t, nodes)
	parsed, err := parse("f", page)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decode("f", parsed)
	if err != nil {
		t.Fatalf("%v\n%s", err, page)
	}
	opts := cmp.Options{
		cmp.AllowUnexported(conversation{}, step{}, call{}, request{}, named{}),
		cmpopts.IgnoreUnexported(provider.Message{}, transcript.Output{}),
		cmpopts.IgnoreFields(step{}, "line"),
		// Durations are masked; digests follow from what is there; ids of the
		// API's are of no use; an error was sent before it was kept.
		cmpopts.IgnoreFields(transcript.Result{}, "Took"), cmpopts.IgnoreFields(transcript.Call{}, "Digest", "AskUntil", "Within"),
		cmpopts.IgnoreFields(transcript.Input{}, "ConfigDigest"), cmpopts.IgnoreFields(transcript.Decision{}, "Digest"),
		cmpopts.IgnoreFields(transcript.Output{}, "RequestID"), cmpopts.IgnoreFields(provider.Error{}, "RequestID", "Emitted"),
		cmpopts.IgnoreFields(transcript.Attempt{}, "RequestID", "Duration"),
	}
	if diff := cmp.Diff(c, again, opts); diff != "" {
		t.Errorf("the conversation (-written +read):\n%s\n%s", diff, page)
	}
}

// fillValue gives every field a value of its own.
func fillValue(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("v%d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n) * int64(time.Millisecond))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 4)
	case reflect.Pointer:
		if v.Type().Elem().Kind() != reflect.Struct || v.Type().Elem().Name() == "Settings" {
			v.Set(reflect.New(v.Type().Elem()))
			fillValue(v.Elem(), n)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 || v.Type().Elem().Kind() == reflect.Interface {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillValue(v.Index(0), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillValue(v.Field(i), n)
			}
		}
	}
}

func TestFileNames(t *testing.T) {
	for name, want := range map[string]string{
		"TestX":           "TestX",
		"TestX/a_b#01":    "TestX/a_b#01",
		"../etc/passwd":   "%2E%2E/etc/passwd",
		"a//b":            "a/%/b",
		`a\b:c*d?"e<f>|g`: "a%5Cb%3Ac%2Ad%3F%22e%3Cf%3E%7Cg",
		"nul":             "%nul",
		"Com1.x":          "%Com1.x",
		"100%":            "100%25",
		"größe":           "größe",
		"ends.":           "ends%2E",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	long := strings.Repeat("é", 300)
	if a, b := fileName(long), fileName(long+"x"); a == b || len(a) > maxName+1 {
		t.Errorf("long names: %q, %q", a, b)
	}
}

func TestRedactor(t *testing.T) {
	r := newRedactor([]string{"email", "note"})
	for in, want := range map[string]string{
		`{"email":"a@b.c"}`:                         `{"email":"<redacted>"}`,
		` { "EMail" : "a" , "n": 1.50 } `:           ` { "EMail" : "<redacted>" , "n": 1.50 } `,
		`{"em\u0061il":"a\"b","x":"email"}`:         `{"em\u0061il":"<redacted>","x":"email"}`,
		`[{"a":{"note":{"deep":[1]},"k":1}}]`:       `[{"a":{"note":{},"k":1}}]`,
		`{"note":[1],"email":12,"x":["email","y"]}`: `{"note":[],"email":0,"x":["email","y"]}`,
		`{"note":null,"email":true}`:                `{"note":null,"email":false}`,
		`"{\"email\":\"a\"}"`:                       `"{\"email\":\"<redacted>\"}"`,
		`{"log":["{\"email\":\"<a>\"}", 2]}`:        `{"log":["{\"email\":\"<redacted>\"}", 2]}`,
		`{"x":1,"email":"cut o`:                     `{"x":1,"email":"<redacted>"`,
		`{"x":1,"note":{"deep":"cut o`:              `{"x":1,"note":{}`,
		"Sent:\n```json\n{\"email\": \"a\"}\n```":   "Sent:\n```json\n{\"email\": \"<redacted>\"}\n```",
		`my email is a@b.c`:                         `my email is a@b.c`,
		`{"email": 12, "x`:                          `{"email": 0, "x`,
		`{"email":"ends in \`:                       `{"email":"<redacted>"`,
		``:                                          ``,
	} {
		got := r.redact(in)
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		if again := r.redact(got); again != got {
			t.Errorf("%s\nonce  %s\ntwice %s", in, got, again)
		}
	}
}

// A file takes time by its length, whatever it is made of: the megabytes per
// second of these are of one order of magnitude.
func BenchmarkLongFiles(b *testing.B) {
	for name, in := range map[string]string{
		"words":  "\na" + strings.Repeat(" b", 1<<18),
		"blanks": strings.Repeat("\nv: |\n  x\n\n\n", 1<<16),
		"open":   strings.Repeat("\nv: {", 1<<17),
		"JSON":   "\nv: {" + strings.Repeat("\n  \"a\": 1,", 1<<17) + "\n  \"b\": 1\n}",
		"quoted": "\nv:" + strings.Repeat("\n  \"a\\n\"", 1<<17),
		"nested": strings.Repeat("\na\n  b\n    c", 1<<16),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				nodes, _ := parse("f", firstLine+in) // some are refused, at their end
				_ = render(nodes).String()
			}
		})
	}
}

// Whatever stands in a file, reading it does no harm, and what was read is
// written so that it is read again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", firstLine, firstLine + "\n\nsession: s\n\nuser <time>\n  text: Hi.\n\nmodel <time>\n  text: |\n    a\n\n    b\n  finish: length\n",
		firstLine + "\nsession: s\nmodel <time>\n  call c1 f effect\n    args: {\n      \"a\": 1\n    }\n    runs: {}\n\nintent c1 attempt 1 void <time>\n\nresult c1 f ok <ms> <time>\n  text:\n    \"a \\n\"\n    \"b\"\n  error: x\n",
		firstLine + "\nsession: s\nmessages\n  message tool\n    result c1 f error\n      native x: {}\n\nfailure overloaded\n  status: 529\n  retry_after: 1s\n",
		firstLine + "\nsession: s\nrequest\n  tool \"a b\": 1\n  choice: none\nresponse\n  call \"\" f\n    args: \"\"\n    state x: |\n      y\nstored <time>\ndecision @1.0 approve <time>\n  by: me\nunknown: {\"type\":\"x\"}\nresume <time>\nend done <time>\n  why: x\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		nodes, err := parse("f", in)
		if err != nil {
			return
		}
		sameAgain(t, nodes)
		c, err := decode("f", nodes)
		if err != nil {
			return
		}
		written := render(encode(c)).String()
		again, err := parse("f", written)
		if err == nil {
			c, err = decode("f", again)
		}
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, written)
		}
		if diff := cmp.Diff(written, render(encode(c)).String()); diff != "" {
			t.Fatalf("written again (-once +twice):\n%s", diff)
		}
		page := render(newCleaner([]string{"a"}, nil).nodes(encode(c)))
		if _, err := parse("f", page.String()); err != nil {
			t.Fatalf("cleaned: %v\n%s", err, page)
		}
	})
}

func FuzzValue(f *testing.F) {
	for _, seed := range []string{"", "a\nb", `{"a":1}`, "[ 1]", "\x00\xff", "a\r\n", "\n\n", " x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, v string) {
		sameAgain(t, []*node{leaf("v", v, v), branch("b").add(leaf("v", v), leaf("w", "x"))})
	})
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{`{"email":"secret"}`, `[{"email":["secret"]}`, `"{\"email\":\"secret\"}"`} {
		f.Add(seed)
	}
	r := newRedactor([]string{"email"})
	f.Fuzz(func(t *testing.T, s string) {
		once := r.redact(s)
		if twice := r.redact(once); twice != once {
			t.Fatalf("%q\nonce  %q\ntwice %q", s, once, twice)
		}
	})
}
