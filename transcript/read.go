package transcript

import (
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// readEntry reads an entry as this version writes it, several times faster than encoding/json.
// It returns false for any other text, also for one that encoding/json reads: with fields that
// this version does not know or spells otherwise, with null, or with a rare body. FuzzReadEntry
// compares the two.
func readEntry(b []byte) (e Entry, ok bool) {
	r := readers.Get().(*reader)
	r.Reset(b)
	r.odd, r.needs = false, ""
	e, ok = r.entry()
	r.Reset(nil)
	readers.Put(r)
	return e, ok
}

// readers keeps the buffers of readers.
var readers = sync.Pool{New: func() any { return new(reader) }}

// A reader reads JSON in place.
type reader struct {
	jsonscan.Scanner
	odd   bool   // the text is not as this version writes it
	needs string // the version that the entry needs
}

func (r *reader) entry() (e Entry, ok bool) {
	r.expect('{')
	for key := range r.Object() {
		switch {
		case string(key) == "at":
			r.time(&e.Time)
		case string(key) == "type" && e.Body == nil:
			e.Body = newBody(r.text())
		case string(key) == "needs":
			r.needs = r.text()
		default:
			r.field(e.Body, key)
		}
		if r.odd {
			return Entry{}, false
		}
	}
	return e, !r.odd && e.Body != nil && r.needs == needs(e.Body) && !lacksMessage(e.Body) && r.Err() == nil && len(r.Rest()) == 0
}

func lacksMessage(b Body) bool {
	switch b := b.(type) {
	case *Input:
		return b.Message == nil
	case *Output:
		return b.Message == nil
	}
	return false
}

// field reads a field of the body.
func (r *reader) field(b Body, key []byte) {
	switch b := b.(type) {
	case *Input:
		r.input(b, string(key))
	case *Output:
		r.output(b, string(key))
	case *Result:
		r.result(b, string(key))
	case *Intent:
		r.intent(b, string(key))
	case *Decision:
		r.decision(b, string(key))
	case *End:
		r.end(b, string(key))
	default: // rare, or the type follows the field
		r.odd = true
	}
}

func (r *reader) input(in *Input, key string) {
	switch key {
	case "message":
		in.Message = r.message()
	case "subject":
		in.Subject = r.text()
	case "setup":
		r.value(&in.Setup)
	case "steering":
		r.value(&in.Steering)
	case "limits":
		r.expect('{')
		for key := range r.Object() {
			r.limit(&in.Limits, string(key))
		}
	case "settings":
		r.value(&in.Settings)
	case "answer":
		r.value(&in.OutputSchema)
	case "config_digest":
		in.ConfigDigest = r.text()
	default:
		r.odd = true
	}
}

func (r *reader) limit(l *Limits, key string) {
	switch key {
	case "steps":
		l.Steps = r.int()
	case "calls":
		l.Calls = r.int()
	case "refusals":
		l.Refusals = r.int()
	case "tokens":
		l.Tokens = r.int64()
	case "cost":
		r.value(&l.Cost)
	case "active_ns":
		l.ActiveTime = time.Duration(r.int64())
	case "words":
		l.ClosingText = r.text()
	default:
		r.odd = true
	}
}

func (r *reader) output(out *Output, key string) {
	switch key {
	case "message":
		out.Message = r.message()
	case "finish":
		out.Finish = provider.FinishReason(r.text())
	case "usage":
		r.expect('{')
		for key := range r.Object() {
			r.usage(&out.Usage, string(key))
		}
	case "cost":
		r.value(&out.Cost)
	case "model":
		out.Model = r.text()
	case "request_id":
		out.RequestID = r.text()
	case "tools_off":
		out.ToolsOff = r.bool()
	case "limit":
		out.Limit = r.text()
	case "calls":
		r.calls(out)
	case "answer":
		out.StructuredText = r.text()
	case "refused":
		out.Refusal = r.text()
	case "fixes":
		r.value(&out.Coercions)
	case "fallback":
		r.value(&out.Fallbacks)
	default:
		r.odd = true
	}
}

func (r *reader) usage(u *provider.Usage, key string) {
	switch key {
	case "input":
		u.Input = r.int64()
	case "cache_read":
		u.CacheRead = r.int64()
	case "cache_write":
		u.CacheWrite = r.int64()
	case "output":
		u.Output = r.int64()
	case "reasoning":
		u.Reasoning = r.int64()
	case "web_searches":
		u.WebSearches = r.int64()
	case "file_searches":
		u.FileSearches = r.int64()
	case "code_executions":
		u.CodeExecutions = r.int64()
	default:
		r.odd = true
	}
}

// calls reads the calls of an output. A second list would be mixed with the first.
func (r *reader) calls(out *Output) {
	r.expect('[')
	if out.Calls != nil {
		r.odd = true
	}
	out.Calls = []Call{}
	for i := range r.Array() {
		out.Calls = append(out.Calls, Call{})
		r.expect('{')
		for key := range r.Object() {
			r.call(&out.Calls[i], string(key))
		}
	}
}

func (r *reader) call(c *Call, key string) {
	switch key {
	case "id":
		c.ID = r.text()
	case "tool":
		c.Tool = r.text()
	case "digest":
		c.Digest = r.text()
	case "args":
		c.Args = r.text()
	case "class":
		c.Class = Class(r.text())
	case "fixes":
		r.value(&c.Coercions)
	case "refused":
		c.Refusal = r.text()
	case "ask":
		c.ApprovalReason = r.text()
	case "ask_until":
		r.value(&c.ApprovalDeadline)
	case "within_ns":
		c.MaxDuration = time.Duration(r.int64())
	case "ends":
		c.EndsWith = Outcome(r.text())
	case "answers":
		c.IsOutput = r.bool()
	default:
		r.odd = true
	}
}

func (r *reader) result(res *Result, key string) {
	switch key {
	case "call":
		r.ref(&res.Ref)
	case "status":
		res.Status = Status(r.text())
	case "content":
		res.Content = r.parts()
	case "error":
		res.ErrorText = r.text()
	case "took_ns":
		res.Duration = time.Duration(r.int64())
	default:
		r.odd = true
	}
}

func (r *reader) intent(i *Intent, key string) {
	switch key {
	case "call":
		r.ref(&i.Ref)
	case "attempt":
		i.Attempt = r.int()
	case "void":
		i.Void = r.bool()
	default:
		r.odd = true
	}
}

func (r *reader) decision(d *Decision, key string) {
	switch key {
	case "call":
		r.ref(&d.Ref)
	case "digest":
		d.Digest = r.text()
	case "verdict":
		d.Verdict = Verdict(r.text())
	case "args":
		d.Args = r.text()
	case "text":
		d.Text = r.text()
	case "by":
		d.By = r.text()
	default:
		r.odd = true
	}
}

func (r *reader) end(e *End, key string) {
	switch key {
	case "outcome":
		e.Outcome = Outcome(r.text())
	case "why":
		e.Reason = r.text()
	case "words":
		e.ClosingText = r.text()
	default:
		r.odd = true
	}
}

// expect sets odd if the next value is of another kind; see [jsonscan.Scanner.Kind].
func (r *reader) expect(kind byte) {
	if r.Kind() != kind {
		r.odd = true
	}
}

// value reads any value with encoding/json.
func (r *reader) value(v any) {
	if raw := r.Raw(); r.Err() == nil && json.Unmarshal(raw, v) != nil {
		r.odd = true
	}
}

// time reads a time within the years that are written.
func (r *reader) time(t *time.Time) {
	if raw := r.Raw(); len(raw) == 0 || raw[0] != '"' || t.UnmarshalJSON(raw) != nil {
		r.odd = true
		return
	}
	if *t = t.UTC(); t.Year() < 0 || t.Year() > 9999 {
		r.odd = true
	}
}

func (r *reader) ref(ref *Ref) {
	text, ok := r.Bytes()
	if !ok || ref.UnmarshalText(text) != nil {
		r.odd = true
	}
}

func (r *reader) text() string {
	text, ok := r.Bytes()
	if !ok {
		r.odd = true
	}
	return string(text)
}

func (r *reader) int() int {
	n := r.int64()
	if int64(int(n)) != n {
		r.odd = true
	}
	return int(n)
}

func (r *reader) int64() int64 {
	r.expect('0')
	n, err := strconv.ParseInt(string(r.Raw()), 10, 64)
	if err != nil {
		r.odd = true
	}
	return n
}

func (r *reader) bool() bool {
	kind := r.Kind()
	if kind != 't' && kind != 'f' {
		r.odd = true
		return false
	}
	r.Skip()
	return kind == 't'
}
