package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// A script is what the model says: calls, turn by turn, each a tool's name and
// its arguments, and then an answer, in the pieces that it is streamed in.
type script struct {
	turns  [][]string
	answer []string
}

// replies renders a script, one reply for each turn of the model.
func (s script) replies(stream bool) [][]byte {
	render := whole
	if stream {
		render = streamed
	}
	replies := make([][]byte, 0, len(s.turns)+1)
	for i, calls := range s.turns {
		replies = append(replies, render(i, calls, nil))
	}
	return append(replies, render(0, nil, s.answer))
}

const status = "HTTP/1.1 200 OK\r\nDate: Sat, 23 Nov 2024 12:00:00 GMT\r\nX-Request-Id: req_0123456789abcdef\r\n"

// whole renders a reply in one document.
func whole(turn int, calls, answer []string) []byte {
	var list []string
	for i, c := range calls {
		tool, args, _ := strings.Cut(c, " ")
		list = append(list, callJSON(turn, i, tool, args, false))
	}
	message, finish := fmt.Sprintf(`{"role":"assistant","content":null,"tool_calls":[%s]}`, strings.Join(list, ",")), "tool_calls"
	if len(calls) == 0 {
		message, finish = fmt.Sprintf(`{"role":"assistant","content":%q}`, strings.Join(answer, "")), "stop"
	}
	body := fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion","created":1732100000,"model":"m","choices":[{"index":0,"message":%s,"logprobs":null,"finish_reason":%q}],"usage":{"prompt_tokens":1200,"completion_tokens":20,"total_tokens":1220}}`, message, finish)
	return fmt.Appendf(nil, "%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

// streamed renders a reply in events, each in an HTTP chunk of its own, as
// servers flush them.
func streamed(turn int, calls, answer []string) []byte {
	b := bytes.NewBufferString(status + "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
	data := func(text string) {
		event := "data: " + text + "\n\n"
		fmt.Fprintf(b, "%x\r\n%s\r\n", len(event), event)
	}
	delta := func(delta, finish string) {
		data(fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1732100000,"model":"m","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}]}`, delta, finish))
	}
	for i, c := range calls {
		tool, args, _ := strings.Cut(c, " ")
		delta(fmt.Sprintf(`{"tool_calls":[%s]}`, callJSON(turn, i, tool, "", true)), "null")
		for len(args) > 0 { // as models send them, a few characters at a time
			n := min(4, len(args))
			delta(fmt.Sprintf(`{"tool_calls":[{"index":%d,"function":{"arguments":%s}}]}`, i, quoted(args[:n])), "null")
			args = args[n:]
		}
	}
	for _, piece := range answer {
		delta(fmt.Sprintf(`{"content":%q}`, piece), "null")
	}
	finish := `"stop"`
	if len(calls) > 0 {
		finish = `"tool_calls"`
	}
	delta(`{}`, finish)
	data("[DONE]")
	b.WriteString("0\r\n\r\n")
	return b.Bytes()
}

func callJSON(turn, i int, tool, args string, index bool) string {
	at := ""
	if index {
		at = fmt.Sprintf(`"index":%d,`, i)
	}
	return fmt.Sprintf(`{%s"id":"call_%d_%d","type":"function","function":{"name":%q,"arguments":%s}}`, at, turn, i, tool, quoted(args))
}

func quoted(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string has always a form
	}
	return text
}
