package toolresult_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/internal/agent/toolresult"
	"github.com/funcall/funcall/internal/schema/arguments"
	"github.com/funcall/funcall/transcript"
)

func TestResults(t *testing.T) {
	const (
		read, effect        = transcript.ClassReadOnly, transcript.ClassEffect
		ok, failed, doubted = transcript.StatusOK, transcript.StatusFailed, transcript.StatusInDoubt
	)
	plain := errors.New("secret")
	visible := fmt.Errorf("wrapped: %w", &toolresult.VisibleError{Err: errors.New("no such order")})
	refused := &arguments.Error{Text: "n: too large"}
	doubt := &toolresult.InDoubtError{Err: errors.New("reply lost")}
	for name, c := range map[string]struct {
		class    transcript.Class
		value    any
		err      error
		panics   bool
		before   error // of an earlier attempt
		doubtful bool  // of the work
		done     bool
		status   transcript.Status
		says     string // a part of what the model reads
		again    bool
		fatal    bool
	}{
		"a text":                           {class: read, value: "seen", status: ok, says: "seen"},
		"no JSON":                          {class: read, value: func() {}, status: failed, says: "failed (reference"},
		"no JSON, of an effect":            {class: effect, value: func() {}, status: ok, says: "Done, but"},
		"an error":                         {class: read, err: plain, status: failed, says: "failed (reference", again: true},
		"an error of an effect":            {class: effect, err: plain, status: failed, says: "failed (reference", again: true},
		"an error, too late":               {class: read, err: plain, done: true, status: failed, says: "in time", again: true},
		"an error of an effect, too late":  {class: effect, err: plain, done: true, status: doubted, again: true},
		"visible":                          {class: read, err: visible, status: failed, says: "no such order"},
		"visible, of an effect, too late":  {class: effect, err: visible, done: true, status: failed, says: "no such order"},
		"the arguments":                    {class: read, err: refused, status: transcript.StatusRefused, says: "n: too large"},
		"fatal":                            {class: read, err: &toolresult.FatalError{Err: plain}, status: failed, says: "failed (reference", fatal: true},
		"fatal, too late":                  {class: read, err: &toolresult.FatalError{Err: plain}, done: true, status: failed, says: "failed (reference", fatal: true},
		"fatal and visible":                {class: read, err: &toolresult.FatalError{Err: visible}, status: failed, says: "failed (reference", fatal: true},
		"a panic":                          {class: read, panics: true, status: failed, says: "failed (reference"},
		"a panic, too late":                {class: read, panics: true, done: true, status: failed, says: "failed (reference"},
		"a panic of an effect":             {class: effect, panics: true, status: doubted},
		"a mark of doubt":                  {class: effect, err: doubt, status: doubted, again: true},
		"a mark of doubt on a read":        {class: read, err: doubt, status: failed, says: "failed (reference", again: true},
		"a timeout of an effect":           {class: effect, err: context.DeadlineExceeded, status: doubted, again: true},
		"a cancellation of an effect":      {class: effect, err: context.Canceled, status: doubted, again: true},
		"doubt of an earlier attempt":      {class: effect, before: doubt, err: plain, status: doubted, again: true},
		"visible behind an earlier doubt":  {class: effect, before: doubt, err: visible, status: failed, says: "no such order"},
		"done behind an earlier doubt":     {class: effect, before: doubt, value: "paid", status: ok, says: "paid"},
		"doubt of an earlier call":         {class: effect, doubtful: true, err: plain, status: doubted, again: true},
		"no doubt of an earlier failure":   {class: effect, before: plain, err: plain, status: failed, says: "failed (reference", again: true},
		"a read has no doubt of a failure": {class: read, before: doubt, err: plain, status: failed, says: "failed (reference", again: true},
	} {
		var e toolresult.Ending
		if c.before != nil {
			e.Begin()
			e.Take(nil, c.before)
		}
		e.Begin()
		again := false
		if c.panics {
			e.Panicked("panic: secret")
		} else {
			again = e.Take(c.value, c.err)
		}
		w := transcript.Work{Key: "s/1.0", Call: transcript.Call{Class: c.class}, InDoubt: c.doubtful}
		r := e.Result(w, 1000, c.done)
		if r.Status != c.status || !strings.Contains(r.Text(), c.says) || again != c.again || (e.Fatal != nil) != c.fatal {
			t.Errorf("%s: %s, %q, again %v, fatal %v", name, r.Status, r.Text(), again, e.Fatal)
		}
		if (c.err != nil || c.panics) != (r.ErrorText != "") && c.value == nil || strings.Contains(r.Text(), "secret") {
			t.Errorf("%s: our side learns %q, and the model %q", name, r.ErrorText, r.Text())
		}
	}
}

func TestOtherResults(t *testing.T) {
	begun := time.Unix(1, 0)
	for name, c := range map[string]struct {
		got    *transcript.Result
		status transcript.Status
	}{
		"an abandoned read":      {toolresult.Abandoned(transcript.Work{Call: transcript.Call{Class: transcript.ClassReadOnly}}, time.Second), transcript.StatusFailed},
		"an abandoned effect":    {toolresult.Abandoned(transcript.Work{Call: transcript.Call{Class: transcript.ClassIdempotent}}, time.Second), transcript.StatusInDoubt},
		"changed":                {toolresult.Changed(transcript.Work{}), transcript.StatusRefused},
		"changed, after a doubt": {toolresult.Changed(transcript.Work{InDoubt: true}), transcript.StatusRefused},
		"changed under way":      {toolresult.Changed(transcript.Work{InDoubt: true, StartedAt: begun}), transcript.StatusInDoubt},
		"failed":                 {toolresult.Failed(transcript.Work{}, "it was not started"), transcript.StatusFailed},
	} {
		if c.got.Status != c.status || c.got.Text() == "" {
			t.Errorf("%s: %s, %q", name, c.got.Status, c.got.Text())
		}
	}
}
