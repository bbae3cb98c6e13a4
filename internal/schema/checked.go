package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema/pattern"
	"github.com/funcall/funcall/internal/schema/schematree"
)

// A checking is the document that values are checked against. It is made from the shown one,
// with patterns in RE2 and without the unchecked keywords.
type checking struct {
	doc       *schematree.Object
	shown     map[*schematree.Object]*schematree.Object // by their copies; nil where doc is the shown one itself
	patterns  map[string]string                         // the patterns that are shown, by their RE2
	unchecked []string                                  // JSON Pointers into the shown document, in its order
	errs      []error                                   // why something stays unchecked
	known     map[string]translation                    // of patterns, by their texts
	size      int                                       // of the patterns so far, in instructions

	asserts bool                        // format and contentEncoding constrain
	loose   map[*schematree.Object]bool // schemas that refuse less than they should, or refer to such
	opened  bool                        // which properties a schema knows is not known
	places  map[spot]bool               // what is not checked
}

// A translation is a pattern in RE2, or the error that it has none.
type translation struct {
	re2  string
	cost int // in instructions
	err  error
}

// A spot is a keyword of a schema, or what is below it.
type spot struct {
	shown *schematree.Object
	below string // a JSON Pointer
}

// checkable makes the checking of a document. Where that asserts, formats and
// encodings are checked; otherwise they annotate.
func checkable(doc *schematree.Object, asserts bool, at func(string) string) *checking {
	c := &checking{doc: doc, asserts: asserts, patterns: map[string]string{}, known: map[string]translation{}}
	if c.asItStands() {
		return c
	}
	c.shown = map[*schematree.Object]*schematree.Object{}
	c.loose, c.places = map[*schematree.Object]bool{}, map[spot]bool{}
	c.doc = schematree.CopyEach(doc, func(made, of *schematree.Object) { c.shown[made] = of }).(*schematree.Object)
	c.doc.Walk("", func(path string, o *schematree.Object) { c.translate(path, o, at) })
	if len(c.places) > 0 {
		c.relax()
		c.list(doc, "")
	}
	return c
}

// asItStands reports whether the document can be checked as it is.
func (c *checking) asItStands() bool {
	same := true
	defer func() { c.size = 0 }()
	c.doc.Walk("", func(_ string, o *schematree.Object) {
		for key := range o.All() {
			same = same && c.checks(key)
		}
		names := o.Object("patternProperties").Names()
		if text, ok := o.Values["pattern"].(string); ok {
			names = append(slices.Clone(names), text)
		}
		for _, text := range names {
			re2, err := c.re2(text)
			same = same && err == nil && re2 == text
		}
	})
	return same
}

// checks reports whether a keyword has a part in checking: as a constraint, as
// what is filled in, or as what the tree knows.
func (c *checking) checks(keyword string) bool {
	switch keyword {
	case "format", "contentEncoding":
		return c.asserts
	case "contentSchema", "contentMediaType":
		return false // JSON inside of strings would be parsed with none of our limits
	}
	_, known := keywords[keyword]
	return known || constrains(keyword)
}

// maxInstructions bounds all patterns of a schema: each is compiled several times.
const maxInstructions = 200_000

// re2 translates one more pattern of the document. Each is compiled where it
// stands, and translated once.
func (c *checking) re2(text string) (string, error) {
	if c.size > maxInstructions {
		return "", errors.New("the patterns of the schema are too large")
	}
	t, known := c.known[text]
	if !known {
		t.re2, t.cost, t.err = pattern.Translate(text)
		c.known[text] = t
	}
	if !known || t.err == nil {
		c.size += t.cost
	}
	return t.re2, t.err
}

// leave notes that something in o is not checked.
func (c *checking) leave(o *schematree.Object, steps ...string) {
	c.loose[o] = true
	c.places[spot{c.shown[o], pointerTo(steps...)}] = true
}

func pointerTo(steps ...string) string {
	var b strings.Builder
	for _, step := range steps {
		b.WriteByte('/')
		b.WriteString(jsontree.EscapePointer(step))
	}
	return b.String()
}

// translate drops from o what does not constrain, and says its patterns in RE2.
// What has no such form is dropped, and noted.
func (c *checking) translate(path string, o *schematree.Object, at func(string) string) {
	o.DeleteFunc(func(key string, _ any) bool { return !c.checks(key) })
	if text, ok := o.Values["pattern"].(string); ok {
		if re2, err := c.re2(text); err != nil {
			o.Delete("pattern")
			c.leave(o, "pattern")
			c.errs = append(c.errs, fmt.Errorf("%s: the pattern %q cannot be checked: %w", at(path), cut(text, maxLine), err))
		} else {
			o.Set("pattern", re2)
			c.patterns[re2] = text
		}
	}
	byPattern := o.Object("patternProperties")
	if byPattern == nil {
		return
	}
	made := schematree.NewObject()
	for text, v := range byPattern.All() {
		re2, err := c.re2(text)
		if err != nil {
			c.leave(o, "patternProperties", text)
			c.opened = true
			c.errs = append(c.errs, fmt.Errorf("%s: the pattern %q in patternProperties cannot be checked: %w", at(path), cut(text, maxLine), err))
			continue
		}
		if made.Has(re2) { // two spellings of one pattern: an empty group, which matches anywhere, makes the key another
			re2 += fmt.Sprintf("(?P<p%d>)", len(made.Keys))
		}
		made.Set(re2, v)
		c.patterns[re2] = text
	}
	if len(made.Keys) < len(byPattern.Keys) && o.Has("additionalProperties") {
		// Which names it is about is not known.
		if v := o.Values["additionalProperties"]; v != true {
			c.leave(o, "additionalProperties")
		}
		o.Delete("additionalProperties")
	}
	if o.Set("patternProperties", made); len(made.Keys) == 0 {
		o.Delete("patternProperties")
	}
}

// relax drops the keywords that refuse more where a schema inside them refuses
// less than it should: a value must not be refused for what is not checked.
func (c *checking) relax() {
	for {
		opened := c.opened
		if opened {
			c.doc.Walk("", func(_ string, o *schematree.Object) { c.drop(o, "unevaluatedProperties", "unevaluatedItems") })
		}
		c.spread()
		c.doc.Walk("", func(_ string, o *schematree.Object) { c.relaxOne(o) })
		if c.opened == opened {
			return
		}
	}
}

// drop drops keywords of o, and notes that they are not checked.
func (c *checking) drop(o *schematree.Object, keywords ...string) {
	for _, keyword := range keywords {
		if o.Has(keyword) {
			c.leave(o, keyword)
			o.Delete(keyword)
		}
	}
}

// relaxOne is relax for one schema, where the ones that are loose are known.
func (c *checking) relaxOne(o *schematree.Object) {
	loose := func(v any) bool {
		o, ok := v.(*schematree.Object)
		return ok && c.loose[o]
	}
	if loose(o.Values["not"]) {
		c.drop(o, "not")
	}
	if loose(o.Values["if"]) {
		c.drop(o, "if")
		o.Delete("then")
		o.Delete("else")
		c.opened = true // it says of properties that they are known
	}
	if o.Has("maxContains") && loose(o.Values["contains"]) {
		c.drop(o, "maxContains")
	}
	if branches := o.Array("oneOf"); slices.ContainsFunc(branches, loose) {
		c.drop(o, "oneOf")
		// At least one must fit all the same.
		addAlso(o, "anyOf", branches)
	}
}

// spread marks the schemas that hold or refer to loose ones.
func (c *checking) spread() {
	users := map[string][]string{} // of a definition: the definitions that refer to it
	known := map[string]bool{}     // definitions that are loose
	var todo []string
	found := func(name string) {
		if !known[name] {
			known[name] = true
			todo = append(todo, name)
		}
	}
	for name, def := range c.doc.Object("$defs").All() {
		if o, ok := def.(*schematree.Object); ok {
			walkUsed(o, func(ref string) { users[ref] = append(users[ref], name) })
			if c.mark(o, known) {
				found(name)
			}
		}
	}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		for _, user := range users[defsPrefix+name] {
			found(user)
		}
	}
	c.mark(c.doc, known)
}

// mark marks o and what is below it, where definitions are known to be loose.
func (c *checking) mark(o *schematree.Object, known map[string]bool) bool {
	is := c.loose[o] || known[strings.TrimPrefix(o.Text("$ref"), defsPrefix)]
	for at, sub := range o.Objects() {
		if c.mark(sub, known) && at.Keyword != "$defs" {
			is = true
		}
	}
	if is {
		c.loose[o] = true
	}
	return is
}

// list lists what is not checked, in the order of the document.
func (c *checking) list(o *schematree.Object, path string) {
	note := func(below string) bool {
		is := c.places[spot{o, below}]
		if is {
			c.unchecked = append(c.unchecked, path+below)
		}
		return is
	}
	for key, v := range o.All() {
		note(pointerTo(key))
		below := schematree.NewObject()
		below.Set(key, v)
		for at, v := range below.Subschemas() {
			sub, ok := v.(*schematree.Object)
			if left := at.Keyword == "patternProperties" && note(at.Path()); ok && !left {
				c.list(sub, path+at.Path())
			}
		}
	}
}
