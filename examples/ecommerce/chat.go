package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

const chatHelp = `Ask the shop something, such as: Where is my order ORD-78342?
  /log         what was called so far, and how long it took
  /transcript  the conversation as it is stored
  /approve     let the call run that waits for a decision
  /deny WHY    keep it from running; the reason can be left out
  /quit        end the chat, as Ctrl-D does
Ctrl-C stops an answer, and the conversation goes on. At an empty prompt it ends
the chat.`

// A chat is a conversation with a person who types.
type chat struct {
	*show
	prompt     string
	in         *input
	session    *funcall.Session
	interrupts <-chan os.Signal
	explain    func(error) string
}

// chat talks with whoever types, and hands over the transcript at the end.
func (s *show) chat(ctx context.Context, p process, out io.Writer, about string, o options, done func(transcript.Transcript) error) error {
	typed, err := openHistory(o.history)
	if err != nil {
		return err
	}
	with := conversations(o)[0]
	prompt := "staff> "
	if with.customer != "" {
		prompt = with.customer + "> "
	}
	s.intro(about)
	c := &chat{
		show: s, prompt: prompt, in: newInput(p, out, s.paint("36", prompt), typed),
		session: s.agent.Session(with.id, with.as), interrupts: p.interrupts,
		explain: func(err error) string { return explain(err, o) },
	}
	if _, err = s.pickUp(ctx, c.session); err == nil {
		err = c.run(ctx)
	}
	s.line("(the chat is over, after %s)", count(len(s.log.runs()), "question"))
	t, terr := c.session.Transcript(context.WithoutCancel(ctx))
	if terr == nil {
		terr = done(t)
	}
	return errors.Join(err, terr, typed.close())
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// run goes on until the person ends it. The error is that of the input, or the
// context's; a run that fails is shown, and the next message gets its chance.
func (c *chat) run(ctx context.Context) error {
	c.line("")
	c.line("Type /help for what there is, Ctrl-D to leave.")
	for {
		c.line("")
		text, err := c.in.next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if !c.in.shows {
			c.labeled(c.prompt, text)
		}
		command, rest, _ := strings.Cut(text, " ")
		switch command {
		case "/quit":
			return nil
		case "/approve", "/deny":
			if err := c.decide(ctx, command == "/approve", strings.TrimSpace(rest)); err != nil {
				return err
			}
		case "/help":
			c.line("%s", chatHelp)
		case "/log":
			c.log.print(c.printer)
		case "/transcript":
			c.printTranscript(ctx)
		default:
			if strings.HasPrefix(text, "/") {
				c.line("There is no command %s: there are /help, /log, /transcript, /approve, /deny and /quit.", clean(command))
			} else if err := c.answer(ctx, func(ctx context.Context) iter.Seq2[funcall.Event, error] { return c.session.Stream(ctx, text) }); err != nil {
				return err
			}
		}
	}
}

// answer watches one run. A signal stops it alone; what was done by then stays in
// the transcript.
func (c *chat) answer(ctx context.Context, begin func(context.Context) iter.Seq2[funcall.Event, error]) error {
	running, stop := interruptible(ctx, c.interrupts)
	_, err := c.watch(running, begin(running))
	stopped := running.Err() != nil
	stop()
	select {
	case <-c.interrupts: // meant for the answer, and too late
	default:
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case stopped:
		c.line("(stopped)")
	case errors.Is(err, funcall.ErrPending):
		c.line("(a call waits for a decision first: /approve or /deny)")
	case err != nil:
		c.line("(no answer: %s)", clean(c.explain(err)))
	}
	return nil
}

func (c *chat) printTranscript(ctx context.Context) {
	t, err := c.session.Transcript(ctx)
	var text strings.Builder
	if err == nil {
		err = transcript.Encode(&text, t)
	}
	if err != nil {
		c.line("(no transcript: %s)", clean(err.Error()))
		return
	}
	c.line("%s", strings.TrimRight(clean(text.String()), "\n"))
}

// interruptible returns a context that the next signal ends, and a function
// that ends the watch for it.
func interruptible(ctx context.Context, interrupts <-chan os.Signal) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		select {
		case <-interrupts:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-over // so that it takes no signal that is meant for somebody else
	}
}
