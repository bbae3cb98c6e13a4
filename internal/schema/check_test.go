package schema

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type orderArgs struct {
	OrderID  string   `json:"order_id"`
	Reason   string   `json:"reason,omitempty" jsonschema:"enum=damaged,enum=wrong_item"`
	Quantity int64    `json:"quantity,omitempty"`
	Amount   float64  `json:"amount,omitempty"`
	Items    []string `json:"items,omitempty"`
	Notify   bool     `json:"notify,omitempty" jsonschema:"default=true"`
	Address  *address `json:"address,omitempty"`
}

type address struct {
	City string `json:"city"`
	Zip  string `json:"zip,omitempty" jsonschema:"default=unknown"`
}

// check runs Check and renders its results: the effective arguments and the coercions, or the
// problems as the model reads them.
func check(s *Schema, raw string) string {
	args, fixes, problems := s.Check(raw)
	if len(problems) > 0 {
		return Render("t", problems)
	}
	return strings.TrimSpace(args + " " + strings.Join(fixes, ","))
}

func TestArgumentsThatModelsReallySend(t *testing.T) {
	s := mustReflect[orderArgs](t)
	none := mustReflect[struct{}](t)
	const bad = `invalid arguments for "t": `
	big := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		what   string
		schema *Schema
		raw    string
		want   string
	}{
		{"nothing, and there are no parameters", none, ``, `{} empty`},
		{"white space", none, " \n", `{} empty`},
		{"null", none, `null`, `{} empty`},
		{"nothing, and a parameter is required", s, ``, bad + `missing required property "order_id"`},
		{"the whole object is a JSON string", s, `"{\"order_id\":\"O\"}"`, `{"notify":true,"order_id":"O"} unwrapped`},
		{"it is one twice over", s, `"\"{\\\"order_id\\\":\\\"O\\\"}\""`, bad + `must be an object, got a string`},
		{"an object parameter is a JSON string", s, `{"order_id":"O","notify":true,"address":"{\"city\":\"C\"}"}`,
			`{"address":{"city":"C","zip":"unknown"},"notify":true,"order_id":"O"} unwrapped`},
		{"trailing comma", s, `{"order_id":"O",}`, bad + `not valid JSON: '}' where a key in double quotes should be at byte 16`},
		{"prose around", s, `Sure! {"order_id":"O"}`, bad + `not valid JSON: 'S' where a JSON value should be at byte 0`},
		{"apostrophes", s, `{"order_id":"it's O'Neill's","notify":true}`, `{"order_id":"it's O'Neill's","notify":true}`},
		{"NaN", s, `{"order_id":"O","amount":NaN}`, bad + `/amount: not valid JSON: 'N' where a JSON value should be at byte 25`},
		{"a key twice", s, `{"order_id":"O","order_id":"P"}`, bad + `not valid JSON: the key "order_id" stands twice in one object at byte 16`},
		{"keys that differ by case", s, `{"order_id":"O","Order_Id":"P"}`, bad + `unknown property "Order_Id" (did you mean "order_id"?)`},
		{"past int64", s, `{"order_id":"O","quantity":99999999999999999999}`, bad + `/quantity: must be at most 9223372036854775807`},
		{"past int64 below", s, `{"order_id":"O","quantity":-9223372036854775809}`, bad + `/quantity: must be at least -9223372036854775808`},
		{"2.0 for an integer", s, `{"order_id":"O","quantity":2.0,"notify":false}`, `{"notify":false,"order_id":"O","quantity":2} integral`},
		{"1e3 for an integer", s, `{"order_id":"O","quantity":1e3,"notify":false}`, `{"notify":false,"order_id":"O","quantity":1000} integral`},
		{"2.5 for an integer", s, `{"order_id":"O","quantity":2.5}`, bad + `/quantity: must be an integer, got the number 2.5`},
		{"1.25e1 for a number", s, `{"order_id":"O","amount":1.25e1,"notify":false}`, `{"order_id":"O","amount":1.25e1,"notify":false}`},
		{"a number for a string", s, `{"order_id":1234}`, bad + `/order_id: must be a string, got the number 1234`},
		{"null for what is required", s, `{"order_id":null}`, bad + `/order_id: must be a string, got null`},
		{"null for what is optional", s, `{"order_id":"O","reason":null,"notify":null}`, `{"notify":true,"order_id":"O"} null_dropped`},
		{"a property too many", s, `{"order_id":"O","colour":"red"}`, bad + `unknown property "colour"`},
		{"not in the enum", s, `{"order_id":"O","reason":"broken"}`, bad + `/reason: must be one of "damaged", "wrong_item"`},
		{"a string for a list", s, `{"order_id":"O","items":"1008292230"}`, bad + `/items: must be an array, got a string`},
		{"escapes that JSON lacks", s, `{"order_id":"C:\path"}`, bad + `/order_id: not valid JSON: JSON has no escape \p at byte 15`},
		{"cut off", s, `{"order_id":"O","rea`, bad + `not valid JSON: the JSON ends too early: a closing quote is missing at byte 20`},
		{"{} and then the object", s, `{}{"order_id":"O"}`, bad + `not valid JSON: there is more text after the JSON value at byte 2`},
		{"a special token after it", s, `{"order_id":"O"}<|im_end|>`, bad + `not valid JSON: there is more text after the JSON value at byte 16`},
		{"a brace is missing", s, `{"order_id":"O"`, bad + `not valid JSON: the JSON ends too early: a comma or } is missing at byte 15`},
		{"byte order mark", s, "\ufeff{}", bad + `not valid JSON: '\ufeff' where a JSON value should be at byte 0`},
		{"unquoted key", s, `{order_id:"O"}`, bad + `not valid JSON: 'o' where a key in double quotes should be at byte 1`},
		{"half a surrogate pair", s, `{"order_id":"\ud83d","notify":true}`, "{\"notify\":true,\"order_id\":\"\ufffd\"} surrogate"},
		{"emoji and right-to-left", s, `{"order_id":"👩‍🚀 é שלום","notify":true}`, `{"order_id":"👩‍🚀 é שלום","notify":true}`},
		{"a string of 1 MiB", s, `{"order_id":"` + big + `","notify":true}`, `{"order_id":"` + big + `","notify":true}`},
		{"a bare string", s, `"ORD-1"`, bad + `must be an object, got a string`},
		{"a list", s, `[]`, bad + `must be an object, got an array`},
		{"the schema with values in it", s, `{"type":"object","properties":{"order_id":"O"}}`, "invalid arguments for \"t\" (3 problems):\n" +
			"- unknown property \"properties\"\n- unknown property \"type\"\n- missing required property \"order_id\""},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := check(c.schema, c.raw); got != c.want {
				t.Errorf("Check(%.200s)\n got %.300s\nwant %.300s", c.raw, got, c.want)
			}
		})
	}
}

func TestR07_DefaultsAreFilledIn(t *testing.T) {
	type line struct {
		Sku string `json:"sku"`
		Qty int    `json:"qty,omitempty" jsonschema:"default=1"`
	}
	type in struct {
		On     bool            `json:"on,omitempty" jsonschema:"default=true"`
		Text   string          `json:"text,omitempty" jsonschema:"default=a\\, b"`
		Rate   float64         `json:"rate,omitempty" jsonschema:"default=0.5"`
		Sizes  []int           `json:"sizes,omitempty" jsonschema:"default=1,default=2"`
		Tags   []string        `json:"tags,omitempty" jsonschema:"default=x"`
		Lines  []line          `json:"lines,omitempty"`
		ByName map[string]line `json:"by_name,omitempty"`
		Ptr    *int            `json:"ptr,omitempty" jsonschema:"default=7"`
	}
	s := mustReflect[in](t)
	seven := 7
	for raw, want := range map[string]in{
		``: {On: true, Text: "a, b", Rate: 0.5, Sizes: []int{1, 2}, Tags: []string{"x"}, Ptr: &seven},
		`{"on":false,"text":"","rate":0,"sizes":[],"tags":null,"ptr":null,"lines":[{"sku":"A"},{"sku":"B","qty":2}],"by_name":{"k":{"sku":"C"}}}`: {
			Sizes: []int{}, Tags: []string{"x"}, Ptr: &seven,
			Lines: []line{{"A", 1}, {"B", 2}}, ByName: map[string]line{"k": {"C", 1}}},
	} {
		args, _, problems := s.Check(raw)
		var got in
		if problems = append(problems, s.Decode(args, &got)...); len(problems) > 0 {
			t.Fatalf("%s: %v", raw, problems)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
}

// encoding/json reads the string "null" in a field with the option "string" as
// no value at all.
func TestR07_QuotedNullIsNoValue(t *testing.T) {
	type in struct {
		Dry   bool    `json:"dry,string,omitempty" jsonschema:"default=true"`
		Qty   int     `json:"qty,string,omitempty" jsonschema:"default=5"`
		Size  uint8   `json:"size,string,omitempty"`
		Ratio float64 `json:"ratio,string,omitempty"`
		Ptr   *int    `json:"ptr,string,omitempty"`
		Maybe *bool   `json:"maybe,string,omitempty" jsonschema:"nullable"`
		Of    int     `json:"of,string,omitempty" jsonschema:"enum=1,enum=2"`
		Flag  bool    `json:"flag,string,omitempty" jsonschema:"enum=true"`
	}
	s := mustReflect[in](t)
	const number = `must match the pattern ^-?(0|[1-9][0-9]*)$`
	for _, c := range []struct{ key, good, bad, problem string }{
		{"dry", "false", "null", `must be one of "true", "false"`},
		{"dry", "true", "True", `must be one of "true", "false"`},
		{"qty", "-7", "null", number},
		{"qty", "0", "007", number},
		{"size", "255", "-1", `must match the pattern ^(0|[1-9][0-9]*)$`},
		{"ratio", "-1.5e-3", "null", `must match the pattern ^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$`},
		{"ratio", "2", ".5", `must match the pattern ^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$`},
		{"ptr", "1", "null", number},
		{"maybe", "true", "null", `must be one of "true", "false"`},
		{"of", "2", "null", `must be one of "1", "2"`},
		{"flag", "true", "null", `must be "true"`},
	} {
		args, _, problems := s.Check(`{"` + c.key + `":"` + c.good + `"}`)
		var got in
		if problems = append(problems, s.Decode(args, &got)...); len(problems) > 0 {
			t.Errorf("%s = %q: %v", c.key, c.good, problems)
		}
		bad := check(s, `{"`+c.key+`":"`+c.bad+`"}`)
		if want := `invalid arguments for "t": /` + c.key + `: ` + c.problem; !strings.HasPrefix(bad, want) {
			t.Errorf("%s = %q\n got %s\nwant %s", c.key, c.bad, bad, want)
		}
	}
	var got in
	args, _, problems := s.Check(`{"maybe":null,"ptr":null}`)
	if problems = append(problems, s.Decode(args, &got)...); len(problems) > 0 || !got.Dry || got.Qty != 5 || got.Ptr != nil || got.Maybe != nil {
		t.Errorf("%+v %v", got, problems)
	}
}

func TestR07_RequiredWinsOverDefaults(t *testing.T) {
	s := mustParse(t, `{"properties":{"a":{"type":"integer","default":1},"b":{"type":"object","properties":{"c":{"type":"string","default":"x"},"d":{"default":2}},"required":["c"]},"e":{"type":["null","string"],"default":"y"}},"required":["a","e"]}`)
	const bad = `invalid arguments for "t": `
	for raw, want := range map[string]string{
		`{"e":"z"}`:                       bad + `missing required property "a"`,
		`{"a":null,"e":"z"}`:              bad + `/a: must be an integer, got null`,
		`{"a":5,"e":null}`:                `{"a":5,"e":null}`,
		`{"a":5,"e":"z","b":{}}`:          bad + `/b: missing required property "c"`,
		`{"a":5,"e":"z","b":{"c":null}}`:  bad + `/b/c: must be a string, got null`,
		`{"a":5,"e":"z","b":{"c":"w"}}`:   `{"a":5,"b":{"c":"w","d":2},"e":"z"}`,
		`{"a":"5","e":"z","b":{"c":"w"}}`: bad + `/a: must be an integer, got a string`,
	} {
		if got := check(s, raw); got != want {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
		agrees(t, s, raw)
	}
}

func TestR07_DefaultsAreNotShared(t *testing.T) {
	s, err := Parse(json.RawMessage(`{"type":"object","properties":{"a":{"default":{"deep":[1]}},"list":{"type":"array","items":{"type":"object","properties":{"x":{"default":{"k":1}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	const raw, want = `{"list":[{},{}]}`, `{"a":{"deep":[1]},"list":[{"x":{"k":1}},{"x":{"k":1}}]}`
	for range 3 {
		if got := check(s, raw); got != want {
			t.Fatalf("got %s", got)
		}
	}
}

func TestR07_DefaultsInRecursiveTypes(t *testing.T) {
	type node struct {
		Label    string  `json:"label,omitempty" jsonschema:"default=none"`
		Children []*node `json:"children,omitempty"`
		Next     *node   `json:"next,omitempty" jsonschema:"nullable"`
	}
	got := check(mustReflect[node](t), `{"children":[{"next":{"next":null}}]}`)
	want := `{"children":[{"label":"none","next":{"label":"none","next":null}}],"label":"none"}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s := mustParse(t, `{"type":"object","$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"n":{"$ref":"#/$defs/N","default":{}}}}}}`)
	if got := check(s, `{"n":{}}`); got != `{"n":{}}` || strings.Contains(string(s.JSON()), "default") {
		t.Errorf("a default that holds itself is kept: %s %s", got, s.JSON())
	}
}

func TestR06_NothingThatTheSchemaRefusesPasses(t *testing.T) {
	type in struct {
		N    int              `json:"n" jsonschema:"minimum=1,maximum=9,multipleOf=2"`
		X    float64          `json:"x" jsonschema:"exclusiveMinimum=0,exclusiveMaximum=1"`
		S    string           `json:"s" jsonschema:"minLength=2,maxLength=3"`
		One  string           `json:"one" jsonschema:"minLength=1"`
		Code string           `json:"code" jsonschema:"pattern=^ORD-[0-9]{4\\,6}$"`
		Mail string           `json:"mail" jsonschema:"format=email"`
		L    []int8           `json:"l" jsonschema:"minItems=1,maxItems=2,uniqueItems=true"`
		Blob []byte           `json:"blob"`
		Pair [2]int           `json:"pair"`
		M    map[uint8]string `json:"m"`
		Only string           `json:"only" jsonschema:"enum=a"`
		U    uint             `json:"u"`
	}
	s := mustReflect[in](t)
	good := `{"n":2,"x":0.5,"s":"äöü","one":"x","code":"ORD-12345","mail":"a@b.c","l":[1,2],"blob":"AA==","pair":[1,2],"m":{"0":"x"},"only":"a","u":0}`
	if got := check(s, good); got != good {
		t.Fatalf("good arguments: %s", got)
	}
	for _, c := range []struct{ key, value, want string }{
		{"n", `0`, "/n: must be at least 1"},
		{"n", `10`, "/n: must be at most 9"},
		{"n", `3`, "/n: must be a multiple of 2"},
		{"x", `0`, "/x: must be greater than 0"},
		{"x", `1`, "/x: must be less than 1"},
		{"s", `"a"`, "/s: must be at least 2 characters long"},
		{"s", `"abcd"`, "/s: must be at most 3 characters long"},
		{"one", `""`, "/one: must be at least 1 character long"},
		{"code", `"ORD-1"`, "/code: must match the pattern ^ORD-[0-9]{4,6}$"},
		{"mail", `"nobody"`, "/mail: must be a valid email"},
		{"l", `[]`, "/l: must have at least 1 item"},
		{"l", `[1,2,3]`, "/l: must have at most 2 items"},
		{"l", `[1,1.0]`, "/l: must not hold the same item twice"},
		{"l", `[128]`, "/l/0: must be at most 127"},
		{"l", `["1"]`, "/l/0: must be an integer, got a string"},
		{"blob", `"?"`, "/blob: must be encoded as base64"},
		{"pair", `[1]`, "/pair: must have at least 2 items"},
		{"pair", `[1,2,3]`, "/pair: must have at most 2 items"},
		{"m", `{"-1":"x"}`, `/m: unknown property "-1"`},
		{"m", `{"00":"x"}`, `/m: unknown property "00"`},
		{"m", `{"1":2}`, `/m/1: must be a string, got the number 2`},
		{"only", `"b"`, `/only: must be "a"`},
		{"u", `-1`, "/u: must be at least 0"},
		{"u", `18446744073709551616`, "/u: must be at most 18446744073709551615"},
		{"u", `true`, "/u: must be an integer, got a boolean"},
		{"s", `{}`, "/s: must be a string, got an object"},
	} {
		var m map[string]json.RawMessage
		if err := json.Unmarshal([]byte(good), &m); err != nil {
			t.Fatal(err)
		}
		m[c.key] = json.RawMessage(c.value)
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := check(s, string(raw)), `invalid arguments for "t": `+c.want; got != want {
			t.Errorf("%s = %s\n got %s\nwant %s", c.key, c.value, got, want)
		}
	}
}

// The validator leaves an empty name out of the place of an error, which must
// not be looked for elsewhere and then forgotten.
func TestR06_EmptyNamesHideNothing(t *testing.T) {
	s, err := Parse(json.RawMessage(`{"properties":{"a":{"type":"object","properties":{"":{"type":"object","required":["b"],"additionalProperties":false}},"additionalProperties":true}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{`{"a":{"b":1,"":{}}}`, `{"a":{"":{"c":1,"b":1}}}`} {
		if got := check(s, raw); !strings.HasPrefix(got, "invalid arguments") {
			t.Errorf("%s passes: %s", raw, got)
		}
	}
}

// A validator looks at exact keys and the last of two equal ones; encoding/json
// folds case and merges. What passes the one must be what the other sets.
func TestR06_CaseFoldingAndDuplicatesDoNotPass(t *testing.T) {
	closed := mustReflect[struct {
		Path string `json:"path"`
		Skip bool   `json:"skip,omitempty"`
	}](t)
	open := mustReflect[struct {
		Opt  openOptions            `json:"opt"`
		List []openOptions          `json:"list,omitempty"`
		Map  map[string]openOptions `json:"map,omitempty"`
	}](t)
	for _, c := range []struct {
		s         *Schema
		raw, want string
	}{
		{closed, `{"path":"safe/a","Path":"/etc/passwd"}`, `unknown property "Path" (did you mean "path"?)`},
		{closed, `{"path":"safe/a","ſkip":true}`, `unknown property "ſkip" (did you mean "skip"?)`},
		{open, `{"opt":{"path":"safe","Path":"/etc/passwd"}}`, `/opt: unknown property "Path" (did you mean "path"?)`},
		{open, `{"opt":{"path":"safe","PATH":"/etc/passwd"}}`, `/opt: unknown property "PATH" (did you mean "path"?)`},
		{open, `{"opt":{"path":"safe","nested":{"Root":"/"}}}`, `/opt/nested: unknown property "Root" (did you mean "root"?)`},
		{open, `{"opt":{"path":"safe","other":1}}`, `/opt: unknown property "other"`},
		{open, `{"opt":{"path":"safe","pair":[1,2,3]}}`, `/opt/pair: must have at most 2 items`},
		{open, `{"opt":{"path":"safe"},"list":[{"path":"safe","Path":"x"}]}`, `/list/0: unknown property "Path" (did you mean "path"?)`},
		{open, `{"opt":{"path":"safe"},"map":{"k":{"path":"safe","Path":"x"}}}`, `/map/k: unknown property "Path" (did you mean "path"?)`},
		{open, `{"opt":{"path":"safe","nested":{"root":"/"},"nested":{"user":"x"}}}`, `/opt: not valid JSON: the key "nested" stands twice in one object at byte 44`},
		{open, `{"opt":{"path":"unsafe"}}`, `/opt/path: must be "safe"`},
		{open, `{"opt":{"path":"safe"}}`, ""},
	} {
		got := check(c.s, c.raw)
		if want := `invalid arguments for "t": ` + c.want; c.want != "" && got != want || c.want == "" && got != c.raw {
			t.Errorf("%s\n got %s\nwant %s", c.raw, got, c.want)
		}
	}
}

func TestR25_IntegersKeepAllDigits(t *testing.T) {
	type in struct {
		Big int64           `json:"big"`
		U   uint64          `json:"u"`
		Any any             `json:"any"`
		Num json.Number     `json:"num"`
		Raw json.RawMessage `json:"raw"`
		Def int64           `json:"def,omitempty" jsonschema:"default=9007199254740993"`
		Max int64           `json:"max,omitempty" jsonschema:"maximum=9007199254740993"`
	}
	s := mustReflect[in](t)
	if !strings.Contains(string(s.JSON()), `"maximum":9007199254740993`) {
		t.Errorf("the schema rounds: %s", s.JSON())
	}
	args, _, problems := s.Check(`{"big":9007199254740993,"u":18446744073709551615,"any":[9007199254740993],"num":12345678901234567890.10,"raw":{"n":9007199254740993}}`)
	var got in
	if problems = append(problems, s.Decode(args, &got)...); len(problems) > 0 {
		t.Fatal(problems)
	}
	want := in{9007199254740993, 18446744073709551615, []any{json.Number("9007199254740993")}, "12345678901234567890.10",
		json.RawMessage(`{"n":9007199254740993}`), 9007199254740993, 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("digits were lost (-want +got):\n%s", diff)
	}
	if got := check(s, `{"big":0,"u":0,"any":0,"num":0,"raw":0,"max":9007199254740994}`); !strings.Contains(got, "/max: must be at most 9007199254740993") {
		t.Errorf("compared as float64: %s", got)
	}
}

func TestHostileArgumentsCostLittle(t *testing.T) {
	type in struct {
		N    []int64          `json:"n,omitempty"`
		Fill []map[string]int `json:"fill,omitempty"`
		Def  []struct {
			Text string `json:"text,omitempty" jsonschema:"default=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"`
		} `json:"def,omitempty"`
		Deep any     `json:"deep,omitempty"`
		Sub  *in2    `json:"sub,omitempty"`
		F    float32 `json:"f,omitempty"`
	}
	s := mustReflect[in](t)
	for what, raw := range map[string]string{
		"too long":             `{"deep":"` + strings.Repeat("x", MaxArgs) + `"}`,
		"huge exponents":       `{"n":[` + strings.Repeat("1e999999,", 200) + `1]}`,
		"a million digits":     `{"n":[` + strings.Repeat("9", 1<<20) + `]}`,
		"too deep":             `{"deep":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`,
		"defaults without end": `{"def":[` + strings.Repeat("{},", 100_000) + `{}]}`,
		"integers that swell":  `{"n":[` + strings.Repeat("1e308,", 50_000) + `1]}`,
		"wrong ten thousand":   `{"n":[` + strings.Repeat(`"",`, 10_000) + `""]}`,
		"deep by unwrapping":   `{"sub":` + strings.Repeat(`{"sub":`, 40) + `"{\"any\":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}"` + strings.Repeat("}", 40) + `}`,
		"beyond float32":       `{"f":1e39}`,
	} {
		if got := check(s, raw); !strings.HasPrefix(got, "invalid arguments") || len(got) > maxText {
			t.Errorf("%s: %.300s", what, got)
		}
	}
}

type in2 struct {
	Sub *in2 `json:"sub,omitempty"`
	Any any  `json:"any,omitempty"`
}

func TestCheckIsConcurrent(t *testing.T) {
	s := mustReflect[orderArgs](t)
	done := make(chan string)
	for range 8 {
		go func() { done <- check(s, `{"order_id":"O","address":{"city":"C"},"quantity":2.0}`) }()
	}
	const want = `{"address":{"city":"C","zip":"unknown"},"notify":true,"order_id":"O","quantity":2} integral`
	for range 8 {
		if got := <-done; got != want {
			t.Error(got)
		}
	}
}
