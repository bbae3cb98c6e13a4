package transcript

import (
	"time"

	"github.com/funcall/funcall/provider"
)

// An Input is a user's message and begins a run. It stores what the run keeps, even if the
// program's configuration changes before the run ends.
type Input struct {
	Message *provider.Message `json:"message"`
	// Subject is whom the run acts for, such as a customer ID.
	Subject string `json:"subject,omitempty"`
	// Setup is the agent when the run began. If it is nil, the Setup of the input before
	// holds.
	Setup *Setup `json:"setup,omitempty"`
	// Steering is what else the options of the run set, or nil.
	Steering *Steering `json:"steering,omitempty"`
	// Limits bound the run.
	Limits Limits `json:"limits"`
	// Settings override the agent's generation settings for this run, field by field. Nil
	// overrides nothing.
	Settings *provider.Settings `json:"settings,omitempty"`
	// OutputSchema describes the structured output that ends the run. If it is nil, any text
	// does.
	OutputSchema *provider.OutputSchema `json:"answer,omitempty"`
	// ConfigDigest identifies the agent's instructions and tools when the run began.
	ConfigDigest string `json:"config_digest,omitempty"`
}

// A Steering holds the options of a run.
type Steering struct {
	// Instructions are those of the run. They are sent behind those of the agent.
	Instructions string `json:"instructions,omitempty"`
	// Tools are the names of the tools that the run may call. Nil means all of Setup.
	Tools []string `json:"tools,omitzero"`
	// ToolChoice says whether the model may, must or must not call tools.
	ToolChoice ToolChoice `json:"tool_choice,omitzero"`
	// StopAfter are the names of tools. A successful call of one of them ends the run.
	StopAfter []string `json:"stop_after,omitempty"`
	// Budgets bound this run and others together. Their keys are final.
	Budgets []Account `json:"budgets,omitempty"`
	// WaitingText is the answer while the run waits for a person and the model has written
	// none.
	WaitingText string `json:"waiting_text,omitempty"`
}

// IsZero reports whether nothing is set.
func (s *Steering) IsZero() bool {
	return s.Instructions == "" && s.Tools == nil && s.ToolChoice == ToolChoice{} && len(s.StopAfter) == 0 && len(s.Budgets) == 0 && s.WaitingText == ""
}

// A Setup is what all runs of an agent have in common. With Run and Send, a transcript has
// it once for each change; an engine may repeat it.
type Setup struct {
	// Instructions are those of the agent.
	Instructions string `json:"instructions,omitempty"`
	// Tools are the names of the agent's tools, in order.
	Tools []string `json:"tools,omitzero"`
}

// A ToolChoice says whether the model may, must or must not call tools. A mode that forces a
// call ([provider.ToolsRequired], [provider.ToolsNamed]) holds until the first response of the
// run, so that the run can end.
type ToolChoice struct {
	Mode provider.ToolMode `json:"mode,omitempty"`
	// Name is the tool to call, for [provider.ToolsNamed].
	Name string `json:"name,omitempty"`
	// EveryStep makes the mode hold for each model call of the run. If it forces calls, the
	// run ends by a tool that ends it, or at a limit.
	EveryStep bool `json:"every_step,omitempty"`
}

// at returns the choice for the model call after so many responses of the run.
func (c ToolChoice) at(steps int) provider.ToolChoice {
	forces := c.Mode == provider.ToolsRequired || c.Mode == provider.ToolsNamed
	if forces && steps > 0 && !c.EveryStep {
		return provider.ToolChoice{}
	}
	return provider.ToolChoice{Mode: c.Mode, Name: c.Name}
}

// Limits bound one run. They are checked before each model call and before each batch of tool
// calls. In funcall.Config and funcall.WithLimits a zero field takes the default or the
// agent's value, and a negative value is an error. In an Input all limits are final: Steps,
// Calls or Refusals of 0 allow none.
type Limits struct {
	// Steps is the number of model calls that may ask for tools.
	Steps int `json:"steps"`
	// Calls is the number of tool calls that may run.
	Calls int `json:"calls"`
	// Refusals is the number of turns in a row in which a call or a structured output is
	// refused and no call runs.
	Refusals int `json:"refusals"`
	// Tokens bounds the sum of input and output tokens. 0 means no bound.
	Tokens int64 `json:"tokens,omitempty"`
	// Cost bounds the cost of the model calls. 0 means no bound. If the cost of a call is
	// unknown, the bound cannot be checked, and the run ends with [LimitUnknownCost].
	Cost provider.Money `json:"cost,omitempty"`
	// ActiveTime bounds the time spent on model calls and tool calls, in nanoseconds in JSON.
	// Time spent waiting for approval or for Resume does not count. 0 means no bound.
	ActiveTime time.Duration `json:"active_ns,omitempty"`
	// ClosingText is the answer of a run that reached a limit and that the model could not
	// close.
	ClosingText string `json:"words,omitempty"`
}
