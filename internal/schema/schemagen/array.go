package schemagen

import (
	"strconv"

	"github.com/funcall/funcall/internal/json/jsontree"
)

// array makes an array. Where several schemas have a say in an item, it fits
// them all.
func (m *maker) array(ds demands, path string, depth int) (any, error) {
	least, most := ds.least("minItems"), ds.most("maxItems")
	contained := ds.contained()
	least = max(least, min(len(contained), most))
	items := []any{}
	seen := map[string]bool{}
	for n := m.length(least, most, depth); len(items) < n; {
		i := len(items)
		schemas := ds.item(i)
		if n-i <= len(contained) { // it is time for what must be contained
			schemas = append(schemas, contained[len(contained)-(n-i)])
		}
		v, err := m.item(schemas, path+"/"+strconv.Itoa(i), depth, ds.unique(), seen)
		if err != nil && i >= least && len(contained) == 0 {
			break // fewer will do
		}
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	return items, nil
}

// length is how many items there are to be.
func (m *maker) length(least, most, depth int) int {
	switch {
	case least >= most:
		return most // if that is too few, the check will say so
	case m.small(depth) || m.optional == none && m.chance(1, 2):
		return least
	case most <= least+20 && m.chance(1, 6):
		return most
	}
	n := least + m.rand.IntN(4)
	if m.optional == all && n == 0 {
		n = 1
	}
	return min(n, most)
}

// item makes an item that was not there before, where items must be unique.
func (m *maker) item(schemas []any, path string, depth int, unique bool, seen map[string]bool) (any, error) {
	if len(schemas) == 0 {
		schemas = []any{true}
	}
	for range triesInside {
		v, err := m.value(schemas, path, depth+1)
		if err != nil {
			return nil, err
		}
		text := string(jsontree.Append(nil, v))
		if !unique || !seen[text] {
			seen[text] = true
			return v, nil
		}
	}
	return nil, noValue(schemas, path)
}

func (ds demands) unique() bool {
	for _, d := range ds {
		if d["uniqueItems"] == true {
			return true
		}
	}
	return false
}

// item returns the schemas that the item at an index must fit.
func (ds demands) item(i int) []any {
	var schemas []any
	evaluated := false
	for _, d := range ds {
		if prefix := list(d, "prefixItems"); i < len(prefix) {
			schemas, evaluated = append(schemas, prefix[i]), true
		} else if s, ok := d["items"]; ok {
			schemas, evaluated = append(schemas, s), true
		}
	}
	for _, d := range ds {
		if s, ok := d["unevaluatedItems"]; ok && !evaluated {
			schemas = append(schemas, s)
		}
	}
	return schemas
}

// contained returns a schema for each item that must be there.
func (ds demands) contained() []any {
	var schemas []any
	for _, d := range ds {
		s, ok := d["contains"]
		if !ok {
			continue
		}
		n, ok := count(d, "minContains")
		if !ok {
			n = 1
		}
		for range min(n, maxDrafts) {
			schemas = append(schemas, s)
		}
	}
	return schemas
}
