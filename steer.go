package funcall

import (
	"slices"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// steer puts the instructions, the tools and the choice of the run into the request.
func (a *Agent) steer(req *provider.Request, act *transcript.Action) {
	req.System = a.cfg.Instructions
	if act.Setup != nil {
		req.System = act.Setup.Instructions
	}
	if s := act.Steering; s != nil && s.Instructions != "" {
		req.SystemPrefix = len(req.System)
		if req.System == "" {
			req.SystemPrefix = -1
		} else {
			req.System += between
		}
		req.System += s.Instructions
	}
	req.Tools, req.Choice = a.wire, act.ToolChoice()
	if may := act.Tools(); may != nil && !slices.Equal(may, a.names) {
		req.AllTools, req.Tools = a.wire, make([]*provider.Tool, 0, len(a.wire))
		for _, t := range a.wire {
			if slices.Contains(may, t.Name) {
				req.Tools = append(req.Tools, t)
			}
		}
	}
	named := func(t *provider.Tool) bool { return t.Name == req.Choice.Name }
	switch { // this agent may lack tools of the one that began the run
	case req.Choice.Mode == provider.ToolsNamed && !slices.ContainsFunc(req.Tools, named),
		req.Choice.Mode == provider.ToolsRequired && len(req.Tools) == 0:
		req.Choice = provider.ToolChoice{}
	}
}
