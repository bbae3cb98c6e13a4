package gemini_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
)

// TestPieces has calls whose arguments come in pieces. A call with a missing piece is an
// error: a tool must not run with a part of its arguments.
func TestPieces(t *testing.T) {
	chunk := func(call string) string { return event(reply(`{"functionCall":{`+call+`}}`, "")) }
	begun := chunk(`"name":"f","willContinue":true`)
	piece := func(path, value string) string {
		return chunk(`"partialArgs":[{"jsonPath":"` + path + `",` + value + `}],"willContinue":true`)
	}
	text := func(path, text string) string { return piece(path, `"stringValue":"`+text+`"`) }
	start := func(path, text string) string { return piece(path, `"stringValue":"`+text+`","willContinue":true`) }
	ended := event(reply(`{"functionCall":{}}`, "STOP"))
	deep := strings.Repeat("[0]", 64)
	for name, c := range map[string]struct{ body, want string }{
		"texts":                                      {begun + start("$.a", "One ") + start("$.a", "two") + text("$.a", "") + ended, `:f({"a":"One two"}) tool_calls`},
		"texts by turns":                             {begun + start("$.a", "One ") + start("$.b", "1") + start("$.a", "two") + text("$.b", "2") + text("$.a", "") + ended, `:f({"a":"One two","b":"12"}) tool_calls`},
		"an end without a value":                     {begun + start("$.a", "One ") + start("$.a", "two") + chunk(`"partialArgs":[{"jsonPath":"$.a"}],"willContinue":true`) + ended, `:f({"a":"One two"}) tool_calls`},
		"a start without a value":                    {begun + piece("$.a", `"willContinue":true`) + text("$.a", "One") + ended, `:f({"a":"One"}) tool_calls`},
		"values":                                     {begun + piece("$.n", `"numberValue":90071992547409931234`) + piece("$.b", `"boolValue":false`) + piece("$.z", `"nullValue":null`) + ended, `:f({"n":90071992547409931234,"b":false,"z":null}) tool_calls`},
		"a text, and null in the other members":      {begun + piece("$.a", `"stringValue":"7","numberValue":null,"boolValue":null,"nullValue":null`) + ended, `:f({"a":"7"}) tool_calls`},
		"a number, and null in the other members":    {begun + piece("$.a", `"nullValue":null,"stringValue":null,"boolValue":null,"numberValue":0`) + ended, `:f({"a":0}) tool_calls`},
		"half a text, and null in the other members": {begun + piece("$.a", `"nullValue":null,"stringValue":"1","willContinue":true`) + piece("$.a", `"nullValue":null,"stringValue":"2"`) + ended, `:f({"a":"12"}) tool_calls`},
		"null in all members":                        {begun + piece("$.a", `"stringValue":null,"numberValue":null,"boolValue":null,"nullValue":null`) + ended, `:f({"a":null}) tool_calls`},
		"null by its name":                           {begun + piece("$.a", `"nullValue":"NULL_VALUE"`) + ended, `:f({"a":null}) tool_calls`},
		"two values":                                 {begun + piece("$.a", `"stringValue":"7","numberValue":0,"boolValue":false`) + ended, "error malformed"},
		"a number that is an object":                 {begun + piece("$.a", `"numberValue":{"b":1}`) + ended, "error malformed"},
		"a number that is a text":                    {begun + piece("$.a", `"numberValue":"NaN"`) + ended, "error malformed"},
		"a boolean that is a text":                   {begun + piece("$.a", `"boolValue":"x"`) + ended, "error malformed"},
		"a text that is a number":                    {begun + piece("$.a", `"stringValue":7`) + ended, "error malformed"},
		"several in one":                             {begun + chunk(`"partialArgs":[{"stringValue":"a","jsonPath":"$.x"},{"jsonPath":"$.y","numberValue":1}],"willContinue":true`) + ended, `:f({"x":"a","y":1}) tool_calls`},
		"nested":                                     {begun + text("$.a.b[0].c", "x") + piece("$.a.b[0].d", `"numberValue":1`) + text("$.a.b[1].c", "y") + piece("$.a.e[0]", `"boolValue":true`) + ended, `:f({"a":{"b":[{"c":"x","d":1},{"c":"y"}],"e":[true]}}) tool_calls`},
		"quoted names":                               {begun + text(`$['a.b'].c`, "x") + text(`$[\"it's\"]['q\\'q']`, "y") + ended, `:f({"a.b":{"c":"x"},"it's":{"q'q":"y"}}) tool_calls`},
		"no pieces":                                  {begun + ended, ":f() tool_calls"},
		"pieces of nothing":                          {begun + chunk(`"partialArgs":[{},{"jsonPath":null}],"willContinue":true`) + chunk(`"willContinue":true`) + chunk(`"partialArgs":[],"willContinue":true`) + ended, ":f() tool_calls"},
		"the end with a piece":                       {begun + event(reply(`{"functionCall":{"partialArgs":[{"jsonPath":"$.a","numberValue":1}]}}`, "STOP")), `:f({"a":1}) tool_calls`},
		"two calls":                                  {begun + text("$.a", "x") + chunk("") + chunk(`"name":"g","id":"x2","willContinue":true`) + text("$.a", "y") + ended, `:f({"a":"x"}) x2:g({"a":"y"}) tool_calls`},
		"half a text":                                {begun + start("$.order", "12") + ended, "error malformed"},
		"half a text in one":                         {event(reply(`{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.order","stringValue":"12","willContinue":true}]}}`, "STOP")), "error malformed"},
		"half a text among others":                   {begun + text("$.a", "x") + start("$.b[0].c", "y") + text("$.d", "z") + ended, "error malformed"},
		"a number that goes on":                      {begun + piece("$.n", `"numberValue":1,"willContinue":true`) + ended, "error malformed"},
		"an argument that begins alone":              {begun + piece("$.a", `"willContinue":true`) + ended, "error malformed"},
		"an argument without a value":                {begun + piece("$.a", `"stringValue":null`) + ended, "error malformed"},
		"the next call in half a text":               {begun + start("$.a", "x") + event(reply(`{"functionCall":{"name":"g","args":{}}}`, "STOP")), "error malformed"},
		"the next call in a call":                    {begun + text("$.a", "x") + event(reply(`{"functionCall":{"name":"g","args":{}}}`, "STOP")), "error malformed"},
		"the next call at once":                      {begun + event(reply(`{"functionCall":{"name":"g","args":{}}}`, "STOP")), "error malformed"},
		"arguments as a whole":                       {chunk(`"name":"f","args":{},"willContinue":true`) + start("$.a", "x") + event(reply(`{"functionCall":{"args":{"a":"y"}}}`, "STOP")), `:f({"a":"y"}) tool_calls`},
		"no name":                                    {text("$.a", "x") + ended, `:({"a":"x"}) tool_calls`},
		"cut off":                                    {begun + start("$.a", "x") + event(reply(``, "MAX_TOKENS")), ":f() length"},
		"no end":                                     {begun + start("$.a", "x") + event(reply(``, "STOP")), "error unavailable"},
		"twice":                                      {begun + piece("$.a", `"stringValue":"x"`) + text("$.a", "y") + ended, "error malformed"},
		"a number, then text":                        {begun + piece("$.a", `"numberValue":1,"willContinue":true`) + text("$.a", "y") + ended, "error malformed"},
		"through a text":                             {begun + text("$.a", "x") + text("$.a.b", "y") + ended, "error malformed"},
		"through a list":                             {begun + text("$.a[0]", "x") + text("$.a.b", "y") + ended, "error malformed"},
		"a value for all":                            {begun + text("$.a", "x") + piece("$.a.b", `"numberValue":1`) + ended, "error malformed"},
		"a gap":                                      {begun + text("$.a[1]", "x") + ended, "error malformed"},
		"a huge index":                               {begun + text("$.a[99999999999999999999]", "x") + ended, "error malformed"},
		"as deep as it may be":                       {begun + piece("$"+deep, `"numberValue":1`) + ended, ":f(" + strings.Repeat("[", 64) + "1" + strings.Repeat("]", 64) + ") tool_calls"},
		"too deep":                                   {begun + piece("$"+deep+".a", `"numberValue":1`) + ended, "error malformed"},
	} {
		t.Run(name, func(t *testing.T) { adaptertest.Fixture(t, c.body, c.want, dial) })
	}
	for _, path := range []string{"", "$", "a", "$a", "$.", "$..a", "$.a.", "$[]", "$[-1]", "$[*]", "$[0", "$['a'", "$['a]", `$['a\\x']`, "$.a[?(@.b)]"} {
		t.Run(fmt.Sprintf("the path %q", path), func(t *testing.T) {
			adaptertest.Fixture(t, begun+text(path, "x")+ended, "error malformed", dial)
		})
	}
}

// A call with broken arguments gets no DeltaCallEnd: a read-only tool would start.
func TestBrokenPiecesEndNoCall(t *testing.T) {
	stream := event(reply(`{"functionCall":{"name":"f","willContinue":true}}`, "")) +
		event(reply(`{"functionCall":{"partialArgs":[{"jsonPath":"$.a","numberValue":1},{"jsonPath":"$.b[1]","numberValue":2}]}}`, "STOP"))
	var kinds []provider.DeltaKind
	_, err := dial(adaptertest.Replay("text/event-stream", stream)).Generate(t.Context(), adaptertest.Question, func(d provider.Delta) { kinds = append(kinds, d.Kind) })
	if e := adaptertest.Failure(t, err); e.Kind != provider.KindMalformed || !e.Emitted || !slices.Equal(kinds, []provider.DeltaKind{provider.DeltaCallStart}) {
		t.Errorf("%v, after the deltas %v", err, kinds)
	}
}
