package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// serverTools returns the server-side tools of a request, each with a comma before it, to
// follow its functions: the client's, and the elements of the member "tools", which it takes
// out of the extra members. wireName returns a function's name on the wire; a server-side tool
// with that name is an error.
func serverTools(client []json.RawMessage, extra Members, functions []*provider.Tool, wireName func(string) string) (server [][]byte, rest Members, err error) {
	isTaken := func(name string) bool {
		return slices.ContainsFunc(functions, func(f *provider.Tool) bool { return wireName(f.Name) == name })
	}
	for _, tool := range client {
		if i := slices.IndexFunc(namesOf(tool), isTaken); i >= 0 {
			return nil, nil, fmt.Errorf("a tool of the provider and a function are both named %.80q; rename the function", namesOf(tool)[i])
		}
		server = append(server, slices.Concat([]byte{','}, tool))
	}
	list, rest := extra.Take("tools")
	if list == nil {
		return server, extra, nil
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
			if isTaken(name) {
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
