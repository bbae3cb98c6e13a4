package rules_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

func TestAnEffectIsDoneThoughItsAnswerPanics(t *testing.T) {
	c := runOne(t, funcall.NewTool("pay", "Pays.", func(context.Context, struct{}) (panickyJSON, error) { return panickyJSON{}, nil }), "")
	if c.Status != transcript.StatusOK || !strings.HasPrefix(c.Text(), "Done, but") || !strings.Contains(c.ErrorText, "panic") {
		t.Errorf("%s %q %q", c.Status, c.Text(), c.ErrorText)
	}
}

func TestAnEffectThatTimedOutIsInDoubtWhateverItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, mark := range map[string]func(error) error{"plain": func(e error) error { return e }, "visible": funcall.Visible, "fatal": funcall.Fatal} {
			pay := tool("pay", func(ctx context.Context, _ Item) (string, error) {
				<-ctx.Done()
				return "", mark(fmt.Errorf("payment service: %w", ctx.Err()))
			}, funcall.Timeout(time.Second))
			model := providertest.NewScript(nil, providertest.Call("pay", `{"id":"a"}`), providertest.Say("done"))
			res, err := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{pay}}).Run(t.Context(), "go")
			if res.Calls[0].Status != transcript.StatusInDoubt || (name == "fatal") != (err != nil) {
				t.Errorf("%s: %s, %v", name, res.Calls[0].Status, err)
			}
		}
	})
}

type lostReply struct{}

func (lostReply) Error() string { return "read: i/o timeout" }

func (lostReply) Timeout() bool { return true }

func TestR16_ALostReplyIsInDoubt(t *testing.T) {
	for want, errs := range map[transcript.Status][]error{
		transcript.StatusInDoubt: {
			lostReply{}, fmt.Errorf("commit: %w", context.DeadlineExceeded),
			funcall.InDoubt(errors.New("connection reset by peer")), funcall.Visible(funcall.InDoubt(errors.New("reset"))),
		},
		transcript.StatusFailed: {errors.New("no such account"), funcall.Visible(errors.New("closed on Sundays"))},
	} {
		for _, err := range errs {
			if c := runOne(t, tool("pay", func(context.Context, Item) (string, error) { return "", err }), `{"id":"a"}`); c.Status != want {
				t.Errorf("%v: %s", err, c.Status)
			}
		}
	}
	// A read that lost its reply has failed: nothing hangs on it.
	if c := runOne(t, tool("look", func(context.Context, Item) (string, error) { return "", lostReply{} }, funcall.ReadOnly()), `{"id":"a"}`); c.Status != transcript.StatusFailed {
		t.Error(c.Status)
	}
}

func TestR13_AChangedToolDoesNotForgetItsAttempt(t *testing.T) {
	store := new(transcript.Memory)
	ran := 0
	put := func(description string) funcall.Tool {
		return funcall.NewTool("put", description, func(context.Context, Item) (string, error) { ran++; return "", nil }, funcall.Idempotent())
	}
	model := providertest.NewScript(t, providertest.Call("put", `{"id":"a"}`), providertest.Say("being checked"))
	cfg := funcall.Config{TakeoverAfter: 1, Tools: []funcall.Tool{put("Old words.")}, Store: &crashingStore{Store: store, after: 2}}
	if _, err := newAgent(t, model, cfg).Session("s").Send(t.Context(), "go"); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	cfg.Store, cfg.Tools = store, []funcall.Tool{put("New words.")}
	res, err := newAgent(t, model, cfg).Session("s").Resume(t.Context())
	if err != nil || ran != 1 || res.Calls[0].Status != transcript.StatusInDoubt {
		t.Errorf("ran %d times, %s, %v", ran, res.Calls[0].Status, err)
	}
}

func TestR16_AVoidAttemptDoesNotUndoTheOneBefore(t *testing.T) {
	store := new(transcript.Memory)
	ran := 0
	put := tool("put", func(context.Context, Item) (string, error) { ran++; return "", nil }, funcall.Idempotent())
	model := providertest.NewScript(t, providertest.Call("put", `{"id":"a"}`), providertest.Say("being checked"))
	cfg := funcall.Config{TakeoverAfter: 1, Tools: []funcall.Tool{put}, Store: &crashingStore{Store: store, after: 2}}
	if _, err := newAgent(t, model, cfg).Session("s").Send(t.Context(), "go"); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Store = cancelStore{store, 2, cancel}
	if _, err := newAgent(t, model, cfg).Session("s").Resume(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	cfg.Store = store
	res, err := newAgent(t, model, cfg).Session("s").Send(t.Context(), "well?")
	if err != nil || ran != 1 {
		t.Fatal(ran, err)
	}
	if diff := cmp.Diff([]string{"*transcript.Result 1.0 in_doubt"}, results(res.Transcript)); diff != "" {
		t.Error(diff)
	}
}

func results(t transcript.Transcript) []string {
	var out []string
	for _, k := range kinds(t) {
		if strings.HasPrefix(k, "*transcript.Result") {
			out = append(out, k)
		}
	}
	return out
}

func TestR13_ACanceledIdempotentCallIsRunAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var keys []string
	put := tool("put", func(ctx context.Context, _ Item) (string, error) {
		if keys = append(keys, funcall.CallFrom(ctx).Key); len(keys) == 1 {
			cancel()
			<-ctx.Done()
			return "", ctx.Err()
		}
		return "put", nil
	}, funcall.Idempotent())
	model := providertest.NewScript(t, providertest.Call("put", `{"id":"a"}`), providertest.Say("done"))
	s := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{put}}).Session("s")
	if _, err := s.Send(ctx, "go"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	res, err := s.Resume(t.Context())
	if err != nil || res.Calls[0].Status != transcript.StatusOK || fmt.Sprint(keys) != "[s/1.0 s/1.0]" {
		t.Errorf("%s, keys %q, %v", res.Calls[0].Status, keys, err)
	}
}
