package responsesserver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/apitest/apiserver"
	"github.com/funcall/funcall/provider"
)

// hostedTools are the fields of the tools that the API runs itself, as far as
// they are checked.
var hostedTools = map[string]kinds{
	"web_search":       {"type": text, "filters": anObject, "search_context_size": text, "user_location": anObject, "external_web_access": boolean},
	"file_search":      {"type": text, "vector_store_ids": array, "max_num_results": integer, "filters": anObject, "ranking_options": anObject},
	"code_interpreter": {"type": text, "container": anything},
}

// unchecked are further kinds of tools that the API runs itself.
var unchecked = []string{"web_search_preview", "image_generation", "mcp", "tool_search"}

// checkHostedTool checks a tool that the API runs itself, and reports whether it
// is one.
func checkHostedTool(tool object, at string) (bool, error) {
	typ, _ := tool["type"].(string)
	known, ok := hostedTools[typ]
	if !ok {
		return slices.Contains(unchecked, typ), nil
	}
	if err := fields(tool, at, known); err != nil {
		return true, err
	}
	place, _ := tool["user_location"].(object)
	stores, _ := tool["vector_store_ids"].([]any)
	switch size, sized := tool["search_context_size"]; {
	case sized && !slices.Contains([]any{"low", "medium", "high"}, size):
		return true, bad(at+".search_context_size", "Invalid value: '%v'. Supported values are: 'low', 'medium', and 'high'.", size)
	case place != nil && place["type"] != "approximate":
		return true, bad(at+".user_location.type", "Missing required parameter: '%s.user_location.type'.", at)
	case typ == "file_search" && len(stores) == 0:
		return true, bad(at+".vector_store_ids", "Missing required parameter: '%s.vector_store_ids'.", at)
	case typ == "code_interpreter" && tool["container"] == nil:
		return true, bad(at+".container", "Missing required parameter: '%s.container'.", at)
	}
	return true, fields(place, at+".user_location", kinds{"type": text, "city": text, "region": text, "country": text, "timezone": text})
}

// checkHosted checks what a tool of the API did.
func checkHosted(item object, typ, at string) error {
	known := map[string]kinds{
		"web_search_call":       {"type": text, "id": text, "status": text, "action": anObject},
		"file_search_call":      {"type": text, "id": text, "status": text, "queries": array, "results": anything},
		"code_interpreter_call": {"type": text, "id": text, "status": text, "code": anything, "container_id": text, "outputs": anything},
	}[typ]
	if err := fields(item, at, known); err != nil {
		return err
	}
	for _, needed := range []string{"id", "status"} {
		if item[needed] == nil {
			return bad(at+"."+needed, "Missing required parameter: '%s.%s'.", at, needed)
		}
	}
	return nil
}

// hostedItem is the item of a tool that the API runs itself. It says what was
// found only if the request asked for it.
func (a *answer) hostedItem(c provider.ServerCall) object {
	include, _ := a.req.Body["include"].([]any)
	asked := func(what string) bool { return slices.Contains(include, any(what)) }
	id := func(prefix string) string {
		if strings.HasPrefix(c.ID, prefix) {
			return c.ID
		}
		return fmt.Sprintf("%s%d", prefix, len(a.output))
	}
	switch c.Name {
	case "file_search":
		o := object{"type": "file_search_call", "id": id("fs_"), "status": "completed", "queries": []any{c.Input}, "results": nil}
		if asked("file_search_call.results") {
			o["results"] = []any{object{"file_id": "file_1", "filename": "", "score": apiserver.Number(1), "attributes": object{}, "text": c.Output}}
		}
		return o
	case "code_execution":
		o := object{"type": "code_interpreter_call", "id": id("ci_"), "status": "completed", "code": c.Input, "container_id": "cntr_1", "outputs": nil}
		if asked("code_interpreter_call.outputs") {
			o["outputs"] = []any{object{"type": "logs", "logs": c.Output}}
		}
		return o
	}
	action := object{"type": "search", "query": c.Input, "queries": []any{c.Input}}
	if asked("web_search_call.action.sources") {
		action["sources"] = []any{object{"type": "url", "url": c.Output}}
	}
	return object{"type": "web_search_call", "id": id("ws_"), "status": "completed", "action": action}
}

// host adds the item of a tool that the API runs itself.
func (a *answer) host(c provider.ServerCall) {
	a.end("completed")
	o := a.hostedItem(c)
	begun := object{"type": o["type"], "id": o["id"], "status": "in_progress"}
	a.output = append(a.output, o)
	at := apiserver.Number(int64(len(a.output) - 1))
	a.send("response.output_item.added", object{"output_index": at, "item": begun})
	a.send("response.output_item.done", object{"output_index": at, "item": o})
}
