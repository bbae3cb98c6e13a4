package console

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// A Show prints conversations.
//
// With -ask it prints as a command in a shell does: what the customer reads to stdout, what the
// staff sees (calls, pending calls) to stderr, and nothing else.
type Show struct {
	*Printer          // for all but the answers
	answers  *Printer // may be the same
	bare     bool     // -ask: no headings, no log
	// HowToDecide tells the operator how to decide on pending calls; it may be empty.
	HowToDecide string
	// Timeless shows every call as one that took no time: output that can be repeated
	// says no measured durations.
	Timeless bool
	// Staff says that the staff asks, not a customer.
	Staff bool

	log *executionLog
}

// NewShow returns a Show that writes to the process.
func NewShow(p Process, f *Flags, now func() time.Time) *Show {
	s := &Show{bare: f.Ask != "", log: newExecutionLog(now)}
	if s.bare {
		s.Printer, s.answers = newPrinter(p.Stderr, p.Getenv), newAnswerPrinter(f.Out(p), p.Getenv)
	} else {
		s.Printer = newPrinter(f.Out(p), p.Getenv)
		s.answers = s.Printer
	}
	return s
}

// Aside returns a Show of what belongs to earlier questions: with -ask, stdout has the answer to
// that question only.
func (s *Show) Aside() *Show {
	aside := *s
	aside.answers = s.Printer
	return &aside
}

// Intro prints the introduction, with the model's description and further paragraphs.
func (s *Show) Intro(about string, more ...string) {
	if s.bare {
		return
	}
	s.Bold("The reference shop")
	for _, text := range append([]string{about}, more...) {
		s.Raw("")
		for line := range strings.Lines(text) {
			if line = strings.TrimSuffix(line, "\n"); strings.HasPrefix(line, " ") {
				s.Raw(line) // a command, to be copied
			} else {
				s.Line("%s", line)
			}
		}
	}
}

// PrintLog prints the calls so far and their durations.
func (s *Show) PrintLog() {
	if !s.bare {
		s.log.print(s.Printer)
	}
}

// Scene prints the heading of a conversation, with the description of its caller.
func (s *Show) Scene(who string) {
	if s.bare {
		return
	}
	s.Raw("")
	s.Bold("== " + cleanLine(who) + " ==")
}

// Ask sends a question to the session and prints the answer.
func (s *Show) Ask(ctx context.Context, session *funcall.Session, question string) (*funcall.Result, error) {
	if !s.bare {
		s.Raw("")
		label := customerLabel
		if s.Staff {
			label = staffLabel
		}
		s.block(label, cyan, question, plain)
	}
	return s.Watch(ctx, session.Stream(ctx, question))
}

// Kept returns the transcript as it is shown.
func (s *Show) Kept(t transcript.Transcript) transcript.Transcript {
	if !s.Timeless {
		return t
	}
	t.Entries = slices.Clone(t.Entries)
	for i, e := range t.Entries {
		if r, ok := e.Body.(*transcript.Result); ok {
			own := *r
			own.Duration = 0
			t.Entries[i].Body = &own
		}
	}
	return t
}

// Watch prints the events of a run. With -ask its error is also that of writing to stdout.
func (s *Show) Watch(ctx context.Context, run iter.Seq2[funcall.Event, error]) (*funcall.Result, error) {
	var group calls
	var said, last string // by the model: so far, and in its last response
	for ev, err := range run {
		if s.Timeless {
			ev.Duration = 0
		}
		switch ev.Kind {
		case funcall.EventToolStart:
			group.start(ev)
		case funcall.EventToolEnd:
			// Parallel calls are shown together, in the model's order.
			if group.end(ev) {
				s.answers.endText()
				s.calls(group)
				s.log.add(group)
				group = nil
			}
		case funcall.EventText:
			s.answers.text(ev.Text)
			said += ev.Text
		case funcall.EventModelEnd:
			last, said = said, ""
		case funcall.EventDone:
			s.answers.endText()
			// A run that waits for a person, or reached a limit, may have an answer that no model wrote.
			if text := ev.Result.Text(); err == nil && text != last {
				s.answers.text(text)
				s.answers.endText()
			}
			s.log.ran(ev.Result)
			switch {
			case err == nil && ev.Result.Outcome == transcript.OutcomeWaiting:
				s.Pending(ev.Result.Pending)
			case err == nil && ev.Result.Outcome != transcript.OutcomeDone:
				s.Line("(the run ended: %s %s)", ev.Result.Outcome, cleanLine(ev.Result.Reason))
			}
			return ev.Result, errors.Join(err, s.answers.writeError())
		}
	}
	return nil, ctx.Err()
}

// Operator prints what the operator typed.
func (s *Show) Operator(text string) { s.block(operatorPrompt, magenta, text, plain) }

// Pending prints the pending calls. The operator decides on them, not the customer.
func (s *Show) Pending(list []transcript.PendingCall) {
	for _, p := range list {
		s.block(operatorLabel, magenta, "waits for approval: "+p.Reason, magenta)
		s.block(strings.Repeat(" ", len(operatorLabel)), plain, p.Tool+" "+spaced(p.Args), dim)
	}
	if len(list) > 0 && s.HowToDecide != "" {
		s.block(strings.Repeat(" ", len(operatorLabel)), plain, s.HowToDecide, plain)
	}
}
