package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// serverTools takes the member "tools" out of the extra members. Its elements are server-side
// tools. They are returned unchanged, each with a comma before it, to follow the functions of
// the request. wireName returns a function's name on the wire; an element with that name is an
// error.
func serverTools(extra Members, functions []*provider.Tool, wireName func(string) string) (server [][]byte, rest Members, err error) {
	list, rest := extra.Take("tools")
	if list == nil {
		return nil, extra, nil
	}
	var s jsonscan.Scanner
	s.Reset(list)
	if s.Kind() != '[' {
		return nil, nil, errors.New(`extra fields: "tools" must be an array of objects, such as [{"type":"web_search"}]`)
	}
	for i := range s.Array() {
		if s.Kind() != '{' {
			return nil, nil, fmt.Errorf(`extra fields: element %d of "tools" must be an object, not %.40s`, i, s.Raw())
		}
		tool := s.Raw()
		for _, name := range namesOf(tool) {
			if slices.ContainsFunc(functions, func(f *provider.Tool) bool { return wireName(f.Name) == name }) {
				return nil, nil, fmt.Errorf(`extra fields: "tools"[%d] and a function are both named %.80q; rename one`, i, name)
			}
		}
		server = append(server, slices.Concat([]byte{','}, tool))
	}
	return server, rest, s.Err()
}

// namesOf returns the names of a tool, in the form of any API.
func namesOf(tool []byte) (names []string) {
	type named struct{ Name string }
	var t struct {
		named
		Function, Custom named
		Declarations     []named `json:"functionDeclarations"`
		SnakeCase        []named `json:"function_declarations"`
	}
	_ = json.Unmarshal(tool, &t) // a member of another type is not a name
	for _, n := range append([]named{t.named, t.Function, t.Custom}, append(t.Declarations, t.SnakeCase...)...) {
		if n.Name != "" {
			names = append(names, n.Name)
		}
	}
	return names
}
