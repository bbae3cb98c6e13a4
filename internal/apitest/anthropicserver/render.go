package anthropicserver

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

func quote(s string) string { return string(jsontree.AppendString(nil, s)) }

// blockStart is how the block begins that a delta belongs to, and the kind of
// the delta.
func blockStart(d provider.Delta) (kind, start string) {
	switch d.Kind {
	case provider.DeltaText:
		return "text", `{"type":"text","text":""}`
	case provider.DeltaReasoning:
		return "thinking", `{"type":"thinking","thinking":"","signature":""}`
	}
	id := ""
	if d.ID != "" {
		id = `"id":` + quote(d.ID) + `,`
	}
	return "tool_use", `{"type":"tool_use",` + id + `"name":` + quote(d.Name) + `,"input":{}}`
}

func envelope(req *apiserver.Request, resp *provider.Response, content, stop, usage string) string {
	model, id := resp.Model, resp.ID
	if model == "" {
		model = req.Model
	}
	if id == "" {
		id = "msg_1"
	}
	return fmt.Sprintf(`{"id":%s,"type":"message","role":"assistant","model":%s,"content":[%s],"stop_reason":%s,"stop_sequence":null%s}`,
		quote(id), quote(model), content, stop, usage)
}

// usage counts what the caches did beside the input.
func usage(u provider.Usage, output int64) string {
	if u == (provider.Usage{}) {
		return ""
	}
	return fmt.Sprintf(`,"usage":{"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_read_input_tokens":%d,"output_tokens":%d}`,
		u.Input-u.CacheRead-u.CacheWrite, u.CacheWrite, u.CacheRead, output)
}

func (protocol) Document(req *apiserver.Request, resp *provider.Response) []byte {
	var blocks []string
	for _, p := range resp.Message.Parts {
		switch p := p.(type) {
		case provider.Text:
			blocks = append(blocks, `{"type":"text","text":`+quote(p.Text)+`}`)
		case provider.Reasoning:
			if p.Redacted {
				blocks = append(blocks, `{"type":"redacted_thinking","data":"`+Redacted+`"}`)
				continue
			}
			blocks = append(blocks, `{"type":"thinking","thinking":`+quote(p.Text)+`,"signature":`+quote(Sign(p.Text))+`}`)
		case provider.ServerCall:
			blocks = append(blocks, serverBlocks(p)...)
		case provider.ToolCall:
			_, start := blockStart(provider.Delta{Kind: provider.DeltaCallStart, ID: p.ID, Name: p.Name})
			input := p.Args
			if !json.Valid([]byte(input)) {
				input = "{}"
			}
			blocks = append(blocks, strings.TrimSuffix(start, "{}}")+input+"}")
		}
	}
	counts := strings.TrimSuffix(usage(resp.Usage, resp.Usage.Output), "}")
	if counts != "" {
		counts += fmt.Sprintf(`,"output_tokens_details":{"thinking_tokens":%d}}`, resp.Usage.Reasoning)
	}
	return []byte(envelope(req, resp, strings.Join(blocks, ","), quote(stop(resp)), counts))
}

func (protocol) Stream(s *apiserver.Stream, req *apiserver.Request, resp *provider.Response) {
	send := func(kind, fields string) {
		s.Event(kind, []byte(`{"type":"`+kind+`"`+fields+`}`), "\n")
	}
	send("message_start", `,"message":`+envelope(req, resp, "", "null", usage(resp.Usage, 1)))
	send("ping", "")
	index, open, thought := -1, "", ""
	end := func() {
		if open == "thinking" {
			send("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":{"type":"signature_delta","signature":%s}`, index, quote(Sign(thought))))
		}
		if open != "" {
			send("content_block_stop", fmt.Sprintf(`,"index":%d`, index))
		}
		open, thought = "", ""
	}
	for d := range s.Deltas() {
		switch d.Kind {
		case provider.DeltaCallEnd:
			end()
			continue
		case provider.DeltaServerStart:
			end()
			continue
		case provider.DeltaServerEnd:
			for _, block := range serverBlocks(*d.Server) {
				index++
				send("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":%s`, index, block))
				send("content_block_stop", fmt.Sprintf(`,"index":%d`, index))
			}
			continue
		}
		if kind, start := blockStart(d); kind != open || d.Kind == provider.DeltaCallStart {
			end()
			index++
			open = kind
			send("content_block_start", fmt.Sprintf(`,"index":%d,"content_block":%s`, index, start))
		}
		piece := ""
		switch d.Kind {
		case provider.DeltaText:
			piece = `"text_delta","text":`
		case provider.DeltaReasoning:
			piece = `"thinking_delta","thinking":`
			thought += d.Text
		default: // a call begins with an empty piece
			piece = `"input_json_delta","partial_json":`
		}
		send("content_block_delta", fmt.Sprintf(`,"index":%d,"delta":{"type":%s%s}`, index, piece, quote(d.Text)))
	}
	end()
	counts := ""
	if resp.Usage != (provider.Usage{}) {
		counts = fmt.Sprintf(`,"usage":{"output_tokens":%d,"output_tokens_details":{"thinking_tokens":%d}}`, resp.Usage.Output, resp.Usage.Reasoning)
	}
	send("message_delta", `,"delta":{"stop_reason":`+quote(stop(resp))+`,"stop_sequence":null}`+counts)
	send("message_stop", "")
}

// stop is the API's word for a reason.
func stop(resp *provider.Response) string {
	switch {
	case resp.Finish == provider.FinishLength:
		return "max_tokens"
	case resp.Finish == provider.FinishFiltered:
		return "refusal"
	case len(resp.Message.ToolCalls()) > 0:
		return "tool_use"
	}
	return "end_turn"
}
