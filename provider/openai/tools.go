package openai

import (
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiretool"
	"github.com/funcall/funcall/provider"
)

// tooling is what a request says of tools, beside its functions.
type tooling struct {
	any    bool     // there are tools: functions, or others
	server [][]byte // those that run at the server, each with a comma ahead of it
	choice provider.ToolMode
	extra  wire.Members // the other extra members
}

// toolingOf tells the extra members that are about tools from the others. Without
// tools none of them is sent, as the APIs refuse them; beside a choice of the
// request's own no other is.
func toolingOf(req *provider.Request, extra wire.Members) (t tooling, err error) {
	if t.server, t.extra, err = wire.ServerTools(extra, req.Tools, wiretool.OpenAI.Name); err != nil {
		return tooling{}, err
	}
	t.any = len(req.Tools) > 0 || len(t.server) > 0
	if t.choice, err = wire.Choice(req, len(t.server) > 0); err != nil {
		return tooling{}, err
	}
	if !t.any || t.choice != provider.ToolsAuto {
		t.extra = t.extra.Without("tool_choice", "function_call")
	}
	if !t.any {
		t.extra = t.extra.Without("parallel_tool_calls")
	}
	return t, nil
}
