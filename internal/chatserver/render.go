package chatserver

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"github.com/funcall/funcall/internal/jsontree"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// object is a JSON object as jsontree writes it.
type object = map[string]any

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// whole sends the answer as one document.
func (s *Server) whole(w http.ResponseWriter, r *http.Request, req *request, turn providertest.Turn) {
	if turn.Hangs {
		<-r.Context().Done()
		return
	}
	resp := turn.Response
	message := object{"role": "assistant", "content": nil, "refusal": nil}
	var calls []any
	for d := range providertest.Deltas(resp, providertest.Whole) {
		switch d.Kind {
		case provider.DeltaText:
			text, _ := message["content"].(string)
			message["content"] = text + d.Text
		case provider.DeltaReasoning:
			text, _ := message["reasoning_content"].(string)
			message["reasoning_content"] = text + d.Text
		case provider.DeltaCall:
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
	body := jsontree.Append(nil, doc)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if turn.Err != nil {
		w.Write(body[:len(body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(body)
}

// stream sends the answer as it would be written.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, req *request, turn providertest.Turn) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	resp, cut := turn.Response, s.Cut
	if cut == nil {
		cut = providertest.Words
	}
	chunk := func(delta object, reason any) {
		doc := envelope(resp, req, "chat.completion.chunk")
		doc["choices"] = []any{object{"index": number(0), "delta": delta, "logprobs": nil, "finish_reason": reason}}
		if req.includeUsage {
			doc["usage"] = nil
		}
		s.event(w, string(jsontree.Append(nil, doc)))
	}
	chunk(object{"role": "assistant", "content": "", "refusal": nil}, nil)
	sent := 0
	for d := range providertest.Deltas(resp, cut) {
		if (turn.Err != nil || turn.Hangs) && sent >= turn.After || r.Context().Err() != nil {
			break
		}
		if d.Kind != provider.DeltaCallEnd { // the API has no event for it
			chunk(delta(d), nil)
		}
		sent++
	}
	if turn.Hangs {
		<-r.Context().Done()
		return
	}
	if turn.Err != nil {
		panic(http.ErrAbortHandler)
	}
	chunk(object{}, finish(resp.Finish))
	if req.includeUsage && resp.Usage != (provider.Usage{}) {
		doc := envelope(resp, req, "chat.completion.chunk")
		doc["choices"] = []any{}
		doc["usage"] = usage(resp.Usage)
		s.event(w, string(jsontree.Append(nil, doc)))
	}
	s.event(w, "[DONE]")
}

// event sends one event, in writes of the size that is wanted.
func (s *Server) event(w http.ResponseWriter, data string) {
	text := "data: " + data + "\n\n"
	size := s.Write
	if size <= 0 {
		size = len(text)
	}
	for len(text) > 0 {
		n := min(size, len(text))
		io.WriteString(w, text[:n])
		http.NewResponseController(w).Flush()
		text = text[n:]
	}
}

func delta(d provider.Delta) object {
	call := func(fields object) object { return object{"tool_calls": []any{fields}} }
	switch d.Kind {
	case provider.DeltaText:
		return object{"content": d.Text}
	case provider.DeltaReasoning:
		return object{"reasoning_content": d.Text}
	case provider.DeltaCall:
		return call(object{
			"index": number(int64(d.Call)), "id": d.ID, "type": "function",
			"function": object{"name": d.Name, "arguments": ""},
		})
	default:
		return call(object{"index": number(int64(d.Call)), "function": object{"arguments": d.Text}})
	}
}

func envelope(resp *provider.Response, req *request, kind string) object {
	doc := object{"id": resp.ID, "object": kind, "created": number(1767225600), "model": resp.Model}
	if resp.ID == "" {
		doc["id"] = "chatcmpl-1"
	}
	if resp.Model == "" {
		doc["model"] = req.model
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
