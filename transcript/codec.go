package transcript

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/funcall/funcall/internal/json/jsonversion"
	"github.com/funcall/funcall/provider"
)

// Version is the version of the JSON of entries, as major.minor. A newer minor version adds
// entry types and fields. An older program keeps them, and ignores them unless the entry says
// that it needs the newer version; see [Unknown]. A newer major version changes the meaning of
// existing fields; an older program refuses to read it.
const Version = "1.2"

// header is the first line of a transcript in JSON Lines.
type header struct {
	Version string `json:"funcall_transcript"`
	ID      string `json:"id"`
}

// Encode writes t as JSON Lines: a header with the version and the ID, then one entry per
// line.
func Encode(w io.Writer, t Transcript) error {
	bw := bufio.NewWriter(w)
	head, err := marshal(header{Version, t.ID})
	if err != nil {
		return err
	}
	bw.Write(head)
	bw.WriteByte('\n')
	for i, e := range t.Entries {
		line, err := e.MarshalJSON()
		if err != nil {
			return fmt.Errorf("transcript %q, entry %d: %w", t.ID, i, err)
		}
		bw.Write(line)
		bw.WriteByte('\n')
	}
	return bw.Flush()
}

// Decode reads what Encode wrote. It reads its own version, older versions, and newer ones
// with the same major number. For a newer major number it returns an error that matches
// [ErrNewerVersion]. It does not validate the transcript; see [Validate].
func Decode(r io.Reader) (Transcript, error) {
	br := bufio.NewReader(r)
	var t Transcript
	for n := 1; ; n++ {
		line, err := br.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return Transcript{}, fmt.Errorf("transcript: line %d: %w", n, err)
		}
		last := err == io.EOF
		if line = bytes.TrimSpace(line); len(line) > 0 || n == 1 {
			if err := t.decodeLine(n, line); err != nil {
				return Transcript{}, err
			}
		}
		if last {
			return t, nil
		}
	}
}

func (t *Transcript) decodeLine(n int, line []byte) error {
	if n == 1 {
		var h header
		if err := json.Unmarshal(line, &h); err != nil || h.Version == "" {
			return errors.New(`transcript: line 1 is not a header such as {"funcall_transcript":"` + Version + `","id":"…"}`)
		}
		t.ID = h.ID
		if err := jsonversion.CheckMajor(h.Version, Version); err != nil {
			return fmt.Errorf("transcript: %w", err)
		}
		return nil
	}
	var e Entry
	if err := e.UnmarshalJSON(line); err != nil {
		return fmt.Errorf("transcript %q: line %d: %w", t.ID, n, err)
	}
	t.Entries = append(t.Entries, e)
	return nil
}

// MarshalJSON encodes the entry as one object: "at", "type", the fields of the body and, if
// older programs must not ignore the entry, "needs".
func (e Entry) MarshalJSON() ([]byte, error) {
	if e.Body == nil {
		return nil, errors.New("the entry has no body")
	}
	if u, ok := e.Body.(*Unknown); ok {
		if len(u.Raw) == 0 {
			return nil, fmt.Errorf("unknown entry type %q has no raw JSON to encode", u.Type)
		}
		return compact(u.Raw)
	}
	at, err := e.Time.UTC().MarshalJSON()
	if err != nil {
		return nil, err
	}
	body, err := marshal(e.Body)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(body)+64)
	b = append(b, `{"at":`...)
	b = append(b, at...)
	b = append(b, `,"type":"`...)
	b = append(b, e.Body.kind()...)
	b = append(b, '"')
	if v := needs(e.Body); v != "" {
		b = append(b, `,"needs":"`...)
		b = append(b, v...)
		b = append(b, '"')
	}
	if len(body) > 2 {
		b = append(b, ',')
	}
	return append(b, body[1:]...), nil
}

// UnmarshalJSON decodes what MarshalJSON wrote. If the type is unknown, or the entry needs a
// newer version than [Version], the body is an [Unknown].
func (e *Entry) UnmarshalJSON(b []byte) error {
	read, ok := readEntry(b)
	if ok {
		*e = read
		return nil
	}
	return e.unmarshal(b)
}

// unmarshal decodes any entry with encoding/json.
func (e *Entry) unmarshal(b []byte) error {
	var head struct {
		At    time.Time `json:"at"`
		Type  string    `json:"type"`
		Needs string    `json:"needs"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return err
	}
	newer := false
	if head.Needs != "" {
		var err error
		if newer, err = jsonversion.IsNewer(head.Needs, Version); err != nil {
			return fmt.Errorf("needs: %w", err)
		}
	}
	body := newBody(head.Type)
	switch {
	case head.Type == "":
		return errors.New(`the entry has no "type"`)
	case newer || body == nil:
		raw, err := compact(b)
		if err != nil {
			return err
		}
		body = &Unknown{Type: head.Type, Needs: head.Needs, Raw: raw}
	default:
		if err := json.Unmarshal(b, body); err != nil {
			return fmt.Errorf("%s: %w", head.Type, err)
		}
	}
	if in, ok := body.(*Input); ok && in.Message == nil {
		return errors.New("input: message is missing")
	}
	if out, ok := body.(*Output); ok && out.Message == nil {
		return errors.New("output: message is missing")
	}
	at := head.At.UTC()
	if y := at.Year(); y < 0 || y > 9999 { // it was in range in its own time zone
		return fmt.Errorf("time %q is outside the years 0 to 9999 in UTC", head.At.Format(time.RFC3339))
	}
	e.Time, e.Body = at, body
	return nil
}

func newBody(kind string) Body {
	switch kind {
	case "input":
		return new(Input)
	case "output":
		return new(Output)
	case "attempt":
		return new(Attempt)
	case "intent":
		return new(Intent)
	case "result":
		return new(Result)
	case "decision":
		return new(Decision)
	case "resume":
		return new(Resume)
	case "end":
		return new(End)
	case "withdrawal":
		return new(Withdrawal)
	}
	return nil
}

// resultJSON is the JSON of a Result.
type resultJSON struct {
	Ref     Ref             `json:"call"`
	Status  Status          `json:"status"`
	Content json.RawMessage `json:"content"`
	Err     string          `json:"error,omitempty"`
	Took    time.Duration   `json:"took_ns,omitempty"`
}

// MarshalJSON encodes the result, with a type tag on each part of its content.
func (r *Result) MarshalJSON() ([]byte, error) {
	content, err := provider.MarshalParts(r.Content)
	if err != nil {
		return nil, err
	}
	return marshal(resultJSON{r.Ref, r.Status, content, r.ErrorText, r.Duration})
}

// UnmarshalJSON decodes what MarshalJSON wrote.
func (r *Result) UnmarshalJSON(b []byte) error {
	j := resultJSON{Content: json.RawMessage("[]")}
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	content, err := provider.UnmarshalParts(j.Content)
	if err != nil {
		return err
	}
	*r = Result{j.Ref, j.Status, content, j.Err, j.Took}
	return nil
}

// compact removes white space and changes nothing else.
func compact(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	err := json.Compact(&b, raw)
	return b.Bytes(), err
}

// marshal is json.Marshal without HTML escapes, which make a transcript hard to read.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
