package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// A Command is a line of a chat that begins with a slash.
type Command struct {
	Name, Help string
	Operator   bool                                                  // the operator's command, whose line is shown as such
	Do         func(ctx context.Context, c *Chat, rest string) error // its error ends the chat
}

// A Chat is a conversation in a terminal.
type Chat struct {
	*Show
	Session *funcall.Session
	// Begin is called before the first prompt.
	Begin func(ctx context.Context) error
	// Explain returns an error in one sentence.
	Explain func(error) string

	process  Process
	flags    *Flags
	prompt   string
	in       *Input
	typed    *history
	commands []Command
}

// NewChat returns a chat of the session, with commands in addition to those of every chat.
func (s *Show) NewChat(p Process, f *Flags, session *funcall.Session, commands ...Command) (*Chat, error) {
	typed, err := openHistory(f.History)
	if err != nil {
		return nil, err
	}
	prompt := "staff> "
	if f.Customer != "" {
		prompt = f.Customer + "> "
	}
	c := &Chat{
		Show: s, Session: session, Begin: func(context.Context) error { return nil }, Explain: f.Explain,
		process: p, flags: f, prompt: prompt, in: s.newInput(p, s.paint(cyan, prompt), typed), typed: typed,
	}
	c.commands = append([]Command{
		{Name: "/log", Help: "what was called so far, and how long it took", Do: showLog},
		{Name: "/transcript", Help: "the conversation as it is stored", Do: showTranscript},
	}, commands...)
	return c, nil
}

// Run runs the chat until the person ends it, and prints the transcript with -json. The error is
// that of the input, the context or the output. If an answer fails, its error is printed and the
// chat continues.
func (c *Chat) Run(ctx context.Context) error {
	err := c.Begin(ctx)
	if err == nil {
		err = c.converse(ctx)
	}
	c.Line("(the chat is over, after %s)", Count(len(c.log.runs()), "question"))
	t, terr := c.Session.Transcript(context.WithoutCancel(ctx))
	if terr == nil {
		terr = c.flags.Print(c.process, t)
	}
	return errors.Join(err, terr, c.typed.close())
}

// Count returns a number with its noun, singular or plural.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func (c *Chat) converse(ctx context.Context) error {
	c.Raw("")
	c.Line("Type /help for what there is, Ctrl-D to leave.")
	for {
		c.Raw("")
		text, err := c.in.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		switch {
		case c.isOperators(text):
			c.Operator(text)
		case !c.in.Shows:
			c.block(c.prompt, cyan, text, plain)
		}
		if text == "/quit" {
			return nil
		}
		if err := c.obey(ctx, text); err != nil {
			return err
		}
	}
}

// isOperators reports whether the text is a command of the operator.
func (c *Chat) isOperators(text string) bool {
	command, _ := c.command(text)
	return command != nil && command.Operator
}

// command returns the command that the text names, or nil, and the text behind the name.
func (c *Chat) command(text string) (*Command, string) {
	name, rest, _ := strings.Cut(text, " ")
	i := slices.IndexFunc(c.commands, func(command Command) bool { return command.Name == name })
	if i < 0 {
		return nil, ""
	}
	return &c.commands[i], strings.TrimSpace(rest)
}

// obey runs the text as a command, or sends it to the model.
func (c *Chat) obey(ctx context.Context, text string) error {
	if command, rest := c.command(text); command != nil {
		return command.Do(ctx, c, rest)
	}
	switch name, _, _ := strings.Cut(text, " "); {
	case name == "/help":
		c.help()
	case strings.HasPrefix(text, "/"):
		names := []string{"/help"}
		for _, command := range c.commands {
			names = append(names, command.Name)
		}
		c.Line("There is no command %s: there are %s and /quit.", Clean(name), strings.Join(names, ", "))
	default:
		return c.Answer(ctx, func(ctx context.Context) iter.Seq2[funcall.Event, error] { return c.Session.Stream(ctx, text) })
	}
	return nil
}

func (c *Chat) help() {
	c.Line("Ask the shop something, such as: Where is my order ORD-78342?")
	for _, command := range append(slices.Clone(c.commands), Command{Name: "/quit", Help: "end the chat, as Ctrl-D does"}) {
		c.block(fmt.Sprintf("  %-12s ", command.Name), plain, command.Help, plain)
	}
	c.Line("Ctrl-C stops an answer, and the conversation continues. At an empty prompt it ends the chat.")
}

// Answer prints one run. A signal cancels that run only; the transcript keeps what was done.
func (c *Chat) Answer(ctx context.Context, begin func(context.Context) iter.Seq2[funcall.Event, error]) error {
	running, stop := interruptible(ctx, c.process.Interrupts)
	_, err := c.Watch(running, begin(running))
	stopped := running.Err() != nil
	stop()
	select {
	case <-c.process.Interrupts: // was meant for the answer
	default:
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case stopped:
		c.Line("(stopped)")
	case err != nil:
		c.Line("(no answer: %s)", cleanLine(c.Explain(err)))
	}
	return nil
}

func showLog(_ context.Context, c *Chat, _ string) error {
	c.PrintLog()
	return nil
}

func showTranscript(ctx context.Context, c *Chat, _ string) error {
	t, err := c.Session.Transcript(ctx)
	var text strings.Builder
	if err == nil {
		err = transcript.Encode(&text, c.Kept(t))
	}
	if err != nil {
		c.Line("(no transcript: %s)", Clean(err.Error()))
		return nil
	}
	c.Raw(strings.TrimRight(Clean(text.String()), "\n"))
	return nil
}
