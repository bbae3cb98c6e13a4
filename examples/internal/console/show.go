package console

import (
	"context"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// A Show prints conversations.
type Show struct {
	*Printer
	// Timeless shows every call as one that took no time: output that can be repeated
	// says no measured durations.
	Timeless bool

	log *executionLog
}

// NewShow returns a Show that writes to w.
func NewShow(w io.Writer, getenv func(string) string, now func() time.Time) *Show {
	return &Show{Printer: newPrinter(w, getenv), log: newExecutionLog(now)}
}

// Intro prints the introduction, with the model's description.
func (s *Show) Intro(about string) {
	s.Bold("The reference shop")
	s.Line("")
	s.Line("%s", about)
}

// PrintLog prints the calls so far and their durations.
func (s *Show) PrintLog() { s.log.print(s.Printer) }

// Scene prints the heading of a conversation, with the description of its caller.
func (s *Show) Scene(who string) {
	s.Line("")
	s.Bold("== " + Clean(who) + " ==")
}

// Ask sends a question to the session and prints the answer.
func (s *Show) Ask(ctx context.Context, session *funcall.Session, question string) (*funcall.Result, error) {
	s.Line("")
	s.labeled("Customer: ", question)
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

// Watch prints the events of a run.
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
				s.endText()
				s.calls(group)
				s.log.add(group)
				group = nil
			}
		case funcall.EventText:
			s.text(ev.Text)
			said += ev.Text
		case funcall.EventModelEnd:
			last, said = said, ""
		case funcall.EventDone:
			s.endText()
			// A run that waits for a person, or reached a limit, may have an answer that no model wrote.
			if text := ev.Result.Text(); err == nil && text != last {
				s.text(text)
				s.endText()
			}
			s.log.ran(ev.Result)
			switch {
			case err == nil && ev.Result.Outcome == transcript.OutcomeWaiting:
				s.Pending(ev.Result.Pending)
			case err == nil && ev.Result.Outcome != transcript.OutcomeDone:
				s.Line("(the run ended: %s %s)", ev.Result.Outcome, cleanLine(ev.Result.Reason))
			}
			return ev.Result, err
		}
	}
	return nil, ctx.Err()
}

// Pending prints the pending calls, for the staff.
func (s *Show) Pending(list []transcript.PendingCall) {
	for _, p := range list {
		s.Line("  %s", s.paint("35", "waits for a person: "+cleanLine(p.Reason)))
		s.indented("    ", cleanLine(p.Tool)+" "+Clean(spaced(p.Args)))
	}
}
