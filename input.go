package funcall

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/agent/limits"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/agent/structured"
	"github.com/funcall/funcall/transcript"
)

// NewInput returns the entry that begins a run of this agent, with its limits filled in. It is
// for engines that own the transcript and call transcript.Next and [Agent.Do] themselves; Run
// and Send make their own. session is the ID of the transcript, for the functions of
// [WithInstructionsFunc]. Conditions of [StopWhen] are the engine's to ask.
func (a *Agent) NewInput(ctx context.Context, session, text string, opts ...RunOption) (*transcript.Input, error) {
	c, in, err := a.newInput(text, opts, nil)
	if err == nil {
		err = a.fill(ctx, c, in, RunInfo{Session: session, Subject: c.subject, Time: a.cfg.Now()})
	}
	if err != nil {
		return nil, err
	}
	return in, nil
}

// newInput returns what the options of a run set, and the entry that begins it, without
// accounts and instructions.
func (a *Agent) newInput(text string, opts []RunOption, answer *structured.Form) (*runConfig, *transcript.Input, error) {
	c, err := a.runConfig(opts...)
	if err != nil {
		return nil, nil, fmt.Errorf("funcall: %w", err)
	}
	message, err := storable.Message(text, c.parts)
	if err != nil {
		return nil, nil, fmt.Errorf("funcall: %w", err)
	}
	in := &transcript.Input{
		Message:      message,
		Subject:      c.subject,
		Setup:        a.setup,
		Limits:       limits.Over(a.cfg.Limits, c.limits),
		Settings:     c.settings,
		ConfigDigest: a.digest,
	}
	if answer != nil {
		in.OutputSchema = answer.Output
	}
	return c, in, nil
}

// fill adds to the entry what depends on the run: the accounts of its budgets, and its
// instructions.
func (a *Agent) fill(ctx context.Context, c *runConfig, in *transcript.Input, run RunInfo) error {
	s := transcript.Steering{Tools: c.tools, ToolChoice: c.choice, StopAfter: c.stopAfter, WaitingText: storable.Text(c.waitingText)}
	for _, b := range c.budgets {
		account, err := b.account(run.Subject, run.Time)
		if err != nil {
			return err
		}
		s.Budgets = append(s.Budgets, account)
	}
	var err error
	if s.Instructions, err = a.instruct(ctx, c, run); err == nil && !s.IsZero() {
		in.Steering = &s
	}
	return err
}

// between stands between instructions.
const between = "\n\n"

// maxInstructions bounds the instructions of a run, in bytes.
const maxInstructions = 1 << 20

// instruct returns the instructions of the run. It asks for those that are functions once, also
// if the run begins a second time because its session had grown.
func (a *Agent) instruct(ctx context.Context, c *runConfig, run RunInfo) (string, error) {
	if !c.asked {
		c.asked = true
		defer func(began time.Time) { c.consulted = time.Since(began) }(time.Now())
		c.instructed, c.refused = a.instructions(ctx, c.instructions, run)
	}
	return c.instructed, c.refused
}

// instructions returns the instructions of a run as one text.
func (a *Agent) instructions(ctx context.Context, list []instruction, run RunInfo) (string, error) {
	var texts []string
	for _, i := range list {
		text := i.text
		if i.ask != nil {
			var err error
			if text, err = a.consult(ctx, "WithInstructionsFunc", func(ctx context.Context) (string, error) { return i.ask(ctx, run) }); err != nil {
				return "", err
			}
		}
		if text != "" {
			texts = append(texts, storable.Text(text))
		}
	}
	all := strings.Join(texts, between)
	if len(all) > maxInstructions {
		return "", fmt.Errorf("funcall: the instructions of the run hold %d bytes; at most %d are taken", len(all), maxInstructions)
	}
	return all, nil
}

// withoutSetup returns in, without the setup that the transcript has already.
func withoutSetup(in *transcript.Input, k *transcript.Tracker) *transcript.Input {
	had := k.Setup()
	if had == nil || had != in.Setup && (had.Instructions != in.Setup.Instructions || !slices.Equal(had.Tools, in.Setup.Tools)) {
		return in
	}
	again := *in
	again.Setup = nil
	return &again
}
