package funcall

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/funcall/funcall/internal/agent/guard"
	"github.com/funcall/funcall/transcript"
)

// State returns the state of the conversation in brief: the outcome of its last run, pending
// and in-doubt calls, times, usage and cost. It runs nothing. If there is no such session, only
// the ID is set, and Entries is 0. If the session was opened with a [Subject] other than the
// conversation's, State returns [ErrWrongSubject]; if it was deleted, an error that matches
// [transcript.ErrDeleted].
func (s *Session) State(ctx context.Context) (transcript.Summary, error) {
	k, err := s.look(ctx)
	if err != nil {
		return transcript.Summary{ID: s.id}, err
	}
	return k.Summary(), nil
}

// Transcript loads the conversation. If the session was opened with a [Subject] other than the
// conversation's, Transcript returns [ErrWrongSubject]. If it was opened without one,
// Transcript returns the conversation of any subject.
func (s *Session) Transcript(ctx context.Context) (transcript.Transcript, error) {
	k, err := s.look(ctx)
	if err != nil {
		return transcript.Transcript{ID: s.id}, err
	}
	return k.Transcript(), nil
}

// Export writes the conversation as JSON Lines ([transcript.Encode]): everything that is stored,
// with instructions, error texts and the names of people who decided. It is for operators. To
// give a customer a copy, render the messages. Export returns the errors of
// Transcript, and writes nothing then. If there is no such session, it writes a header without
// entries.
func (s *Session) Export(ctx context.Context, w io.Writer) error {
	t, err := s.Transcript(ctx)
	if err != nil {
		return err
	}
	if err := transcript.Encode(w, t); err != nil {
		return fmt.Errorf("funcall: session %q cannot be exported: %w", s.id, err)
	}
	return nil
}

// Delete deletes the conversation from the store, which must be a [transcript.Deleter]. The ID
// cannot be used again: from now on every method but Delete returns an error that matches
// [transcript.ErrDeleted]. If the session was deleted before, Delete returns nil. An ID that was
// never used is taken, too.
//
// If a run has not ended and another worker may be running it, as for [Session.Resume], Delete
// returns [ErrBusy]. A session that waits for a decision, and one whose run was interrupted, can
// be deleted. A run that begins in another process meanwhile ends at its next
// append, with an error that matches transcript.ErrDeleted; effects that have happened by then
// are not undone.
//
// If the session was opened with a [Subject] other than the conversation's, Delete returns
// [ErrWrongSubject]. A session that cannot be loaded cannot be checked: delete it in the store.
func (s *Session) Delete(ctx context.Context) error {
	if err := s.checkID(); err != nil {
		return err
	}
	if _, ok := s.agent.sessions.Claim(s.id); !ok { // the state that was kept is dropped
		return ErrBusy
	}
	defer s.agent.sessions.Release(s.id)
	k, err := s.look(ctx)
	if errors.Is(err, transcript.ErrDeleted) {
		return nil
	}
	if err != nil {
		return err
	}
	if o, _ := k.Outcome(); o == transcript.OutcomeOpen && k.Len() > 0 {
		keeper := s.agent.keeper(ctx, s.id)
		if keeper != nil {
			defer keeper.Close()
		}
		if err := s.agent.takeOver(ctx, keeper, k); err != nil {
			return err
		}
	}
	if err := guard.Delete(ctx, s.agent.cfg.Store, s.id); err != nil {
		return fmt.Errorf("funcall: session %q cannot be deleted: %w", s.id, err)
	}
	return nil
}

// look loads the conversation for the session's subject.
func (s *Session) look(ctx context.Context) (*transcript.Tracker, error) {
	if err := s.checkID(); err != nil {
		return nil, err
	}
	t, err := s.load(ctx)
	if err != nil {
		return nil, err
	}
	k := transcript.Track(t)
	if foreign(s.agent.applied(s.opts), k) {
		return nil, ErrWrongSubject
	}
	return k, nil
}
