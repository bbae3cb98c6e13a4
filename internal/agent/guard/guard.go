// Package guard calls what a program plugs into an agent: its log handler, clock, store
// and provider. The agent calls them from goroutines of its own and between an effect
// and its record. A panic of theirs is caught here.
package guard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"time"

	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/internal/text/plain"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// recovered returns the error of a panic, whose stack it logs. It returns nil if
// nothing panicked. The caller is a deferred function that calls recover.
func recovered(log *slog.Logger, what string, p any) error {
	if p == nil {
		return nil
	}
	text := storable.Reason(plain.Panic(p))
	log.LogAttrs(context.Background(), slog.LevelError, what+" panicked", slog.String("error", text), slog.String("stack", string(debug.Stack())))
	return fmt.Errorf("the %s panicked (%s); its stack is in the log", what, text)
}

// Logger returns a logger that passes records on to log, or discards them if log is nil. It
// escapes what a log line must not hold raw, and drops a record if the handler panics.
func Logger(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(logHandler{log.Handler()})
}

type logHandler struct{ slog.Handler }

func (h logHandler) Enabled(ctx context.Context, l slog.Level) (enabled bool) {
	defer func() { _ = recover() }()
	return h.Handler.Enabled(ctx, l)
}

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	defer func() { _ = recover() }()
	plainly := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		plainly.AddAttrs(plainAttr(a))
		return true
	})
	return h.Handler.Handle(ctx, plainly)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) (with slog.Handler) {
	with = h
	defer func() { _ = recover() }()
	cleaned := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		cleaned[i] = plainAttr(a)
	}
	return logHandler{h.Handler.WithAttrs(cleaned)}
}

func (h logHandler) WithGroup(name string) (with slog.Handler) {
	with = h
	defer func() { _ = recover() }()
	return logHandler{h.Handler.WithGroup(name)}
}

func plainAttr(a slog.Attr) slog.Attr {
	switch {
	case a.Value.Kind() != slog.KindString:
		return a
	case a.Key == "stack":
		return slog.String(a.Key, plain.Lines(a.Value.String()))
	}
	return slog.String(a.Key, plain.Line(a.Value.String()))
}

// Clock returns a clock that uses time.Now if now is nil, panics, or returns a time that
// cannot be stored.
func Clock(log *slog.Logger, now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return func() (t time.Time) {
		defer func() {
			if recovered(log, "clock", recover()) != nil {
				t = time.Now()
			}
		}()
		t = now()
		if y := t.UTC().Year(); y < 1 || y > 9999 {
			return time.Now()
		}
		return t
	}
}

// Store returns a store that turns panics of s, and entries without content, into errors. If
// s is nil, it returns a new Memory.
func Store(log *slog.Logger, s transcript.Store) transcript.Store {
	if s == nil {
		return new(transcript.Memory)
	}
	return store{s, log}
}

type store struct {
	inner transcript.Store
	log   *slog.Logger
}

func (s store) Load(ctx context.Context, id string) (t transcript.Transcript, err error) {
	defer func() {
		if p := recovered(s.log, "store", recover()); p != nil {
			err = p
		}
	}()
	if t, err = s.inner.Load(ctx, id); err == nil {
		err = checkEntries(t.Entries)
	}
	return t, err
}

func (s store) Append(ctx context.Context, b transcript.Batch) (err error) {
	defer func() {
		if p := recovered(s.log, "store", recover()); p != nil {
			err = p
		}
	}()
	return s.inner.Append(ctx, b)
}

// Delete deletes a session from a store that Store has returned. If the program's store is no
// [transcript.Deleter], the error matches errors.ErrUnsupported.
func Delete(ctx context.Context, s transcript.Store, id string) (err error) {
	if guarded, ok := s.(store); ok {
		s = guarded.inner
		defer func() {
			if p := recovered(guarded.log, "store", recover()); p != nil {
				err = p
			}
		}()
	}
	d, ok := s.(transcript.Deleter)
	if !ok {
		return fmt.Errorf("the store, a %T, is no transcript.Deleter: %w", s, errors.ErrUnsupported)
	}
	return d.Delete(ctx, id)
}

// checkEntries refuses entries without a body or a message.
func checkEntries(entries []transcript.Entry) error {
	for i, e := range entries {
		var m *provider.Message
		switch b := e.Body.(type) {
		case nil:
			return fmt.Errorf("the store returned entry %d without a body", i)
		case *transcript.Input:
			if b != nil {
				m = b.Message
			}
		case *transcript.Output:
			if b != nil {
				m = b.Message
			}
		default:
			if v := reflect.ValueOf(b); v.Kind() == reflect.Pointer && !v.IsNil() {
				continue
			}
		}
		if m == nil {
			return fmt.Errorf("the store returned entry %d, a %T, without content", i, e.Body)
		}
	}
	return nil
}

// Generate calls the provider. Its panic is an error.
func Generate(ctx context.Context, log *slog.Logger, p provider.Provider, req *provider.Request, emit func(provider.Delta)) (resp *provider.Response, err error) {
	var passed passing
	if emit != nil {
		passed = passing{emit, new(bool)}
		emit = passed.delta
	}
	defer func() {
		if e := recovered(log, "provider", recover()); e != nil {
			resp, err = nil, &provider.Error{Kind: provider.KindMalformed, Message: e.Error(), Emitted: passed.any != nil && *passed.any}
		}
	}()
	resp, err = p.Generate(ctx, req, emit)
	if e, ok := err.(*provider.Error); ok && e == nil {
		return nil, nil // a typed nil is no error
	}
	if err != nil { // its methods may panic, too
		_ = err.Error()
		_ = errors.Is(err, context.Canceled) || errors.As(err, new(*provider.Error))
	}
	return resp, err
}

// passing passes deltas on, and notes that there were any.
type passing struct {
	on  func(provider.Delta)
	any *bool
}

func (p passing) delta(d provider.Delta) {
	*p.any = true
	p.on(d)
}

// Model returns the name of the provider's model, or "" if it does not say.
func Model(p provider.Provider) (model string, err error) {
	err = askProvider(p, "model", func() error {
		if named, ok := p.(provider.Named); ok {
			model = named.Model()
		}
		return nil
	})
	return model, err
}

// Check returns the mistakes that the provider finds in its configuration.
func Check(p provider.Provider) error {
	return askProvider(p, "mistakes", func() error {
		if c, ok := p.(provider.Checker); ok {
			err := c.Check()
			if e, ok := err.(*provider.Error); ok && e == nil {
				return nil // a typed nil is no error
			}
			if err != nil {
				return fmt.Errorf("provider: %w", err)
			}
		}
		return nil
	})
}

// askProvider calls ask, which calls a method of the provider. A panic is an error.
func askProvider(p provider.Provider, what string, ask func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the provider, a %T, cannot be used: asked for its %s: %s", p, what, storable.Reason(plain.Panic(v)))
		}
	}()
	return ask()
}

// protect calls f, which calls a method of the program's store. A panic is an error.
func protect(log *slog.Logger, f func() error) (err error) {
	defer func() {
		if p := recovered(log, "store", recover()); p != nil {
			err = p
		}
	}()
	return f()
}
