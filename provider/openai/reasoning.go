package openai

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

// reasoning is the model's reasoning and its fields, because servers want it back as they sent
// it. DeepSeek wants back even an empty text.
type reasoning struct {
	field   string // "reasoning_content" or "reasoning", the first with text
	text    strings.Builder
	details []*detail // OpenRouter's reasoning_details, joined
}

// reasoningState is the State of a Reasoning part.
type reasoningState struct {
	Field   string          `json:"field"`
	Details json.RawMessage `json:"details"`
}

// takes reports whether text in the field counts, because some servers send the same text in
// two fields. Reasoning within the content has no field.
func (r *reasoning) takes(field []byte, text bool) bool {
	if len(field) > 0 && (r.field == "" || text && r.text.Len() == 0) {
		r.field = string(field)
	}
	return r.field == string(field)
}

// A detail is an element of reasoning_details. Its texts may come in many pieces.
type detail struct {
	value any
	texts map[string]*strings.Builder
}

// details reads a list of reasoning_details.
func details(raw []byte) []any {
	v, _, err := jsontree.Parse(raw)
	if err != nil {
		return nil
	}
	list, _ := v.([]any)
	return list
}

// addDetails adds reasoning_details. In a stream, details with the same index and type are
// pieces of one.
func (r *reasoning) addDetails(list []any, whole bool) {
	for _, value := range list {
		if whole || len(r.details) == 0 || !r.details[len(r.details)-1].join(value) {
			r.details = append(r.details, &detail{value: value})
		}
	}
}

// join adds a later piece of the detail, and reports whether value is one.
func (d *detail) join(value any) bool {
	piece, isObject := value.(map[string]any)
	fields, ok := d.value.(map[string]any)
	if !isObject || !ok || !sameNumber(piece["index"], fields["index"]) || !sameText(piece["type"], fields["type"]) {
		return false
	}
	for name, v := range piece {
		more, isText := v.(string)
		switch {
		case isText && (name == "text" || name == "summary" || name == "data"):
			d.builder(name, fields).WriteString(more)
		case v != nil:
			fields[name] = v
		}
	}
	return true
}

func sameText(a, b any) bool {
	s, _ := a.(string)
	t, _ := b.(string)
	return s == t
}

func sameNumber(a, b any) bool {
	m, ok := a.(json.Number)
	n, ok2 := b.(json.Number)
	return ok && ok2 && m == n
}

// builder returns the builder for the text of a field.
func (d *detail) builder(name string, fields map[string]any) *strings.Builder {
	if d.texts == nil {
		d.texts = map[string]*strings.Builder{}
	}
	if d.texts[name] == nil {
		d.texts[name] = &strings.Builder{}
		before, _ := fields[name].(string)
		d.texts[name].WriteString(before)
	}
	return d.texts[name]
}

// append appends the detail as JSON.
func (d *detail) append(b []byte) []byte {
	if fields, ok := d.value.(map[string]any); ok {
		for name, text := range d.texts {
			fields[name] = text.String()
		}
	}
	return jsontree.Append(b, d.value)
}

// part returns the reasoning as a part, if there was any.
func (r *reasoning) part(owner string) (provider.Reasoning, bool) {
	if r.field == "" && r.details == nil && r.text.Len() == 0 {
		return provider.Reasoning{}, false
	}
	p := provider.Reasoning{Text: r.text.String(), Redacted: r.text.Len() == 0 && r.details != nil}
	if r.field == "" && r.details == nil {
		return p, true // it was inside the content: the server does not want it back
	}
	data := jsontree.AppendString([]byte(`{"field":`), r.field)
	for i, d := range r.details {
		if i == 0 {
			data = append(data, `,"details":[`...)
		} else {
			data = append(data, ',')
		}
		data = d.append(data)
	}
	if r.details != nil {
		data = append(data, ']')
	}
	p.State = provider.State{Owner: owner, Data: append(data, '}')}
	return p, true
}

// noReasoning is the reasoning_content of a message without reasoning, for models that require
// it: Kimi and DeepSeek V4 treat an empty text as missing.
const noReasoning = " "

// appendReasoning appends the members in which the model that made the reasoning wants it
// back. If its State names no field, a model that requires reasoning_content still gets it.
func appendReasoning(b []byte, p provider.Reasoning, quirks Quirks) []byte {
	var state reasoningState
	if json.Unmarshal(p.State.Data, &state) != nil {
		state = reasoningState{}
	}
	text := p.Text
	if quirks.ReasoningContent {
		text = cmp.Or(text, noReasoning)
		if state.Field != "reasoning" {
			state.Field = "reasoning_content"
		}
	}
	if state.Field == "reasoning_content" || state.Field == "reasoning" {
		b = append(b, `,"`+state.Field+`":`...)
		b = jsontree.AppendString(b, text)
	}
	if state.Details != nil {
		b = append(b, `,"reasoning_details":`...)
		b = append(b, state.Details...)
	}
	return b
}
