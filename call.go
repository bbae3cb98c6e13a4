package funcall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/exec"
	"github.com/funcall/funcall/internal/json/resultjson"
	"github.com/funcall/funcall/internal/text/wording"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// What the model is told where it must not learn more.
const (
	textFailed   = "The tool failed (reference %s)."
	textTimedOut = "The tool did not answer in time (reference %s)."
	textUnshown  = "Done, but the tool's answer cannot be shown (reference %s)."
	textChanged  = "The tool has changed; call it again."
)

// maxErr bounds the text of an error that is stored and logged, and maxMedia
// the media of one result, in bytes.
const (
	maxErr   = 4 << 10
	maxMedia = 20 << 20
)

// reference is what an operator finds a failed call in the log by.
func reference(key string) string {
	h := fnv.New32a()
	h.Write([]byte(key))
	return fmt.Sprintf("%08x", h.Sum32())
}

// A call is code of a tool that runs for a tool call: its handler, its reconciler or
// its approval rule. It is the context that the code is given; CallFrom finds it there.
type call struct {
	context.Context // nil until the code runs
	exec.Job

	agent   *Agent
	work    transcript.Work
	tool    *tool
	code    ToolHandler
	purpose purpose
	begun   bool
	dropped bool    // its result is not wanted any more
	out     outcome // of the code; see exec.Job.Outcome for when it may be read

	result *transcript.Result // nil until the call is settled
}

// A purpose is what a call's code runs for.
type purpose uint8

const (
	toRun       purpose = iota
	toReconcile         // it asks what became of the call
	toApprove           // it asks whether a person has to decide
)

// outcome is what a tool's code came to.
type outcome struct {
	ran   bool // it returned without an error; err may be about its value
	parts []provider.Part

	// What there is to know of its error, found out where a panic of the
	// error's own methods is caught, too.
	err       string // "" for none
	args      *argumentsError
	visible   string
	isVisible bool
	fatal     error // what the run is to end with
	unknown   bool  // whether it was done is not known, by what the error says
	doubtful  bool  // whether an earlier attempt did it is not known
	never     bool  // the backend has not heard of it
}

// Handle runs the code. Another attempt is made for a failure that says nothing else.
func (c *call) Handle(ctx context.Context) (again bool) {
	if c.Context == nil { // an attempt before may have left it to others
		c.Context = ctx
	}
	o := &c.out
	*o = outcome{doubtful: o.doubtful || o.unknown}
	v, err := c.code(c, json.RawMessage(c.work.Call.Args))
	if err == nil {
		o.ran = true
		o.parts, err = contentOf(v)
	}
	if err != nil {
		o.examine(err)
	}
	return o.err != "" && !o.ran && o.args == nil && !o.isVisible && o.fatal == nil
}

// Value finds the call itself, for CallFrom.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// judge makes a result of what became of the call.
func (c *call) judge() (r *transcript.Result) {
	if c.State == exec.Abandoned {
		r = gaveUp(c.tool, c.work, c.Duration)
	} else {
		r = judge(c.tool, c.work, &c.out, c.error(), c.Panic != "", c.TimedOut)
	}
	r.Duration = c.Duration
	return r
}

// error returns what went wrong in code that has ended, or "".
func (c *call) error() string {
	if c.Panic != "" {
		return cutText(c.Panic, maxErr)
	}
	return c.out.err
}

func (o *outcome) examine(err error) {
	if o.err = cutText(err.Error(), maxErr); o.err == "" {
		o.err = fmt.Sprintf("%T without a text", err)
	}
	errors.As(err, &o.args)
	var end *fatalError
	if errors.As(err, &end) {
		o.fatal = end.err
	}
	var seen *visibleError
	if errors.As(err, &seen) {
		o.visible, o.isVisible = seen.Error(), true
	}
	o.never = errors.Is(err, ErrNotApplied)
	var doubt *inDoubtError
	var timeout interface{ Timeout() bool } // net.Error, url.Error, os errors
	o.unknown = errors.As(err, &doubt) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

// contentOf makes of a tool's value what the model reads.
func contentOf(v any) ([]provider.Part, error) {
	switch v := v.(type) {
	case string:
		return []provider.Part{provider.Text{Text: v}}, nil
	case provider.Part:
		return checkContent([]provider.Part{v})
	case []provider.Part:
		return checkContent(v)
	case json.RawMessage:
		if !json.Valid(v) {
			return nil, errors.New("the tool returned a json.RawMessage that is no JSON")
		}
		return []provider.Part{provider.Text{Text: string(v)}}, nil
	}
	w := resultWriters.Get().(*resultWriter)
	if err := w.enc.Encode(v); err != nil { // w may be in any state
		return nil, fmt.Errorf("the tool's result cannot be encoded: %w", err)
	}
	text := string(resultjson.Fill(bytes.TrimSuffix(w.buf.Bytes(), []byte("\n")), v))
	if w.buf.Reset(); w.buf.Cap() <= maxPooled {
		resultWriters.Put(w)
	}
	return []provider.Part{provider.Text{Text: text}}, nil
}

// A resultWriter writes results as JSON, in a buffer that is used again.
type resultWriter struct {
	buf bytes.Buffer
	enc *json.Encoder
}

var resultWriters = sync.Pool{New: func() any {
	w := new(resultWriter)
	w.enc = json.NewEncoder(&w.buf)
	w.enc.SetEscapeHTML(false)
	return w
}}

// maxPooled keeps a rare huge result from staying in memory.
const maxPooled = 64 << 10

// checkContent copies the parts: what is stored must not change when the tool
// uses its slice again.
func checkContent(parts []provider.Part) ([]provider.Part, error) {
	for i, p := range parts {
		switch p.(type) {
		case provider.Text, provider.Media:
		default:
			return nil, fmt.Errorf("part %d of the tool's result is a %T; a result holds Text and Media", i, p)
		}
	}
	_, media, err := weigh(parts) // the text is cut
	if err != nil {
		return nil, fmt.Errorf("the tool's result cannot be stored: %w", err)
	}
	if media > maxMedia {
		return nil, fmt.Errorf("the tool's result holds %d bytes of media; at most %d are taken", media, maxMedia)
	}
	return mendMedia(parts), nil
}

// judge makes a result of an outcome. done says that the call's context was
// done when the handler returned or panicked.
func judge(t *tool, w transcript.Work, o *outcome, err string, panicked, done bool) *transcript.Result {
	r := &transcript.Result{Ref: w.Ref, Err: err}
	say := func(s transcript.Status, text string) *transcript.Result {
		r.Status, r.Content = s, []provider.Part{provider.Text{Text: cutText(text, t.maxResult)}}
		return r
	}
	changes := t.class != transcript.ClassReadOnly
	ref := reference(w.Key)
	switch {
	case err == "":
		r.Status, r.Content = transcript.StatusOK, cutParts(o.parts, t.maxResult)
		return r
	case o.ran && changes: // what it was to do is done
		return say(transcript.StatusOK, fmt.Sprintf(textUnshown, ref))
	case changes && (panicked || o.unknown):
		return inDoubt(w, err)
	case changes && (o.doubtful || w.InDoubt) && !o.isVisible: // not this attempt, and perhaps one before
		return inDoubt(w, err)
	case o.args != nil:
		return say(transcript.StatusRefused, o.args.text)
	case o.isVisible && o.fatal == nil:
		return say(transcript.StatusFailed, o.visible)
	case panicked || o.fatal != nil || !done:
		return say(transcript.StatusFailed, fmt.Sprintf(textFailed, ref))
	case changes:
		return inDoubt(w, err)
	}
	return say(transcript.StatusFailed, fmt.Sprintf(textTimedOut, ref))
}

// changed is the result of a call whose tool is another by now: neither its
// class nor any approval that was given need hold.
func changed(w transcript.Work) *transcript.Result {
	if w.InDoubt && !w.StartedAt.IsZero() { // it was begun by the tool of before
		return inDoubt(w, "the tool has changed since the call was begun")
	}
	return &transcript.Result{Ref: w.Ref, Status: transcript.StatusRefused, Content: []provider.Part{provider.Text{Text: textChanged}}}
}

// gaveUp is the result of a call that was abandoned.
func gaveUp(t *tool, w transcript.Work, after time.Duration) *transcript.Result {
	why := fmt.Sprintf("abandoned: it had not returned after %v", after.Round(time.Millisecond))
	if t.class != transcript.ClassReadOnly {
		return inDoubt(w, why)
	}
	return &transcript.Result{
		Ref: w.Ref, Status: transcript.StatusFailed, Err: why,
		Content: []provider.Part{provider.Text{Text: fmt.Sprintf(textTimedOut, reference(w.Key))}},
	}
}

// failed is the result of a call that did nothing.
func failed(w transcript.Work, why string) *transcript.Result {
	return &transcript.Result{
		Ref: w.Ref, Status: transcript.StatusFailed, Err: why,
		Content: []provider.Part{provider.Text{Text: fmt.Sprintf(textFailed, reference(w.Key))}},
	}
}

// inDoubt is the result of a call that was begun, and may have been done.
func inDoubt(w transcript.Work, why string) *transcript.Result {
	return &transcript.Result{
		Ref: w.Ref, Status: transcript.StatusInDoubt, Err: why,
		Content: []provider.Part{provider.Text{Text: wording.InDoubt}},
	}
}

// cutParts cuts the text of a result to its bound, all parts together, so that
// whoever reads it sees that it was cut.
func cutParts(parts []provider.Part, most int) []provider.Part {
	parts, _ = mendParts(parts)
	total := 0
	for _, p := range parts {
		if t, ok := p.(provider.Text); ok {
			total += len(t.Text)
		}
	}
	if total <= most {
		return parts
	}
	kept, last := 0, -1 // bytes of text, and where the last text stands
	full := false
	var cut []provider.Part
	for _, p := range parts {
		t, ok := p.(provider.Text)
		if !ok {
			cut = append(cut, p)
			continue
		}
		if full {
			continue
		}
		full = len(t.Text) >= most-kept
		t.Text = head(t.Text, most-kept)
		kept += len(t.Text)
		last = len(cut)
		cut = append(cut, t)
	}
	t := cut[last].(provider.Text)
	t.Text += cutMark(kept, total)
	cut[last] = t
	return cut
}

// cutText makes a text fit to be stored, and cuts it so that a reader sees that
// it was cut.
func cutText(s string, most int) string {
	if s = storable(s); len(s) <= most {
		return s
	}
	h := head(s, most)
	return h + cutMark(len(h), len(s))
}

func cutMark(kept, total int) string {
	return fmt.Sprintf("\n[cut: the first %d of %d bytes]", kept, total)
}

// head returns the first n bytes of s or, rather than half a character, fewer.
func head(s string, n int) string {
	if n >= len(s) {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
