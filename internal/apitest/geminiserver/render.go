package geminiserver

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// quote is a string as Google writes it: some characters that HTML has a
// meaning for are escaped.
func quote(s string) string {
	q := string(jsontree.AppendString(nil, s))
	return strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "=", `\u003d`, "'", `\u0027`).Replace(q)
}

// part is the part that a delta brings, or "".
func part(resp *provider.Response, d provider.Delta) string {
	switch d.Kind {
	case provider.DeltaText:
		return `{"text":` + quote(d.Text) + `}`
	case provider.DeltaReasoning:
		return `{"text":` + quote(d.Text) + `,"thought":true}`
	case provider.DeltaCallEnd: // calls are never in pieces
		return call(d)
	case provider.DeltaServerEnd:
		return ran(d.Server)
	}
	return ""
}

// ran is the parts of a tool that ran at the server: the call, and its result.
func ran(c *provider.ServerCall) string {
	id := `"id":` + quote(c.ID) + `,`
	if c.Name == "code_execution" {
		return `{"executableCode":{` + id + `"language":"PYTHON","code":` + quote(c.Input) + `}},{"codeExecutionResult":{` + id + `"outcome":"OUTCOME_OK","output":` + quote(c.Output) + `}}`
	}
	kind := `"toolType":"` + map[string]string{"web_search": "GOOGLE_SEARCH_WEB", "file_search": "FILE_SEARCH", "web_fetch": "URL_CONTEXT"}[c.Name] + `"`
	return `{"toolCall":{` + id + kind + `,"args":{"queries":[` + quote(c.Input) + `]}}},{"toolResponse":{` + id + kind + `,"response":{}}}`
}

func call(d provider.Delta) string {
	fields := ""
	if d.ID != "" {
		fields = `"id":` + quote(d.ID) + `,`
	}
	fields += `"name":` + quote(d.Name)
	var args any
	if json.Valid([]byte(d.Text)) && strings.HasPrefix(strings.TrimSpace(d.Text), "{") {
		fields += `,"args":` + d.Text // as the model wrote them
		args, _, _ = jsontree.Parse([]byte(d.Text))
	}
	signature := ""
	if d.Call == 0 {
		signature = `,"thoughtSignature":` + quote(sign(d.Name, args))
	}
	return `{"functionCall":{` + fields + `}` + signature + `}`
}

// chunk is a piece of an answer; reason and usage stand in the last one alone.
func chunk(req *apiserver.Request, resp *provider.Response, parts, reason, usage string) []byte {
	model, id := resp.Model, resp.ID
	if model == "" {
		model = req.Model
	}
	if id == "" {
		id = "response-1"
	}
	if reason != "" {
		reason = `,"finishReason":"` + reason + `"`
	}
	return fmt.Appendf(nil, `{"candidates":[{"content":{"parts":[%s],"role":"model"}%s,"index":0}]%s,"modelVersion":%s,"responseId":%s}`,
		parts, reason, usage, quote(model), quote(id))
}

func (protocol) Document(req *apiserver.Request, resp *provider.Response) []byte {
	var parts []string
	for d := range providertest.Deltas(resp, providertest.CutWhole) {
		if p := part(resp, d); p != "" {
			parts = append(parts, p)
		}
	}
	return chunk(req, resp, strings.Join(parts, ","), finish(resp.Finish), usage(resp.Usage))
}

// Stream sends chunks with the line ends that Google sends, and nothing that
// says that it was the last.
func (protocol) Stream(s *apiserver.Stream, req *apiserver.Request, resp *provider.Response) {
	for d := range s.Deltas() {
		if p := part(resp, d); p != "" {
			s.Event("", chunk(req, resp, p, "", ""), "\r\n")
		}
	}
	s.Event("", chunk(req, resp, `{"text":""}`, finish(resp.Finish), usage(resp.Usage)), "\r\n")
}

// finish is the API's word for a reason.
func finish(f provider.FinishReason) string {
	switch f {
	case provider.FinishFiltered:
		return "SAFETY"
	case provider.FinishLength:
		return "MAX_TOKENS"
	}
	return "STOP"
}

func usage(u provider.Usage) string {
	if u == (provider.Usage{}) {
		return ""
	}
	return fmt.Sprintf(`,"usageMetadata":{"promptTokenCount":%d,"cachedContentTokenCount":%d,"candidatesTokenCount":%d,"thoughtsTokenCount":%d,"totalTokenCount":%d}`,
		u.Input, u.CacheRead, u.Output-u.Reasoning, u.Reasoning, u.Total())
}
