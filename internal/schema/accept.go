package schema

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// What is longer is left to the judge where it would have to be written anew.
const (
	maxRewritten = 256 << 10
	maxFilled    = 64 << 10
)

// accept returns the effective arguments where raw is plainly right: raw
// itself, or, where defaults were filled in, what the judge would write.
// Otherwise ok is false, and the judge decides.
func (out *outline) accept(raw string) (args string, ok bool) {
	r := reading{text: raw}
	if !out.accepts(&r) {
		return "", false
	}
	if !r.fill {
		return raw, true
	}
	if len(raw) > maxRewritten || r.filled > maxFilled {
		return "", false
	}
	r.pos = 0
	return string(r.appendFilled(make([]byte, 0, len(raw)+r.filled), out)), true
}

// accepts reads the whole text, one value.
func (out *outline) accepts(r *reading) bool {
	r.space()
	if !r.value(out) {
		return false
	}
	r.space()
	return r.pos == len(r.text)
}

// value reads a value, and reports whether the outline accepts it.
func (r *reading) value(out *outline) bool {
	if r.steps += out.steps; r.steps >= maxSteps {
		return false
	}
	switch c := r.peek(); c {
	case '{':
		return out.kinds&kindObject != 0 && out.values == nil && r.acceptObject(out)
	case '[':
		return out.kinds&kindArray != 0 && out.values == nil && r.acceptArray(out)
	case '"':
		return out.kinds&kindString != 0 && r.acceptString(out)
	case 't':
		return out.kinds&kindBool != 0 && r.word("true") && out.allowsWord("true")
	case 'f':
		return out.kinds&kindBool != 0 && r.word("false") && out.allowsWord("false")
	case 'n':
		return out.kinds&kindNull != 0 && r.word("null") && out.allowsWord("null")
	}
	return r.acceptNumber(out)
}

func (out *outline) allowsWord(w string) bool {
	return out.values == nil || slices.Contains(out.values.words, w)
}

func (r *reading) acceptNumber(out *outline) bool {
	text, integer, ok := r.number()
	if !ok || out.kinds&kindNumber == 0 && !(integer && out.kinds&kindInteger != 0 && text != "-0") {
		return false // -0 is no literal that every Go integer takes
	}
	if out.limits == nil && out.values == nil {
		return true
	}
	d := plainNumber(text)
	for _, l := range out.limits {
		if !l.allows(d) {
			return false
		}
	}
	return out.values == nil || out.values.hasNumber(d)
}

func (r *reading) acceptString(out *outline) bool {
	start := r.pos
	s, escaped, ok := r.string()
	if !ok {
		return false
	}
	r.steps += len(s)/64 + matching(out.instructions, len(s))
	if out.values != nil {
		r.steps += out.values.count * (len(s) / 64) / 8
	}
	if r.steps >= maxSteps {
		return false
	}
	if out.minLength == 0 && out.maxLength == unbounded && out.pattern == nil && !out.dateTime && out.values == nil {
		return true
	}
	if escaped {
		v, _, err := jsontree.Parse([]byte(r.text[start:r.pos]))
		if s, ok = v.(string); !ok || err != nil {
			return false
		}
	}
	if out.minLength > 0 || out.maxLength < unbounded {
		if n := utf8.RuneCountInString(s); n < out.minLength || n > out.maxLength {
			return false
		}
	}
	if out.pattern != nil && !out.pattern.MatchString(s) || out.dateTime && new(time.Time).UnmarshalText([]byte(s)) != nil {
		return false
	}
	return out.values == nil || out.values.texts[s]
}

func (r *reading) acceptArray(out *outline) bool {
	if r.depth == maxReadDepth {
		return false
	}
	r.depth++
	r.pos++
	for n := 0; ; n++ {
		another, ok := r.more(n == 0, ']')
		if !ok {
			return false
		}
		if !another {
			r.depth--
			return n >= out.minItems && n <= out.maxItems
		}
		if !r.value(out.items) {
			return false
		}
	}
}

func (r *reading) acceptObject(out *outline) bool {
	if r.depth == maxReadDepth {
		return false
	}
	r.depth++
	r.pos++
	var given uint64
	var others otherKeys
	next := 0 // most often the properties come in the order of the schema
	for first := true; ; first = false {
		another, ok := r.more(first, '}')
		if !ok {
			return false
		}
		if !another {
			break
		}
		key, ok := r.key()
		if !ok {
			return false
		}
		member := out.rest
		if i := out.find(key, next); i >= 0 {
			if given&(1<<i) != 0 {
				return false
			}
			given |= 1 << i
			next = i + 1
			member = out.props[i].outline
		} else if member == nil || !others.add(key) {
			return false
		}
		if !r.value(member) {
			return false
		}
	}
	r.depth--
	return out.required&^given == 0 && r.fillIn(out, out.defaulted&^given)
}

// fillIn counts the defaults of the missing properties.
func (r *reading) fillIn(out *outline, missing uint64) bool {
	if missing == 0 {
		return true
	}
	r.fill = true
	for i := range out.props {
		if missing&(1<<i) == 0 {
			continue
		}
		p := &out.props[i]
		r.filled += len(p.name) + len(p.fill) + len(`"":,`)
		r.steps += p.steps
		if p.fill == "" {
			return false
		}
	}
	return true
}

// find returns the index of a property, -1 if there is none. It looks at next
// first.
func (out *outline) find(key string, next int) int {
	if next < len(out.props) && out.props[next].name == key {
		return next
	}
	for i := range out.props {
		if out.props[i].name == key {
			return i
		}
	}
	return -1
}

// otherKeys are the keys of one object that its schema does not name, as many
// as are worth comparing with each other.
type otherKeys struct {
	keys [16]string
	n    int
}

// add returns false where the key stands there already, or is one too many.
func (o *otherKeys) add(key string) bool {
	if o.n == len(o.keys) || len(key) > maxReadKey || slices.Contains(o.keys[:o.n], key) {
		return false
	}
	o.keys[o.n] = key
	o.n++
	return true
}
