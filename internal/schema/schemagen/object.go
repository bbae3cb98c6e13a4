package schemagen

import (
	"slices"
	"strconv"

	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/internal/schema/pattern"
)

// maxMembers bounds what minProperties may ask for.
const maxMembers = 10_000

// object makes an object: the members that it must have, those optional ones
// that are wanted, and some that only their names' form is known of.
func (m *maker) object(ds demands, path string, depth int) (any, error) {
	out := map[string]any{}
	must := ds.required()
	least, most := min(ds.least("minProperties"), maxMembers), ds.most("maxProperties")
	for _, key := range must {
		v, err := m.member(ds, key, path, depth)
		if err != nil {
			return nil, err
		}
		out[key] = v
	}
	may := ds.optionalNames(must)
	m.rand.Shuffle(len(may), func(i, k int) { may[i], may[k] = may[k], may[i] })
	for _, key := range may {
		if len(out) >= most || len(out) >= least && !m.wanted(depth) {
			continue
		}
		m.add(out, ds, key, path, depth)
	}
	if len(ds.patterns())+len(ds.others()) > 0 && !m.small(depth) {
		for n := m.length(0, 2, depth); n > 0 && len(out) < most; n-- {
			m.addUnnamed(out, ds, path, depth)
		}
	}
	for tries := 0; len(out) < least && tries < 2*least; tries++ {
		m.addUnnamed(out, ds, path, depth)
	}
	return out, nil
}

func (m *maker) wanted(depth int) bool {
	return !m.small(depth) && (m.optional == all || m.optional == some && m.chance(1, 2))
}

func (m *maker) member(ds demands, key, path string, depth int) (any, error) {
	schemas := ds.member(key)
	if len(schemas) == 0 {
		schemas = []any{true}
	}
	return m.value(schemas, path+"/"+jsontree.EscapePointer(key), depth+1)
}

// add adds an optional member with those that it brings along. Where no value
// is found for one, it adds nothing.
func (m *maker) add(out map[string]any, ds demands, key, path string, depth int) {
	size := m.size
	made := map[string]any{}
	for _, k := range ds.needs(key) {
		if _, has := out[k]; has {
			continue
		}
		v, err := m.member(ds, k, path, depth)
		if err != nil {
			m.size = size
			return
		}
		made[k] = v
	}
	for k, v := range made {
		out[k] = v
	}
}

// addUnnamed adds a member that no schema names.
func (m *maker) addUnnamed(out map[string]any, ds demands, path string, depth int) {
	for range triesInside {
		name, ok := m.name(ds, path, depth)
		if _, has := out[name]; !ok || has {
			continue
		}
		m.add(out, ds, name, path, depth)
		return
	}
}

// name makes a member's name.
func (m *maker) name(ds demands, path string, depth int) (string, bool) {
	rules := []any{map[string]any{"type": "string"}}
	for _, d := range ds {
		if s, ok := d["propertyNames"]; ok {
			rules = append(rules, s)
		}
	}
	if len(rules) > 1 {
		v, err := m.value(rules, path, depth+1)
		s, ok := v.(string)
		return s, ok && err == nil
	}
	if patterns := ds.patterns(); len(patterns) > 0 && (len(ds.others()) == 0 || m.chance(1, 2)) {
		return m.matching(patterns[m.rand.IntN(len(patterns))], m.rand.IntN(3)), true
	}
	return m.oneOf("key", "other", "k", "a b", "ключ") + strconv.Itoa(m.rand.IntN(100)), true
}

// required are the members that must be there, with those that they bring
// along, sorted.
func (ds demands) required() []string {
	var names []string
	for _, d := range ds {
		for _, key := range texts(d["required"]) {
			names = append(names, ds.needs(key)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// needs returns the member with all that must be there beside it.
func (ds demands) needs(key string) []string {
	names := []string{key}
	for i := 0; i < len(names); i++ {
		for _, d := range ds {
			for _, n := range texts(object(d, "dependentRequired")[names[i]]) {
				if !slices.Contains(names, n) {
					names = append(names, n)
				}
			}
		}
	}
	return names
}

// optionalNames are the members that the schemas name and do not require.
func (ds demands) optionalNames(required []string) []string {
	var names []string
	for _, d := range ds {
		for _, key := range sortedKeys(object(d, "properties")) {
			if !slices.Contains(required, key) && !slices.Contains(names, key) {
				names = append(names, key)
			}
		}
	}
	return names
}

// member returns the schemas that a member must fit.
func (ds demands) member(key string) []any {
	var schemas []any
	evaluated := false
	for _, d := range ds {
		known := false
		if s, ok := object(d, "properties")[key]; ok {
			schemas, known = append(schemas, s), true
		}
		patterns := object(d, "patternProperties")
		for _, p := range sortedKeys(patterns) {
			if re, err := pattern.Compile(p); err == nil && re.MatchString(key) {
				schemas, known = append(schemas, patterns[p]), true
			}
		}
		if s, ok := d["additionalProperties"]; ok && !known {
			schemas, known = append(schemas, s), true
		}
		evaluated = evaluated || known
	}
	for _, d := range ds {
		if s, ok := d["unevaluatedProperties"]; ok && !evaluated {
			schemas = append(schemas, s)
		}
	}
	return schemas
}

func (ds demands) patterns() []string {
	var patterns []string
	for _, d := range ds {
		patterns = append(patterns, sortedKeys(object(d, "patternProperties"))...)
	}
	return patterns
}

// others returns what schemas say of members that nothing names: so an object
// is a map. That there may be any is no reason to make some up.
func (ds demands) others() []any {
	var schemas []any
	for _, d := range ds {
		if s := object(d, "additionalProperties"); s != nil {
			schemas = append(schemas, s)
		}
	}
	return schemas
}
