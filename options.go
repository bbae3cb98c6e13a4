package funcall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/funcall/funcall/internal/agent/costs"
	"github.com/funcall/funcall/internal/agent/leases"
	"github.com/funcall/funcall/internal/agent/limits"
	"github.com/funcall/funcall/internal/text/nearest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A RunOption sets instructions, tools, limits or the like, for each run of an agent
// ([Config.RunOptions]), for each run of a session ([Agent.Session]), or for one run. They apply
// in this order:
//   - [Attach], [WithInstructions], [WithInstructionsFunc], [StopAfter], [StopWhen] and
//     [WithBudget] add to those before them.
//   - [WithSettings] and [WithLimits] override those before them, field by field.
//   - Of any other option, the last one counts.
//
// What the options set is stored when the run begins, so a resumed run has the same, in any
// process and under any configuration. The function of [StopWhen] is not stored.
type RunOption func(*runConfig)

// A runConfig is what the options of a run set.
type runConfig struct {
	subject      string
	parts        []provider.Part
	instructions []instruction
	asked        bool          // for instructions
	instructed   string        // the instructions as one text
	refused      error         // of a function for instructions
	consulted    time.Duration // how long the functions took
	tools        []string      // nil for all
	choice       transcript.ToolChoice
	stopAfter    []string
	waitingText  string
	settings     *provider.Settings
	limits       transcript.Limits
	budgets      []Budget
	errs         []error
	keeper       *leases.Keeper // of the session's lease; nil if its store gives none
	hooks
}

// hooks are what a run calls as it goes on. They are not stored.
type hooks struct {
	stopWhen []StopFunc
	partial  func(doc string) // is shown the answer while it is written; see GenerateStream
}

// An instruction is a text, or a function that returns one.
type instruction struct {
	text string
	ask  func(context.Context, RunInfo) (string, error)
}

// RunInfo describes the run to a function of [WithInstructionsFunc].
type RunInfo struct {
	Session string    // the session's ID; for [Agent.Run] an ID of its own
	Subject string    // see [Subject]; may be ""
	Time    time.Time // when the run begins, by [Config.Now]
}

// A StopFunc is a condition of [StopWhen]. It returns the reason to end the run, or "" to
// continue.
type StopFunc func(ctx context.Context, t transcript.Transcript) (reason string, err error)

// Subject sets whom the run acts for, such as a customer ID. Tools read it from
// [CallInfo.Subject]. The subject is stored: a session belongs to the subject of its first
// message, and a message for another subject returns [ErrWrongSubject]. The ID is UTF-8
// without NUL, at most 2000 bytes long.
func Subject(id string) RunOption { return func(c *runConfig) { c.subject = id } }

// Attach adds parts (text, images, files) to the message, after its text. A data URL is stored
// as its bytes, and bytes without a MIME type get one. Media that no API would accept is an
// error: a broken data URL, empty media, or bytes that are not of their MIME type, such as an
// HTML page for an image.
func Attach(parts ...provider.Part) RunOption {
	parts = slices.Clone(parts)
	return func(c *runConfig) { c.parts = append(c.parts, parts...) }
}

// WithInstructions adds a paragraph of instructions behind [Config.Instructions], such as that
// of a tenant or a conversation. The agent's instructions stay in front, the same in each
// request, so that providers find them in their caches. An empty text adds nothing. More than
// 1 MiB of added instructions is an error.
func WithInstructions(text string) RunOption {
	return func(c *runConfig) { c.instructions = append(c.instructions, instruction{text: text}) }
}

// WithInstructionsFunc is WithInstructions with a text that depends on the run, such as today's
// date or the customer's name. The function is asked once, when the run begins. Its text is
// stored, so a resumed run keeps it.
//
// The function has 5 seconds, and is called at the same time by runs that begin at the same time.
// If it fails, panics or takes longer, the run does not begin: nothing is stored, and no model is
// asked. If the run can do without a text that cannot be
// looked up, return a text that says so instead of an error. Take the subject from RunInfo, not
// from values of ctx.
func WithInstructionsFunc(f func(ctx context.Context, run RunInfo) (string, error)) RunOption {
	return func(c *runConfig) {
		if f == nil {
			c.fail(errors.New("WithInstructionsFunc(nil)"))
		}
		c.instructions = append(c.instructions, instruction{ask: f})
	}
}

// WithTools restricts the run to the agent's tools of these names; without names, it has none of
// them. The model sees them in the agent's order, and a call of another tool is refused. If
// the API can restrict a list of tools, it is sent all tools and these names, so that its prompt
// cache holds. A name that no tool has is an error. Tools that the provider runs itself belong to
// its client and stay on; [provider.ToolsNone] turns them off for a run.
func WithTools(names ...string) RunOption {
	names = append([]string{}, names...)
	return func(c *runConfig) { c.tools = names }
}

// WithToolChoice says whether the model may, must or must not call tools. tool is the one that
// must be called, for [provider.ToolsNamed]. A mode that forces a call ([provider.ToolsRequired],
// [provider.ToolsNamed]) holds for the first response of the run, so that the run can end; see
// [WithToolChoiceEveryStep]. With [provider.ToolsNone] a call is refused. At a limit, the model
// is asked to close the run without tools, whatever the choice. If the run is resumed by an agent
// that lacks the named tool, the model decides.
func WithToolChoice(mode provider.ToolMode, tool ...string) RunOption {
	return toolChoice(mode, tool, false)
}

// WithToolChoiceEveryStep is WithToolChoice for each response of the run. If the mode forces a
// call, the run ends by a tool that ends it ([EndsRun], [StopAfter]), by [StopWhen] or at a limit.
func WithToolChoiceEveryStep(mode provider.ToolMode, tool ...string) RunOption {
	return toolChoice(mode, tool, true)
}

func toolChoice(mode provider.ToolMode, tool []string, everyStep bool) RunOption {
	choice := transcript.ToolChoice{Mode: mode, EveryStep: everyStep}
	if len(tool) > 0 {
		choice.Name = tool[0]
	}
	return func(c *runConfig) {
		if c.choice = choice; len(tool) > 1 {
			c.fail(fmt.Errorf("WithToolChoice names %d tools; it takes one", len(tool)))
		}
	}
}

// StopAfter ends the run after a successful call of one of the tools, with
// [transcript.OutcomeDone]. Calls of the turn that have not started are skipped, also those that
// await approval. If the model wrote no text beside the call, the result is the text of the run.
// [EndsRun] does the same for each run of the tool's agents.
func StopAfter(tools ...string) RunOption {
	tools = slices.Clone(tools)
	return func(c *runConfig) { c.stopAfter = append(c.stopAfter, tools...) }
}

// StopWhen ends the run, with [transcript.OutcomeDone], when the function returns a reason. It
// is asked before each model call but the first, when every call has its result, and everything
// is stored. Of several functions, the first that returns a reason counts. [Result.Reason] and the
// stored End have it, behind "stopped: ".
//
// The function gets the whole conversation, earlier runs included, and must not change it. Runs
// at the same time call it at the same time. It has 5 seconds. If it fails, panics or takes longer, the run fails, and can be resumed. The
// function is not stored: for Resume and Decide to ask it, too, put it into
// [Config.RunOptions] or the options of the session. [Agent.Do] does not ask it.
func StopWhen(f StopFunc) RunOption {
	return func(c *runConfig) {
		if f == nil {
			c.fail(errors.New("StopWhen(nil)"))
			return
		}
		c.stopWhen = append(c.stopWhen, f)
	}
}

// WithWaitingText sets the text that [Result.Text] returns while the run waits for a person, if
// the model wrote none beside its calls. The default is an English text.
func WithWaitingText(text string) RunOption { return func(c *runConfig) { c.waitingText = text } }

// WithSettings overrides [Config.Settings] for a run; a zero field keeps the agent's value.
// Extra is replaced as a whole, not merged.
func WithSettings(s provider.Settings) RunOption {
	return func(c *runConfig) {
		merged := s // runs share the option
		if c.settings != nil {
			merged = c.settings.Merge(s)
		}
		c.settings = &merged
	}
}

// WithLimits overrides [Config.Limits] for a run; a zero field keeps the agent's value. A run
// can raise or lower a bound, but not remove it.
func WithLimits(l transcript.Limits) RunOption {
	return func(c *runConfig) { c.limits = limits.Over(c.limits, l) }
}

// WithBudget has the run spend a budget together with other runs: those of an agent, of a
// session or of a subject, of a day. It adds to the budgets of options before it.
//
// Before each model call, an estimate is reserved in the accounts of all budgets of the run.
// After it, the difference to what was spent is settled. If a budget has reached its bound, the
// model is not asked, and the run ends with [transcript.OutcomeLimit], [transcript.LimitBudget]
// and its closing text. So runs at the same time, in any process, exceed a budget by less than
// the estimate of one call, as long as no call costs more than its estimate.
//
// The estimate is, in tokens, the usage of the conversation's last response, the size of what
// follows it, and what instructions, tools and schema have grown by since its run; or without an
// earlier response the size of the request. Sizes count a token for 3
// bytes of text, and 2,000 tokens for an image or a document. Settings.MaxOutputTokens, or
// 4,096, are added. In money, it is the price of these tokens from Config.Prices, without a
// discount for cached input. The attempts of wrappers are settled, and not estimated.
//
// If the usage or the cost of a call is unknown, its estimate stays spent. So does the estimate of
// a call whose process was killed: a run that is resumed reserves and pays again. If settling
// fails, the log says so (Warn), and the estimate stays spent. If reserving fails, the run fails
// and can be resumed.
//
// If Config.Store is a [transcript.Ledger], it keeps the accounts; package transcript/sqlstore
// does so for all processes. Otherwise the agent has accounts of its own, in memory.
// [Agent.Spent] reads them.
func WithBudget(b Budget) RunOption {
	return func(c *runConfig) { c.budgets = append(c.budgets, b) }
}

// stops reports whether there are conditions to ask.
func (h *hooks) stops() bool { return h != nil && len(h.stopWhen) > 0 }

// given returns a copy of the hooks, or nil if there are none: a run that waits keeps little.
func (h hooks) given() *hooks {
	if h.stopWhen == nil && h.partial == nil {
		return nil
	}
	return &h
}

// fail records a mistake; nil is ignored.
func (c *runConfig) fail(err error) {
	if err != nil {
		c.errs = append(c.errs, err)
	}
}

// checkTools records names that are not among the agent's tools, and of choices that
// cannot be made.
func (c *runConfig) checkTools(tools []string) {
	known := func(option string, names ...string) {
		for _, name := range names {
			if !slices.Contains(tools, name) {
				c.fail(fmt.Errorf("%s: %s", option, nearest.Unknown(name, tools)))
			}
		}
	}
	known("WithTools", c.tools...)
	known("StopAfter", c.stopAfter...)
	may := tools
	if c.tools != nil {
		may = c.tools
	}
	switch choice := c.choice; choice.Mode {
	case provider.ToolsNamed:
		known("WithToolChoice", choice.Name)
		if slices.Contains(tools, choice.Name) && !slices.Contains(may, choice.Name) {
			c.fail(fmt.Errorf("WithToolChoice: the tool %q is not among those of WithTools", choice.Name))
		}
	case provider.ToolsAuto, provider.ToolsNone, provider.ToolsRequired:
		if choice.Name != "" {
			c.fail(fmt.Errorf("WithToolChoice names the tool %q; that needs the mode %q", choice.Name, provider.ToolsNamed))
		}
		if choice.Mode == provider.ToolsRequired && len(may) == 0 {
			c.fail(errors.New("WithToolChoice: a call is required, and the run has no tools"))
		}
	default:
		c.fail(fmt.Errorf("WithToolChoice: unknown mode %q", choice.Mode))
	}
}

// checkBudgets records budgets that cannot be kept.
func (c *runConfig) checkBudgets(book costs.Book) {
	for i, b := range c.budgets {
		if err := errors.Join(b.check(), book.CheckLimit(fmt.Sprintf("Cost of the budget %q", b.Name), b.Cost)); err != nil {
			c.fail(fmt.Errorf("WithBudget: %w", err))
		}
		if slices.ContainsFunc(c.budgets[:i], b.is) {
			c.fail(fmt.Errorf("WithBudget: the budget %q is set twice; give one of them another name", b.Name))
		}
	}
}
