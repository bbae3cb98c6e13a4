package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

const decidePrompt = "Approve? (y, or n and why) "

// whoDecides is written into the transcript. A service has the name of whoever
// signed in.
const whoDecides = "the person at the terminal"

// pending shows the calls that wait for a person.
func (s *show) pending(list []funcall.Pending) {
	for _, p := range list {
		s.line("  %s", s.paint("35", "waits for a person: "+clean(p.Why)))
		fmt.Fprint(s.w, "    ")
		s.wrap(p.Tool+" "+clean(spaced(p.Args)), 4)
	}
}

// askPerson has the person at the terminal decide on what waits. Where nobody is
// there the calls stay as they are, and the conversation with them.
func (s *show) askPerson(ctx context.Context, session *funcall.Session, res *funcall.Result) (*funcall.Result, error) {
	for res.Outcome == funcall.Waiting {
		if !s.decides.shows {
			s.line("%s", decidePrompt)
		}
		text, err := s.decides.next(ctx)
		if errors.Is(err, io.EOF) {
			s.line("(nobody decides: the call waits)")
			return res, nil
		}
		if err != nil {
			return res, err
		}
		word, why, _ := strings.Cut(strings.TrimSpace(text), " ")
		var d funcall.Decision
		switch strings.ToLower(word) {
		case "y", "yes":
			d = funcall.Approve(res.Pending[0], funcall.By(whoDecides))
		case "n", "no":
			d = funcall.Deny(res.Pending[0], why, funcall.By(whoDecides))
		default:
			continue
		}
		if res, err = s.watch(ctx, session.StreamDecide(ctx, d)); err != nil {
			return res, err
		}
	}
	return res, nil
}

// decide is the person's word, in a chat, on the first call that waits.
func (c *chat) decide(ctx context.Context, approve bool, why string) error {
	t, err := c.session.Transcript(ctx)
	if err != nil {
		return err
	}
	list := transcript.Track(t).Pending()
	if len(list) == 0 {
		c.line("(no call waits for a decision)")
		return nil
	}
	d := funcall.Deny(list[0], why, funcall.By(whoDecides))
	if approve {
		d = funcall.Approve(list[0], funcall.By(whoDecides))
	}
	return c.answer(ctx, func(ctx context.Context) iter.Seq2[funcall.Event, error] { return c.session.StreamDecide(ctx, d) })
}

// pickUp goes on with a conversation that is kept: it shows what waits for a
// person, and finishes what was killed on its way.
func (s *show) pickUp(ctx context.Context, session *funcall.Session) (*funcall.Result, error) {
	if !s.keeps {
		return nil, nil
	}
	t, err := session.Transcript(ctx)
	if err != nil || len(t.Entries) == 0 {
		return nil, err
	}
	asked := 0
	for _, e := range t.Entries {
		if _, ok := e.Body.(*transcript.Input); ok {
			asked++
		}
	}
	s.line("")
	s.line("(the conversation %s goes on, after %s)", clean(session.ID()), count(asked, "question"))
	k := transcript.Track(t)
	if o, _ := k.Outcome(); o != funcall.Open {
		s.pending(k.Pending())
		return nil, nil
	}
	for {
		res, err := s.watch(ctx, session.StreamResume(ctx))
		if !errors.Is(err, funcall.ErrBusy) {
			return res, err
		}
		s.line("(it was killed a moment ago, or another program is at it: waiting)")
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return res, ctx.Err()
		}
	}
}
