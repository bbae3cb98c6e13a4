package responsesserver

import (
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// An answer is a response as far as it has come.
type answer struct {
	req       *apiserver.Request
	resp      *provider.Response
	encrypted bool // whether encrypted reasoning was asked for
	output    []any
	open      object // the item that grows, the last of output
	text      string // what has come of it
	send      func(kind string, fields object)
	number    int64
}

func newAnswer(req *apiserver.Request, resp *provider.Response) *answer {
	include, _ := req.Body["include"].([]any)
	return &answer{
		req: req, resp: resp,
		encrypted: slices.Contains(include, any("reasoning.encrypted_content")),
		output:    []any{},
		send:      func(string, object) {},
	}
}

// take takes in a delta.
func (a *answer) take(d provider.Delta) {
	switch d.Kind {
	case provider.DeltaText:
		a.begin("message", func() object {
			return object{"type": "message", "role": "assistant", "content": []any{}}
		}, func() {
			a.send("response.content_part.added", a.at(object{"content_index": zero, "part": outputText("")}))
		})
		a.text += d.Text
		a.send("response.output_text.delta", a.at(object{"content_index": zero, "delta": d.Text, "logprobs": []any{}}))
	case provider.DeltaReasoning:
		a.begin("reasoning", func() object {
			o := object{"type": "reasoning", "summary": []any{}}
			if a.encrypted {
				o["encrypted_content"] = "gAAAA" // it is whole when the item is done, not before
			}
			return o
		}, func() {
			a.send("response.reasoning_summary_part.added", a.at(object{"summary_index": zero, "part": summary("")}))
		})
		a.text += d.Text
		a.send("response.reasoning_summary_text.delta", a.at(object{"summary_index": zero, "delta": d.Text}))
	case provider.DeltaCallStart:
		a.end("completed")
		a.begin("function_call", func() object {
			return object{"type": "function_call", "call_id": d.ID, "name": d.Name, "arguments": ""}
		}, func() {})
	case provider.DeltaArgs:
		a.text += d.Text
		a.send("response.function_call_arguments.delta", a.at(object{"delta": d.Text}))
	case provider.DeltaCallEnd:
		a.end("completed")
	case provider.DeltaServerEnd:
		a.host(*d.Server)
	}
}

var zero = apiserver.Number(0)

// at says which item an event is about.
func (a *answer) at(fields object) object {
	fields["output_index"] = apiserver.Number(int64(len(a.output) - 1))
	fields["item_id"] = a.open["id"]
	return fields
}

func (a *answer) begin(kind string, make func() object, then func()) {
	if a.open != nil && a.open["type"] == kind && kind != "function_call" {
		return
	}
	a.end("completed")
	o := make()
	prefix := map[string]string{"message": "msg", "reasoning": "rs", "function_call": "fc"}[kind]
	o["id"] = fmt.Sprintf("%s_%d", prefix, len(a.output))
	if n := len(a.output); n > 0 && kind != "reasoning" && a.output[n-1].(object)["type"] == "reasoning" {
		o["id"] = fmt.Sprint(o["id"], behind, a.output[n-1].(object)["id"])
	}
	if kind != "reasoning" {
		o["status"] = "in_progress"
	}
	a.open, a.text = o, ""
	a.output = append(a.output, o)
	a.send("response.output_item.added", object{"output_index": apiserver.Number(int64(len(a.output) - 1)), "item": clone(o)})
	then()
}

func clone(o object) object {
	v, _, _ := jsontree.Parse(jsontree.Append(nil, o))
	return v.(object)
}

// end completes the item that grows.
func (a *answer) end(status string) {
	o := a.open
	if o == nil {
		return
	}
	switch o["type"] {
	case "message":
		o["content"], o["status"] = []any{outputText(a.text)}, status
		a.send("response.output_text.done", a.at(object{"content_index": zero, "text": a.text, "logprobs": []any{}}))
		a.send("response.content_part.done", a.at(object{"content_index": zero, "part": outputText(a.text)}))
	case "reasoning":
		o["summary"] = []any{summary(a.text)}
		if a.encrypted {
			o["encrypted_content"] = encrypt(a.req.Model, o["id"].(string), a.text)
		}
		a.send("response.reasoning_summary_text.done", a.at(object{"summary_index": zero, "text": a.text}))
		a.send("response.reasoning_summary_part.done", a.at(object{"summary_index": zero, "part": summary(a.text)}))
	case "function_call":
		o["arguments"], o["status"] = a.text, status
		a.send("response.function_call_arguments.done", a.at(object{"arguments": a.text, "name": o["name"]}))
	}
	a.send("response.output_item.done", object{"output_index": apiserver.Number(int64(len(a.output) - 1)), "item": o})
	a.open = nil
}

func outputText(s string) object {
	return object{"type": "output_text", "text": s, "annotations": []any{}, "logprobs": []any{}}
}

func summary(s string) object { return object{"type": "summary_text", "text": s} }

// document is the response, as it is or as it will be.
func (a *answer) document(status string) object {
	doc := object{
		"id": a.resp.ID, "object": "response", "created_at": apiserver.Number(1767225600), "model": a.resp.Model,
		"status": status, "error": nil, "incomplete_details": nil, "output": a.output, "usage": nil, "store": false,
	}
	if a.resp.ID == "" {
		doc["id"] = "resp_1"
	}
	if a.resp.Model == "" {
		doc["model"] = a.req.Model
	}
	return doc
}

// final is the response that is over.
func (a *answer) final() (status string, doc object) {
	status, reason := "completed", ""
	switch a.resp.Finish {
	case provider.FinishLength:
		status, reason = "incomplete", "max_output_tokens"
	case provider.FinishFiltered:
		status, reason = "incomplete", "content_filter"
	}
	if status == "incomplete" {
		a.end("incomplete")
	}
	a.end("completed")
	doc = a.document(status)
	if reason != "" {
		doc["incomplete_details"] = object{"reason": reason}
	}
	if u := a.resp.Usage; u != (provider.Usage{}) {
		doc["usage"] = object{
			"input_tokens":          apiserver.Number(u.Input),
			"output_tokens":         apiserver.Number(u.Output),
			"total_tokens":          apiserver.Number(u.Total()),
			"input_tokens_details":  object{"cached_tokens": apiserver.Number(u.CacheRead), "cache_write_tokens": apiserver.Number(u.CacheWrite)},
			"output_tokens_details": object{"reasoning_tokens": apiserver.Number(u.Reasoning)},
		}
	}
	return status, doc
}

func (protocol) Document(req *apiserver.Request, resp *provider.Response) []byte {
	a := newAnswer(req, resp)
	for d := range providertest.Deltas(resp, providertest.CutWhole) {
		a.take(d)
	}
	_, doc := a.final()
	return jsontree.Append(nil, doc)
}

func (protocol) Stream(s *apiserver.Stream, req *apiserver.Request, resp *provider.Response) {
	a := newAnswer(req, resp)
	a.send = func(kind string, fields object) {
		fields["type"], fields["sequence_number"] = kind, apiserver.Number(a.number)
		a.number++
		s.Event(kind, jsontree.Append(nil, fields), "\n")
	}
	a.send("response.created", object{"response": a.document("in_progress")})
	a.send("response.in_progress", object{"response": a.document("in_progress")})
	for d := range s.Deltas() {
		a.take(d)
	}
	status, doc := a.final()
	a.send("response."+status, object{"response": doc})
}
