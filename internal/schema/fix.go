package schema

import (
	"encoding/json"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// stepsPerFix is what it costs to put one value right, as the budget counts.
const stepsPerFix = 3

// A fixer puts right what needs no guessing, in place.
type fixer struct {
	fixes   map[string]bool
	changed bool
	filling bool // in defaults, where all else was put right
	within  bool // a string that was unwrapped; not twice
	left    int  // bytes that may still be filled in
	budget  budget
	open    map[*treeNode]bool // whose defaults are being filled in; nil if none is known to hold itself
}

func (f *fixer) note(fix string) {
	if f.filling { // the default is at fault, not the model
		f.changed = true
		return
	}
	if f.fixes == nil {
		f.fixes = map[string]bool{}
	}
	f.fixes[fix], f.changed = true, true
}

func (f *fixer) names() []string {
	var list []string
	for _, fix := range fixOrder {
		if f.fixes[fix] {
			list = append(list, fix)
		}
	}
	return list
}

// parse reads the text of the arguments. Models without arguments to give
// send nothing at all, or null.
func (f *fixer) parse(raw string) (any, error) {
	if text := strings.Trim(raw, " \t\r\n"); text == "" || text == "null" {
		f.note(FixEmpty)
		return map[string]any{}, nil
	}
	v, replaced, err := jsontree.Parse([]byte(raw))
	if err == nil && replaced {
		f.note(FixSurrogate)
	}
	return v, err
}

// fix returns v as the node wants it.
func (f *fixer) fix(n *treeNode, v any) any {
	if !n.fixes || f.budget.left <= 0 {
		return v
	}
	f.budget.left -= stepsPerFix
	if text, ok := v.(string); ok && n.wantsObject() {
		return f.unwrap(n, text)
	}
	switch t := v.(type) {
	case json.Number:
		if n.wantsInteger() {
			if whole, ok := integral(t); ok {
				f.note(FixIntegral)
				f.left -= len(whole)
				v = whole
			}
		}
	case map[string]any:
		f.members(n, t)
	case []any:
		for i, e := range t {
			t[i] = f.fix(n.item(i), e)
		}
	}
	for _, s := range n.also {
		if s.fixes {
			v = f.fix(s.node, v)
		}
	}
	return v
}

// unwrap reads an object that came as a JSON string, as small models write it.
func (f *fixer) unwrap(n *treeNode, text string) any {
	if f.within || !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return text
	}
	if f.budget.left -= len(text); f.budget.left <= 0 {
		return text
	}
	v, replaced, err := jsontree.Parse([]byte(text))
	if err != nil {
		return text
	}
	f.note(FixUnwrapped)
	if replaced {
		f.note(FixSurrogate)
	}
	f.within = true
	v = f.fix(n, v)
	f.within = false
	return v
}

func (f *fixer) members(n *treeNode, m map[string]any) {
	for key, v := range m {
		if f.budget.left -= stepsPerMember; f.budget.left <= 0 {
			return
		}
		i := n.find(key, 0)
		if v == nil && i >= 0 && !n.props[i].required && !n.props[i].nullable {
			delete(m, key)
			f.note(FixNull)
			continue
		}
		f.budget.member(n, key, 1, func(sub *treeNode) { v = f.fix(sub, v) })
		m[key] = v
	}
	if !f.filling {
		return
	}
	for i := range n.props {
		if f.left < 0 || f.budget.left <= 0 {
			return
		}
		p := &n.props[i]
		if _, given := m[p.name]; !given && p.value != "" {
			m[p.name] = f.fillIn(p)
		}
	}
}

// fillIn returns the default of a property, with the defaults inside it. If one holds
// itself, and the fixer looks for that, no bytes are left.
func (f *fixer) fillIn(p *property) any {
	if f.left -= len(p.name) + len(p.value); f.open[p.node] {
		f.left = -1
		return nil
	}
	if f.open != nil {
		f.open[p.node] = true
		defer delete(f.open, p.node)
	}
	f.changed = true
	v, _, _ := jsontree.Parse([]byte(p.value))
	return f.fix(p.node, v)
}

// affords reports whether v can be checked within the budget.
func (f *fixer) affords(n *treeNode, v any) bool {
	if f.left >= 0 {
		f.budget.spend(n, v, place{})
	}
	return f.left >= 0 && f.budget.left > 0
}
