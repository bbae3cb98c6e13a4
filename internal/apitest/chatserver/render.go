package chatserver

import (
	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

var number = apiserver.Number

// Document is the answer as a whole.
func (protocol) Document(req *apiserver.Request, resp *provider.Response) []byte {
	message := object{"role": "assistant", "content": nil, "refusal": nil}
	var calls []any
	for d := range providertest.Deltas(resp, providertest.CutWhole) {
		switch d.Kind {
		case provider.DeltaText:
			text, _ := message["content"].(string)
			message["content"] = text + d.Text
		case provider.DeltaReasoning:
			text, _ := message["reasoning_content"].(string)
			message["reasoning_content"] = text + d.Text
		case provider.DeltaCallStart:
			calls = append(calls, object{"id": d.ID, "type": "function", "function": object{"name": d.Name, "arguments": ""}})
		case provider.DeltaArgs:
			calls[d.Call].(object)["function"].(object)["arguments"] = d.Text
		}
	}
	if calls != nil {
		message["tool_calls"] = calls
	} else if message["content"] == nil {
		message["content"] = ""
	}
	doc := envelope(resp, req, "chat.completion")
	doc["choices"] = []any{object{"index": number(0), "message": message, "logprobs": nil, "finish_reason": finish(resp.Finish)}}
	if resp.Usage != (provider.Usage{}) {
		doc["usage"] = usage(resp.Usage)
	}
	return jsontree.Append(nil, doc)
}

// Stream sends the answer as it would be written.
func (protocol) Stream(s *apiserver.Stream, req *apiserver.Request, resp *provider.Response) {
	options, _ := req.Body["stream_options"].(object)
	includeUsage := options["include_usage"] == true
	send := func(doc object) { s.Event("", jsontree.Append(nil, doc), "\n") }
	chunk := func(delta object, reason any) {
		doc := envelope(resp, req, "chat.completion.chunk")
		doc["choices"] = []any{object{"index": number(0), "delta": delta, "logprobs": nil, "finish_reason": reason}}
		if includeUsage {
			doc["usage"] = nil
		}
		send(doc)
	}
	chunk(object{"role": "assistant", "content": "", "refusal": nil}, nil)
	for d := range s.Deltas() {
		switch d.Kind {
		case provider.DeltaCallEnd, provider.DeltaServerStart, provider.DeltaServerEnd: // the API has no event for it
		default:
			chunk(delta(d), nil)
		}
	}
	chunk(object{}, finish(resp.Finish))
	if includeUsage && resp.Usage != (provider.Usage{}) {
		doc := envelope(resp, req, "chat.completion.chunk")
		doc["choices"] = []any{}
		doc["usage"] = usage(resp.Usage)
		send(doc)
	}
	s.Event("", []byte("[DONE]"), "\n")
}

func delta(d provider.Delta) object {
	call := func(fields object) object { return object{"tool_calls": []any{fields}} }
	switch d.Kind {
	case provider.DeltaText:
		return object{"content": d.Text}
	case provider.DeltaReasoning:
		return object{"reasoning_content": d.Text}
	case provider.DeltaCallStart:
		return call(object{
			"index": number(int64(d.Call)), "id": d.ID, "type": "function",
			"function": object{"name": d.Name, "arguments": ""},
		})
	default:
		return call(object{"index": number(int64(d.Call)), "function": object{"arguments": d.Text}})
	}
}

func envelope(resp *provider.Response, req *apiserver.Request, kind string) object {
	doc := object{"id": resp.ID, "object": kind, "created": number(1767225600), "model": resp.Model}
	if resp.ID == "" {
		doc["id"] = "chatcmpl-1"
	}
	if resp.Model == "" {
		doc["model"] = req.Model
	}
	return doc
}

// finish is the API's word for a reason.
func finish(f provider.FinishReason) string {
	switch f {
	case provider.FinishFiltered:
		return "content_filter"
	case "":
		return "stop"
	}
	return string(f)
}

func usage(u provider.Usage) object {
	return object{
		"prompt_tokens":             number(u.Input),
		"completion_tokens":         number(u.Output),
		"total_tokens":              number(u.Total()),
		"prompt_tokens_details":     object{"cached_tokens": number(u.CacheRead), "cache_write_tokens": number(u.CacheWrite)},
		"completion_tokens_details": object{"reasoning_tokens": number(u.Reasoning)},
	}
}
