package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/invopop/jsonschema"
)

// openOptions brings a schema that is open, and has no UnmarshalJSON.
type openOptions struct {
	Path   string `json:"path"`
	Nested struct {
		Root string `json:"root"`
		User string `json:"user"`
	} `json:"nested"`
	Pair [2]int `json:"pair"`
}

func (openOptions) JSONSchema() *jsonschema.Schema {
	props := jsonschema.NewProperties()
	props.Set("path", &jsonschema.Schema{Const: "safe"})
	return &jsonschema.Schema{Type: "object", Properties: props}
}

// colour reads itself from text.
type colour struct{ name string }

func (c *colour) UnmarshalText(b []byte) error {
	switch s := string(b); s {
	case "red", "green":
		c.name = s
		return nil
	case "panic":
		panic("secret")
	default:
		return fmt.Errorf("%s is no colour", s)
	}
}

func (c colour) MarshalText() ([]byte, error) { return []byte(c.name), nil }

// cents reads itself from JSON, and says what.
type cents int64

func (*cents) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+\.[0-9]{2}$`, Description: "an amount such as 12.50"}
}

func (c *cents) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if strings.HasPrefix(s, "0") {
		return errors.New("an amount has no leading zero")
	}
	_, err := fmt.Sscanf(strings.Replace(s, ".", "", 1), "%d", c)
	return err
}

// mute reads itself from JSON, and does not say what.
type mute struct{ X int }

func (*mute) UnmarshalJSON([]byte) error { return nil }

// decimal reads itself from text and from JSON, and writes a string.
type decimal struct{ s string }

func (d *decimal) UnmarshalText(b []byte) error { d.s = string(b); return nil }
func (d *decimal) UnmarshalJSON(b []byte) error { return json.Unmarshal(b, &d.s) }
func (d decimal) MarshalJSON() ([]byte, error)  { return json.Marshal(d.s) }

// borrowed describes itself with a reflected document that has references.
type borrowed struct {
	Tree tree `json:"tree"`
}

type tree struct {
	Leaf string `json:"leaf"`
	Sub  []tree `json:"sub,omitempty"`
}

func (borrowed) JSONSchema() *jsonschema.Schema {
	type borrowed struct {
		Tree tree `json:"tree"`
	}
	return (&jsonschema.Reflector{}).Reflect(borrowed{})
}

type panicky struct{}

func (panicky) JSONSchema() *jsonschema.Schema { panic("no") }

type nothing struct{}

func (nothing) JSONSchema() *jsonschema.Schema { return nil }

type alias struct{}

func (alias) JSONSchemaAlias() any { return alias{} }

// extended adds to its reflected schema.
type extended struct {
	A string `json:"a"`
	B string `json:"b,omitempty"`
}

func (extended) JSONSchemaExtend(s *jsonschema.Schema) { s.Description = "extended" }

type page[T any] struct {
	Items []T `json:"items"`
}

// lower is read from text, and not as it was written.
type lower string

func (l *lower) UnmarshalText(b []byte) error { *l = lower(strings.ToLower(string(b))); return nil }

// Price brings a closed schema; Label is open.
type (
	Price struct {
		Amount   string
		Currency string
	}
	Label struct{ Text string }
)

func (Price) JSONSchema() *jsonschema.Schema {
	return closedObject("Amount", "Currency")
}

func (Label) JSONSchema() *jsonschema.Schema {
	s := closedObject("Text")
	s.AdditionalProperties = nil
	return s
}

func closedObject(names ...string) *jsonschema.Schema {
	props := jsonschema.NewProperties()
	for _, name := range names {
		props.Set(name, &jsonschema.Schema{Type: "string"})
	}
	return &jsonschema.Schema{Type: "object", Properties: props, Required: names, AdditionalProperties: jsonschema.FalseSchema}
}

// Noted adds to the schemas of what it is embedded in.
type Noted struct {
	Note string `json:"note"`
}

func (Noted) JSONSchemaExtend(s *jsonschema.Schema) {
	s.Properties.GetPair("note").Value.Description = "for people"
}

// Types whose schemas name what they do not have, or do not name what they have.
type (
	added    struct{ A string }
	demanded struct{ A string }
	narrow   struct{ A, B string }
	branched struct{ A, B string }
)

func (added) JSONSchemaExtend(s *jsonschema.Schema) {
	s.Properties.Set("C", &jsonschema.Schema{Type: "string"})
	s.Required = append(s.Required, "C")
}

func (demanded) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", Required: []string{"A", "C"}}
}

func (narrow) JSONSchema() *jsonschema.Schema { return closedObject("A") }

func (branched) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{OneOf: []*jsonschema.Schema{closedObject("A"), closedObject("B")}}
}
