package openai_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestStreamQuirks has the forms of tool calls in the streams of real servers.
func TestStreamQuirks(t *testing.T) {
	const (
		f1   = `{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}`
		two  = "c1:f({\"a\":1}) c2:g({\"b\":2}) tool_calls"
		one  = "c1:f({\"a\":1}) tool_calls"
		stop = `"tool_calls"`
	)
	beside := func(message, delta string) string {
		return `data: {"choices":[{"index":0,"message":` + message + `,"delta":` + delta + "}]}\n\n"
	}
	last := func(message string) string {
		return `data: {"choices":[{"index":0,"message":` + message + `,"finish_reason":"tool_calls"}]}` + "\n\n"
	}
	of := func(choice int, delta string) string {
		return fmt.Sprintf("data: {\"choices\":[{\"index\":%d,\"delta\":%s}]}\n\n", choice, delta)
	}
	args := func(text string) string { return `{"index":0,"function":{"arguments":"` + text + `"}}` }
	for _, c := range []struct {
		name   string
		events string
		want   string
	}{
		// What the API itself sends.
		{"plain", chunk(calls(f1), "null") + chunk(calls(args(`{\"a\"`)), "null") + chunk(calls(args(`:1}`)), "null") + chunk("{}", stop), one},

		// Ids.
		{"no id", chunk(calls(`{"index":0,"function":{"name":"f","arguments":"{\"a\":1}"}}`), stop), ":f({\"a\":1}) tool_calls"},
		{"id is null", chunk(calls(`{"index":0,"id":null,"function":{"name":"f","arguments":"{}"}}`), stop), ":f({}) tool_calls"},
		{"id is a number", chunk(calls(`{"index":0,"id":12,"function":{"name":"f","arguments":"{}"}}`), stop), "12:f({}) tool_calls"},
		{"two calls share one id", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}`), "null") + chunk(calls(`{"index":1,"id":"c1","function":{"name":"g","arguments":"{}"}}`), stop), "c1:f({}) c1:g({}) tool_calls"},
		{"two calls share one id and have no index", chunk(calls(`{"id":"c1","function":{"name":"f","arguments":"{}"}}`), "null") + chunk(calls(`{"id":"c1","function":{"name":"f","arguments":"{\"x\":1}"}}`), stop), "c1:f({}) c1:f({\"x\":1}) tool_calls"},
		{"an id of 200 characters", chunk(calls(`{"index":0,"id":"`+strings.Repeat("x", 200)+`","function":{"name":"f","arguments":"{}"}}`), stop), strings.Repeat("x", 200) + ":f({}) tool_calls"},
		{"later deltas carry id \"\", and an empty one ends (Qwen)", chunk(calls(f1), "null") + chunk(calls(`{"index":0,"id":"","function":{"arguments":"{\"a\":"}}`), "null") + chunk(calls(`{"index":0,"id":"","function":{"arguments":"1}"}}`), "null") + chunk(calls(`{"index":0,"id":"","function":{"name":"","arguments":""}}`), stop), one},
		{"the id on every chunk", chunk(calls(`{"id":"c1","function":{"name":"f","arguments":""}}`), "null") + chunk(calls(`{"id":"c1","function":{"arguments":"{\"a\""}}`), "null") + chunk(calls(`{"id":"c1","function":{"arguments":":1}"}}`), stop), one},
		{"id and name on every chunk", chunk(calls(f1), "null") + chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\""}}`), "null") + chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":":1}"}}`), "null") + chunk(calls(f1), stop), one},
		{"a new id on every chunk", chunk(calls(f1), "null") + chunk(calls(`{"index":0,"id":"x2","function":{"arguments":"{\"a\""}}`), "null") + chunk(calls(`{"index":0,"id":"x3","function":{"arguments":":1}"}}`), stop), one},
		{"the id comes later", chunk(calls(`{"function":{"name":"f","arguments":"{\"a\""}}`), "null") + chunk(calls(`{"id":"c1","function":{"arguments":":1}"}}`), stop), one},

		// Names.
		{"a long name on every chunk", strings.Repeat(chunk(calls(`{"index":0,"id":"c1","function":{"name":"`+strings.Repeat("n", 200)+`","arguments":" "}}`), "null"), 2), "c1:" + strings.Repeat("n", 200) + "(  ) tool_calls"},
		{"a name without end", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f"}}`, strings.TrimSuffix(strings.Repeat(`{"index":0,"name":"bbbbbbbbbbbbbbbbbbbbbbbb"},`, 20), ",")), stop), "error malformed"},
		{"the name in two pieces", chunk(calls(`{"index":0,"id":"c1","function":{"name":"get_order","arguments":""}}`), "null") + chunk(calls(`{"index":0,"function":{"name":"_details","arguments":"{}"}}`), stop), "c1:get_order_details({}) tool_calls"},
		{"the name after the arguments", chunk(calls(`{"index":0,"id":"c1","function":{"arguments":"{\"a\":"}}`), "null") + chunk(calls(`{"index":0,"function":{"name":"f","arguments":"1}"}}`), stop), one},
		{"an empty name", chunk(calls(`{"index":0,"id":"c1","function":{"name":"","arguments":"{}"}}`), stop), "c1:({}) tool_calls"},
		{"an odd name stays as it is", chunk(calls(`{"index":0,"id":"c1","function":{"name":" functions.f ","arguments":"{}"}}`), stop), "c1: functions.f ({}) tool_calls"},

		// Where the pieces belong.
		{"no index, one call", chunk(calls(`{"id":"c1","function":{"name":"f","arguments":"{\"a\""}}`), "null") + chunk(calls(`{"function":{"arguments":":1}"}}`), stop), one},
		{"no index, two calls, one delta each (Gemini)", chunk(calls(`{"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`), "null") + chunk(calls(`{"id":"c2","function":{"name":"g","arguments":"{\"b\":2}"}}`), stop), two},
		{"no index, no ids, two calls", chunk(calls(`{"id":"","function":{"name":"f","arguments":"{\"a\":1}"}}`), "null") + chunk(calls(`{"id":"","function":{"name":"g","arguments":"{}"}}`), stop), ":f({\"a\":1}) :g({}) tool_calls"},
		{"no index, no ids, two calls in one delta", chunk(calls(`{"function":{"name":"f","arguments":""}}`, `{"function":{"name":"g","arguments":""}}`), stop), ":f() :g() tool_calls"},
		{"all at index 0, each with its id (Ollama)", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`), "null") + chunk(calls(`{"index":0,"id":"c2","function":{"name":"g","arguments":"{\"b\":2}"}}`), stop), two},
		{"all at index 0, each with its id, in one delta", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`, `{"index":0,"id":"c2","function":{"name":"g","arguments":"{\"b\":2}"}}`), stop), two},
		{"all at index 0, in pieces", chunk(calls(f1), "null") + chunk(calls(args(`{\"a\":1}`)), "null") + chunk(calls(`{"index":0,"id":"c2","function":{"name":"g","arguments":""}}`), "null") + chunk(calls(args(`{\"b\":2}`)), stop), two},
		{"all at index 0, without ids and arguments", chunk(calls(`{"index":0,"function":{"name":"f","arguments":""}}`), "null") + chunk(calls(`{"index":0,"function":{"name":"g","arguments":""}}`), stop), ":fg() tool_calls"},
		{"all at index 0, without ids", chunk(calls(`{"index":0,"function":{"name":"f","arguments":"{\"a\":1}"}}`), "null") + chunk(calls(`{"index":0,"function":{"name":"f","arguments":"{\"a\":2}"}}`), stop), ":f({\"a\":1}) :f({\"a\":2}) tool_calls"},
		{"indexes 0 and 5", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`), "null") + chunk(calls(`{"index":5,"id":"c2","function":{"name":"g","arguments":"{\"b\":2}"}}`), stop), two},
		{"index -1", chunk(calls(`{"index":-1,"id":"c1","function":{"name":"f","arguments":"{\"a\""}}`), "null") + chunk(calls(`{"index":-1,"function":{"arguments":":1}"}}`), stop), one},
		{"index null", chunk(calls(`{"index":null,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`), stop), one},
		{"index 1 before index 0", chunk(calls(`{"index":1,"id":"c2","function":{"name":"g","arguments":"{\"b\":2}"}}`), "null") + chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`), stop), two},
		{"pieces of both calls in one delta", chunk(calls(f1, `{"index":1,"id":"c2","function":{"name":"g","arguments":"{\"b\""}}`), "null") + chunk(calls(args(`{\"a\":1}`), `{"index":1,"function":{"arguments":":2}"}}`), stop), two},
		{"no type and no function object", chunk(calls(`{"index":0,"id":"c1","name":"f","arguments":"{\"a\":1}"}`), stop), one},
		{"the older function_call", chunk(`{"function_call":{"name":"f","arguments":"{\"a\""}}`, "null") + chunk(`{"function_call":{"arguments":":1}"}}`, `"function_call"`), ":f({\"a\":1}) tool_calls"},
		{"calls spread over choices (Copilot)", `data: {"choices":[{"index":0,"delta":{"content":"hm"}},{"index":1,"delta":` + calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`) + `,"finish_reason":"tool_calls"}]}` + "\n\n", "text(hm) " + one},

		// Choices. One answer is asked for.
		{"a line break within a call of another choice", of(0, `{"content":"hm"}`) + of(1, calls(f1)) + of(1, `{"content":"\n"}`) + of(1, calls(args(`{\"a\":1}`))) + of(1, "{}") + chunk("{}", stop), "text(hm) " + one},
		{"text within a call of another choice", of(0, `{"content":"hm"}`) + of(1, calls(f1)) + of(1, `{"content":"oh"}`) + of(1, calls(args(`{\"a\":1}`))) + chunk("{}", stop), "text(hm) " + one},
		{"reasoning within a call of another choice", of(0, `{"reasoning":"hm"}`) + of(1, calls(f1)) + of(1, `{"reasoning":"oh"}`) + of(1, calls(args(`{\"a\":1}`))) + chunk("{}", stop), "reasoning(hm) " + one},
		{"a cut within a call of a choice that repeats text", of(0, `{"content":"hm"}`) + of(1, calls(f1)) + of(1, `{"content":"oh"}`) + `data: {"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}` + "\n\n" + chunk("{}", stop), "text(hm) c1:f() length"},
		{"a line break ahead of a call in another choice", of(0, `{"content":"hm"}`) + of(1, `{"content":" \n"}`) + of(1, calls(f1, args(`{\"a\":1}`))) + chunk("{}", stop), "text(hm) " + one},
		{"white space alone in the first choice", of(0, `{"content":"\n"}`) + of(1, `{"content":"hm"}`) + of(1, calls(f1, args(`{\"a\":1}`))) + `data: {"choices":[{"index":1,"delta":{},"finish_reason":"tool_calls"}]}` + "\n\n", "text(\nhm) " + one},
		{"white space between words", of(0, `{"content":"a"}`) + of(0, `{"content":" "}`) + of(1, `{"content":" "}`) + of(0, `{"content":"b"}`) + chunk("{}", `"stop"`), "text(a b) stop"},
		{"two answers by turns", of(0, `{"content":"Do"}`) + of(1, `{"content":"Ot"}`) + of(0, `{"content":"ne."}`) + of(1, `{"content":"her."}`), "text(Done.) stop"},
		{"two answers by turns, the index behind", `data: {"choices":[{"delta":{"content":"Do"},"index":0},{"delta":{"content":"Ot"},"index":1}]}` + "\n\n" + `data: {"choices":[{"delta":{"content":"her."},"index":1},{"delta":{"content":"ne."},"index":0}]}` + "\n\n", "text(Done.) stop"},
		{"two answers without indexes", `data: {"choices":[{"delta":{"content":"Done."}},{"delta":{"content":"Other."}}]}` + "\n\n", "text(Done.) stop"},
		{"two answers that call", of(0, calls(f1)) + of(1, calls(strings.Replace(f1, "c1", "x1", 1))) + of(0, calls(args(`{\"a\":1}`))) + of(1, calls(args(`{\"a\":2}`))), one},
		{"two answers that think", of(0, `{"reasoning":"Hm","reasoning_details":[{"type":"reasoning.text","text":"Hm"}]}`) + of(1, `{"reasoning":"Ah","content":"Other."}`) + of(0, `{"content":"Done."}`), "reasoning(Hm) text(Done.) stop"},
		{"a call of another answer", of(0, `{"content":"Done."}`) + of(1, `{"content":"Other."}`) + of(1, calls(f1)) + of(1, calls(args(`{\"a\":1}`))), "text(Done.) stop"},
		{"another answer is cut", of(0, `{"content":"Done."}`) + of(1, `{"content":"Oth"}`) + `data: {"choices":[{"index":1,"delta":{},"finish_reason":"length"},{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n", "text(Done.) stop"},
		{"a choice that is cut ahead of its call", of(0, `{"content":"hm"}`) + `data: {"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}` + "\n\n", "text(hm) length"},
		{"a choice that fails ahead of its call", of(0, `{"content":"hm"}`) + `data: {"choices":[{"index":1,"error":{"message":"no","code":502}}]}` + "\n\n", "error unavailable"},
		{"a choice of nothing", of(0, `{"content":"Done."}`) + `data: {"choices":[{"index":1,"delta":{},"finish_reason":"tool_calls"}]}` + "\n\n", "text(Done.) stop"},
		{"another answer fails", of(0, `{"content":"Done."}`) + of(1, `{"content":"Oth"}`) + `data: {"choices":[{"index":1,"error":{"message":"no","code":502}}]}` + "\n\n", "text(Done.) stop"},
		{"the first that is seen", of(1, `{"content":"Done."}`) + of(0, `{"content":"Other."}`), "text(Done.) stop"},
		{"a call cut off in its choice (Copilot)", of(0, `{"content":"hm"}`) + of(1, calls(f1)) + `data: {"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}` + "\n\n", "text(hm) c1:f() length"},

		// Elements that are not calls.
		{"an element of nothing beside text", chunk(`{"content":"hi","tool_calls":[{}]}`, `"stop"`), "text(hi) stop"},
		{"an element of nothing that says what it is", chunk(`{"content":"hi","tool_calls":[{"index":0,"id":"","type":"function","function":{"name":"","arguments":""}}]}`, stop), "text(hi) stop"},
		{"an element of null beside text", chunk(`{"content":"hi","tool_calls":[null]}`, `"stop"`), "text(hi) stop"},
		{"a function_call of nothing beside text", chunk(`{"content":"hi","function_call":{}}`, `"stop"`), "text(hi) stop"},
		{"a function_call of nothing beside a call", chunk(`{"function_call":{"name":"","arguments":""},"tool_calls":[`+f1+`]}`, "null") + chunk(calls(args(`{\"a\":1}`)), stop), one},
		{"an element of nothing beside a function_call", chunk(`{"function_call":{"name":"f","arguments":"{\"a\":1}"},"tool_calls":[{}]}`, stop), ":f({\"a\":1}) tool_calls"},
		{"a call of nothing alone", chunk(calls(`{"index":0}`), stop), ":() tool_calls"},
		{"arguments without a name", chunk(`{"content":"hi","tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]}`, stop), "text(hi) :({\"a\":1}) tool_calls"},
		{"an empty object among the pieces", chunk(calls(f1), "null") + chunk(calls(args(`{\"a\":`)), "null") + chunk(calls(args(`{}`)), "null") + chunk(calls(args(`}`)), stop), "c1:f({\"a\":{}}) tool_calls"},
		{"a call that is cut off at its id", chunk(calls(`{"index":0,"id":"c1"}`), `"length"`), "length"},
		{"a call that is an id", chunk(calls(`{"index":0,"id":"c1"}`), `"stop"`), "stop"},
		{"a call that is an id beside text", chunk(`{"content":"hi"}`, "null") + chunk(calls(`{"index":0,"id":"c1","function":{"name":"","arguments":""}}`), stop), "text(hi) stop"},
		{"a call that is an id, and nothing else is there", chunk(calls(`{"index":0,"id":"c1","function":{"name":"","arguments":""}}`), stop), "c1:() tool_calls"},
		{"a call that is an id and an empty object, beside a call", chunk(calls(`{"index":0,"id":"c0","function":{"arguments":"{}"}}`, `{"index":1,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`), stop), one},

		// Arguments.
		{"arguments are null", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":null}}`), stop), "c1:f() tool_calls"},
		{"no arguments key", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f"}}`), stop), "c1:f() tool_calls"},
		{"arguments are an object", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":{"a": 9007199254740993}}}`), stop), `c1:f({"a":9007199254740993}) tool_calls`},
		{"{} and then the object", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}`), "null") + chunk(calls(args(`{\"a\":1}`)), stop), `c1:f({}{"a":1}) tool_calls`},
		{"{} and then the object, id and name repeated", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}`), "null") + chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`), stop), `c1:f({}{"a":1}) tool_calls`},
		{"a call repeated in everything", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}`), "null") + chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}}`), stop), `c1:f({}) c1:f({}) tool_calls`},
		{"half of a surrogate pair inside", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":\"\\ud83d\"}"}}`), stop), `c1:f({"a":"\ud83d"}) tool_calls`},
		{"half of a surrogate pair outside", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":\"\ud83d\"}"}}`), stop), "c1:f({\"a\":\"\ufffd\"}) tool_calls"},
		{"a 1 MiB string in one line", chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"`+strings.Repeat("x", 1<<20)+`"}}`), stop), "c1:f(" + strings.Repeat("x", 1<<20) + ") tool_calls"},

		// Messages beside deltas.
		{"all the text so far before each delta (Perplexity)", beside(`{"content":"It "}`, `{"content":"It "}`) + beside(`{"content":"It is"}`, `{"content":"is"}`) + chunk("{}", `"stop"`), "text(It is) stop"},
		{"the call so far before each delta", beside(calls(f1), calls(f1)) + beside(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}`), calls(args(`{\"a\":1}`))) + chunk("{}", stop), one},
		{"the whole message after the deltas", chunk(calls(f1), "null") + chunk(calls(args(`{\"a\":1}`)), "null") + beside(calls(`{"id":"c1","function":{"name":"f","arguments":"{\"a\": 1}"}}`), "{}"), one},
		{"a message and deltas that say nothing", chunk(`{"role":"assistant","content":""}`, "null") + beside(`{"content":"hi","tool_calls":[`+f1+`]}`, `{"role":"assistant"}`), "text(hi) c1:f() tool_calls"},
		{"a call in the last message alone", chunk(`{"content":"hm"}`, "null") + last(`{"content":"hm","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}]}`), "text(hm) " + one},
		{"a call in the last message alone, beside a delta", chunk(`{"content":"hm"}`, "null") + strings.Replace(last(`{"content":"hm","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}]}`), `"message"`, `"delta":{},"message"`, 1), "text(hm) " + one},
		{"text and reasoning in the last message alone", chunk(calls(f1), "null") + chunk(calls(args(`{\"a\":1}`)), "null") + last(`{"content":"hm","reasoning":"so","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}]}`), "reasoning(so) text(hm) " + one},
		{"everything in the last message again", chunk(`{"reasoning":"so","content":"hm"}`, "null") + chunk(calls(f1), "null") + chunk(calls(args(`{\"a\":1}`)), "null") + last(`{"content":"hm","reasoning":"so","reasoning_content":"so","reasoning_details":[{"text":"so"}],"tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}]}`), "reasoning(so) text(hm) " + one},
		{"a call in the last message of another answer", of(0, `{"content":"hm"}`) + strings.Replace(last(`{"content":"oh","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"a\":1}"}}]}`), `"index":0`, `"index":1`, 1), "text(hm) stop"},
		{"messages alone", `data: {"choices":[{"message":{"content":"It "}}]}` + "\n\n" + `data: {"choices":[{"message":{"content":"is"}}]}` + "\n\n", "text(It is) stop"},

		// What stands around the calls.
		{"a choice without delta (Azure)", chunk(calls(f1), "null") + `data: {"choices":[{"index":0,"finish_reason":null,"content_filter_results":{}}]}` + "\n\n" + chunk(calls(args(`{\"a\":1}`)), stop), one},
		{"the first chunk has no choice (Azure)", `data: {"choices":[],"prompt_filter_results":[{"x":1}]}` + "\n\n" + chunk(`{"content":"hi"}`, `"stop"`), "text(hi) stop"},
		{"choices are null", `data: {"choices":null}` + "\n\n" + chunk(`{"content":"hi"}`, `"stop"`) + `data: {"choices":null,"usage":null}` + "\n\n", "text(hi) stop"},
		{"role is empty, content beside the calls", chunk(`{"role":"","content":"","tool_calls":[`+f1+`]}`, "null") + chunk(calls(args(`{\"a\":1}`)), stop), one},
		{"text, then a call", chunk(`{"content":"Let me"}`, "null") + chunk(`{"content":" look."}`, "null") + chunk(calls(f1), "null") + chunk(calls(args(`{\"a\":1}`)), stop), "text(Let me look.) " + one},
		{"empty tool_calls beside text", chunk(`{"content":"hi","tool_calls":[]}`, `"stop"`), "text(hi) stop"},
		{"tool_calls are null", chunk(`{"content":"hi","tool_calls":null}`, `"stop"`), "text(hi) stop"},
		{"reasoning before the call", chunk(`{"reasoning_content":"I "}`, "null") + chunk(`{"reasoning_content":"see."}`, "null") + chunk(calls(f1), "null") + chunk(calls(args(`{\"a\":1}`)), stop), "reasoning(I see.) " + one},
		{"the same reasoning in two fields", chunk(`{"reasoning":"I see.","reasoning_content":"I see."}`, "null") + chunk(`{"content":"hi"}`, `"stop"`), "reasoning(I see.) text(hi) stop"},
		{"a refusal", chunk(`{"refusal":"I can"}`, "null") + chunk(`{"refusal":"not."}`, `"stop"`), "text(I cannot.) stop"},
		{"a call written into the text", chunk(`{"content":"<tool_call>{}</tool_call>"}`, `"stop"`), "text(<tool_call>{}</tool_call>) stop"},
		{"content in parts (Mistral)", chunk(`{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"hi"}]}`, `"stop"`), "reasoning(Hm.) text(hi) stop"},

		// Finish reasons.
		{"finish stop", chunk(calls(f1, args(`{\"a\":1}`)), `"stop"`), one},
		{"finish null", chunk(calls(f1, args(`{\"a\":1}`)), `null`), one},
		{"finish empty", chunk(calls(f1, args(`{\"a\":1}`)), `""`), one},
		{"finish eos_token", chunk(calls(f1, args(`{\"a\":1}`)), `"eos_token"`), one},
		{"finish function_call", chunk(calls(f1, args(`{\"a\":1}`)), `"function_call"`), one},
		{"finish tool_calls without a call", chunk(`{"content":"hi"}`, stop), "text(hi) stop"},
		{"finish twice", chunk(calls(f1, args(`{\"a\":1}`)), stop) + chunk("{}", `"stop"`), one},
		{"cut after a finish", chunk(calls(f1, args(`{\"a\":1}`)), stop) + chunk("{}", `"length"`), "c1:f({\"a\":1}) length"},
		{"length inside the arguments", chunk(calls(f1, args(`{\"a`)), `"length"`), "c1:f({\"a) length"},
		{"length inside text", chunk(`{"content":"It is"}`, `"length"`), "text(It is) length"},
		{"content filter", chunk(`{"content":"It is"}`, `"content_filter"`), "text(It is) filtered"},
		{"finish error", chunk(`{"content":"It is"}`, `"error"`), "error unavailable"},
		{"no capacity (DeepSeek)", chunk(`{"content":"It is"}`, `"insufficient_system_resource"`), "error overloaded"},
		{"nothing at all", chunk("{}", `"stop"`), "stop"},
		{"no choice ever", `data: {"choices":[]}` + "\n\n", "error malformed"},
		{"too many calls", strings.Repeat(chunk(calls(`{"function":{"name":"f","arguments":"{}"}}`), "null"), 1025), "error malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := client(t, says(200, "text/event-stream", c.events+done))
			for _, stream := range []bool{true, false} {
				if got := ask(t, asked, stream); got != c.want {
					t.Errorf("streamed %v:\n got %.300s\nwant %.300s", stream, got, c.want)
				}
			}
		})
	}
}

// TestR02_FinishReasons has the finish reasons of real servers. If a reason may mean a cut, a
// call without arguments counts as cut off.
func TestR02_FinishReasons(t *testing.T) {
	const length, filtered = "length", "filtered"
	unavailable := "error unavailable"
	for _, c := range []struct {
		reason              string
		empty, begun, whole string // what becomes of a call with no, some or all arguments
	}{
		{"length", length, length, length},
		{"max_tokens", length, length, length},
		{"FINISH_REASON_MAX_TOKENS", length, length, length},
		{"max_output_tokens", length, length, length},
		{"model_length", length, length, length},
		{"model_context_window_exceeded", length, length, length},
		{"content_filter", filtered, filtered, filtered},
		{"SAFETY", filtered, filtered, filtered},
		{"sensitive", filtered, filtered, filtered},
		{"RECITATION", filtered, filtered, filtered},
		{"PROHIBITED_CONTENT", filtered, filtered, filtered},
		{"BLOCKLIST", filtered, filtered, filtered},
		{"error", unavailable, unavailable, unavailable},
		{"network_error", unavailable, unavailable, unavailable},
		{"abort", unavailable, unavailable, unavailable},
		{"Cancelled", unavailable, unavailable, unavailable},
		{"MALFORMED_FUNCTION_CALL", "error malformed", "error malformed", "error malformed"},
		{"stop", "tool_calls", "tool_calls", "tool_calls"},
		{"STOP", "tool_calls", "tool_calls", "tool_calls"},
		{"end_turn", "tool_calls", "tool_calls", "tool_calls"},
		{"eos", "tool_calls", "tool_calls", "tool_calls"},
		{"stop_sequence", "tool_calls", "tool_calls", "tool_calls"},
		{"", "tool_calls", "tool_calls", "tool_calls"},
		{"something_new", length, length, "tool_calls"},
	} {
		for args, want := range map[string]string{"": c.empty, `{\"a\"`: c.begun, `{\"a\":1}`: c.whole} {
			if !strings.HasPrefix(want, "error") {
				want = "c1:f(" + strings.ReplaceAll(args, `\`, "") + ") " + want
			}
			events := chunk(calls(`{"index":0,"id":"c1","function":{"name":"f","arguments":"`+args+`"}}`), "null") + chunk("{}", `"`+c.reason+`"`) + done
			if got := ask(t, client(t, says(200, "text/event-stream", events)), true); got != want {
				t.Errorf("%q after %q: got %s, want %s", c.reason, args, got, want)
			}
		}
	}
}

// TestDocumentQuirks is like TestStreamQuirks, for whole responses.
func TestDocumentQuirks(t *testing.T) {
	doc := func(message, finish string) string {
		return `{"id":"r1","choices":[{"index":0,"message":` + message + `,"finish_reason":` + finish + `}]}`
	}
	const call = `{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}`
	for _, c := range []struct{ name, body, want string }{
		{"plain", doc(`{"role":"assistant","content":"hi"}`, `"stop"`), "text(hi) stop"},
		{"a call", doc(`{"content":null,"tool_calls":[`+call+`]}`, `"tool_calls"`), `c1:f({"a":1}) tool_calls`},
		{"calls equal in everything", doc(`{"tool_calls":[`+call+`,`+call+`]}`, `"stop"`), `c1:f({"a":1}) c1:f({"a":1}) tool_calls`},
		{"calls without ids and indexes", doc(`{"tool_calls":[{"function":{"name":"f"}},{"function":{"name":"f"}}]}`, `null`), ":f() :f() tool_calls"},
		{"calls all at index 0", doc(`{"tool_calls":[{"index":0,"id":"c1","function":{"name":"f","arguments":""}},{"index":0,"id":"c2","function":{"name":"g","arguments":""}}]}`, `null`), "c1:f() c2:g() tool_calls"},
		{"a call of nothing", doc(`{"tool_calls":[{}]}`, `"tool_calls"`), ":() tool_calls"},
		{"no id, null, number", doc(`{"tool_calls":[{"function":{"name":"f"}},{"id":null,"function":{"name":"f"}},{"id":7,"function":{"name":"f"}}]}`, `"stop"`), ":f() :f() 7:f() tool_calls"},
		{"arguments are an object", doc(`{"tool_calls":[{"id":"c1","function":{"name":"f","arguments":{"a":[1]}}}]}`, `"stop"`), `c1:f({"a":[1]}) tool_calls`},
		{"the older function_call", doc(`{"content":null,"function_call":{"name":"f","arguments":"{}"}}`, `"function_call"`), ":f({}) tool_calls"},
		{"calls in a second choice (Copilot)", `{"choices":[{"message":{"content":"hm"},"finish_reason":"tool_calls"},{"message":{"tool_calls":[` + call + `]},"finish_reason":"tool_calls"}]}`, `text(hm) c1:f({"a":1}) tool_calls`},
		{"calls in a second choice, beside a line break", `{"choices":[{"message":{"content":"hm"},"finish_reason":"tool_calls"},{"message":{"content":"\n","tool_calls":[` + call + `]},"finish_reason":"tool_calls"}]}`, `text(hm) c1:f({"a":1}) tool_calls`},
		{"another answer that calls", `{"choices":[{"message":{"content":"hm"},"finish_reason":"stop"},{"message":{"content":"oh","tool_calls":[` + call + `]},"finish_reason":"tool_calls"}]}`, "text(hm) stop"},
		{"another answer that calls ahead of its text", `{"choices":[{"message":{"content":"hm"},"finish_reason":"stop"},{"message":{"tool_calls":[` + call + `],"content":"oh"},"finish_reason":"tool_calls"}]}`, "text(hm) stop"},
		{"two answers", `{"choices":[{"finish_reason":"stop","index":0,"message":{"content":"Done."}},{"finish_reason":"length","index":1,"message":{"content":"Other."}}]}`, "text(Done.) stop"},
		{"two answers that call", `{"choices":[{"message":{"content":"hm","tool_calls":[` + call + `]}},{"message":{"content":"Hm","tool_calls":[` + strings.Replace(call, "c1", "x1", 1) + `]}}]}`, `text(hm) c1:f({"a":1}) tool_calls`},
		{"two answers that call, without a word", `{"choices":[{"message":{"tool_calls":[` + call + `]}},{"message":{"tool_calls":[` + strings.Replace(call, "c1", "x1", 1) + `]}}]}`, `c1:f({"a":1}) tool_calls`},
		{"a function_call of nothing beside text", doc(`{"content":"hi","function_call":{"name":"","arguments":""},"tool_calls":null}`, `""`), "text(hi) stop"},
		{"a function_call of an empty object beside text", doc(`{"content":"hi","function_call":{"name":"","arguments":"{}"}}`, `"stop"`), "text(hi) stop"},
		{"a call of nothing beside text", doc(`{"content":"hi","tool_calls":[{"id":"","type":"function","function":{"name":"","arguments":""}}]}`, `"tool_calls"`), "text(hi) stop"},
		{"a call that is an id beside text", doc(`{"content":"hi","tool_calls":[{"id":"call_0","type":"function","function":{"name":"","arguments":""}}]}`, `"stop"`), "text(hi) stop"},
		{"a call of nothing beside a call", doc(`{"tool_calls":[{},`+call+`]}`, `"tool_calls"`), `c1:f({"a":1}) tool_calls`},
		{"no text, and calls of nothing", doc(`{"content":"","function_call":{},"tool_calls":[{}]}`, `"stop"`), "stop"},
		{"a call without a name beside text", doc(`{"content":"hi","function_call":{"arguments":"{\"a\":1}"}}`, `"stop"`), `text(hi) :({"a":1}) tool_calls`},
		{"a call without a name that is cut off", doc(`{"content":"hi","tool_calls":[{"function":{"arguments":"{\"a\""}}]}`, `"length"`), `text(hi) :({"a") length`},
		{"a refusal", doc(`{"content":null,"refusal":"No."}`, `"stop"`), "text(No.) stop"},
		{"content in parts", doc(`{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`, `"stop"`), "text(ab) stop"},
		{"length", doc(`{"content":"It is"}`, `"length"`), "text(It is) length"},
		{"max_tokens", doc(`{"content":"It is"}`, `"max_tokens"`), "text(It is) length"},
		{"an empty delta beside the message (Perplexity)", `{"choices":[{"message":{"content":"hi"},"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}`, "text(hi) stop"},
		{"blank lines ahead", "\n\n   \n\n" + doc(`{"content":"hi"}`, `"stop"`), "text(hi) stop"},
		{"a byte order mark", "\ufeff" + doc(`{"content":"hi"}`, `"stop"`), "text(hi) stop"},
		{"message is null", doc(`null`, `"stop"`), "error malformed"},
		{"no choices", `{"choices":[]}`, "error malformed"},
		{"choices are null", `{"choices":null}`, "error malformed"},
		{"an empty list", `[]`, "error malformed"},
		{"broken", doc(`{"content":"hi"`, `"stop"`), "error malformed"},
		{"an error object", `{"error":{"message":"no","type":"server_error"}}`, "error unavailable"},
		{"an error text", `{"error":"no"}`, "error unavailable"},
		{"an error with a code", `{"error":{"message":"slow down","code":429}}`, "error rate_limited"},
		{"a flat error (vLLM)", `{"object":"error","message":"no","type":"BadRequestError","code":400}`, "error invalid_request"},
		{"a detail (FastAPI)", `{"detail":"no"}`, "error unavailable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := client(t, says(200, "application/json", c.body))
			for _, stream := range []bool{false, true} { // some servers do not stream though asked to
				if got := ask(t, asked, stream); got != c.want {
					t.Errorf("streamed %v:\n got %s\nwant %s", stream, got, c.want)
				}
			}
		})
	}
}
