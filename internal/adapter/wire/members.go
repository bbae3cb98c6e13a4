package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/funcall/funcall/internal/json/jsonscan"
)

// Members are the extra members of a request body.
type Members []member

type member struct {
	name  string
	value []byte
}

// ExtraMembers returns the extra members of a request: the client's and the request's own,
// which replace the client's of the same name. A reserved member is an error.
func ExtraMembers(client, own json.RawMessage, reserved []string) (Members, error) {
	var members Members
	for _, object := range [][]byte{client, own} {
		if len(bytes.TrimSpace(object)) == 0 {
			continue
		}
		more, err := parseMembers(object, reserved)
		if err != nil {
			return nil, fmt.Errorf("extra fields: %w", err)
		}
		members = append(slices.DeleteFunc(members, func(m member) bool { return more.Has(m.name) }), more...)
	}
	return members, nil
}

func parseMembers(object []byte, reserved []string) (Members, error) {
	var s jsonscan.Scanner
	s.Reset(object)
	if s.Kind() != '{' {
		return nil, errors.New("want one JSON object")
	}
	var members Members
	for key := range s.Object() {
		m := member{name: string(key), value: s.Raw()}
		if slices.Contains(reserved, m.name) {
			return nil, fmt.Errorf("%q is reserved: the client sets it", m.name)
		}
		if members.Has(m.name) {
			return nil, fmt.Errorf("duplicate member %q", m.name)
		}
		members = append(members, m)
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	if len(s.Rest()) > 0 {
		return nil, errors.New("text after the object")
	}
	return members, nil
}

// Has reports whether there is a member of that name.
func (list Members) Has(name string) bool {
	return slices.ContainsFunc(list, func(m member) bool { return m.name == name })
}

// Take returns the value of the member of that name, or nil, and the other members.
func (list Members) Take(name string) (value json.RawMessage, rest Members) {
	i := slices.IndexFunc(list, func(m member) bool { return m.name == name })
	if i < 0 {
		return nil, list
	}
	return list[i].value, append(slices.Clone(list[:i]), list[i+1:]...)
}

// Without returns the members except those of the names.
func (list Members) Without(names ...string) Members {
	return slices.DeleteFunc(slices.Clone(list), func(m member) bool { return slices.Contains(names, m.name) })
}

// Append appends the members, each with a comma before it.
func (list Members) Append(b []byte) []byte {
	for _, m := range list {
		b = append(appendName(b, m.name), m.value...)
	}
	return b
}
