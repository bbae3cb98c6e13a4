// Package wiretool maps tools to the names and schemas that an API accepts, and back. APIs
// refuse a request if one name of a tool or property, or a choice of forms at the root of a
// schema, is not allowed. An [API] returns the names and schemas to send; [Answers] translates
// the model's calls back.
package wiretool

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/funcall/funcall/internal/adapter/dialect"
	"github.com/funcall/funcall/provider"
)

// An API says which tool names, property names and schemas one API accepts.
type API struct {
	tools      Rule
	properties *Rule    // nil if it accepts any name
	root       []string // keywords that the root of a schema must not have

	key    string                               // of the schema that is kept with a tool
	schema func(*provider.Tool) ([]byte, error) // newSchema; making a method value at each call would cost an allocation
}

// The APIs. By now Anthropic accepts tool names of 128 characters, and Gemini names with a
// colon; older versions and compatible servers do not.
var (
	OpenAI    = newAPI("openai", Rule{max: 64, marks: "-"}, nil, "oneOf", "anyOf", "allOf", "enum", "not")
	Anthropic = newAPI("anthropic", Rule{max: 64, marks: "-"}, &Rule{max: 64, marks: "-."}, "oneOf", "anyOf", "allOf")
	Gemini    = newAPI("gemini", Rule{max: 64, marks: "-.", letter: true}, &Rule{max: 64, letter: true}, "oneOf", "anyOf")
)

func newAPI(name string, tools Rule, properties *Rule, root ...string) *API {
	a := &API{tools: tools, properties: properties, root: root, key: "wiretool." + name}
	a.schema = a.newSchema
	return a
}

// all are the APIs.
var all = []*API{OpenAI, Anthropic, Gemini}

// CheckNames returns an error if two tools have one name, names that differ only by case,
// or one name on the wire of some API.
func CheckNames(tools []*provider.Tool) error {
	var errs []error
	alike := make(map[string]string)
	for _, t := range tools {
		folded := strings.ToLower(t.Name)
		switch other, taken := alike[folded]; {
		case taken && other == t.Name:
			errs = append(errs, fmt.Errorf("tool %q is listed twice", other))
		case taken:
			errs = append(errs, fmt.Errorf("tool %q: its name differs from that of tool %q only by case", t.Name, other))
		}
		alike[folded] = t.Name
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, a := range all {
		if err := a.checkNames(tools); err != nil {
			return err
		}
	}
	return nil
}

func (a *API) checkNames(tools []*provider.Tool) error {
	owners := map[string]string{}
	for _, t := range tools {
		sent := a.Name(t.Name)
		if other, ok := owners[sent]; ok && other != t.Name {
			return fmt.Errorf("tools %q and %q are both sent as %q; rename one", other, t.Name, sent)
		}
		owners[sent] = t.Name
	}
	return nil
}

// CheckProperties returns an error if some API would get two properties of a schema under one
// name.
func CheckProperties(schema json.RawMessage) error {
	root := parse(schema)
	if root == nil {
		return nil
	}
	for _, a := range all {
		if _, err := a.oddNames(root); err != nil {
			return err
		}
	}
	return nil
}

// Name returns the name under which a tool is sent; see [Rule.Name].
func (a *API) Name(tool string) string { return a.tools.Name(tool) }

// Tool returns the tool as it is sent: t itself, unless the API does not accept its name or
// its schema.
func (a *API) Tool(t *provider.Tool) (*provider.Tool, error) {
	schema, err := t.Encoded(a.key, a.schema)
	if err != nil {
		return nil, err
	}
	name := a.Name(t.Name)
	if name == t.Name && len(schema) == 0 {
		return t, nil
	}
	sent := &provider.Tool{Name: name, Description: t.Description, Schema: t.Schema}
	if name != t.Name {
		sent.Description = dialect.Annotate(t.Description, ownName(t.Name))
	}
	if len(schema) > 0 {
		sent.Schema = schema
	}
	return sent, nil
}

// ownName tells the model the original name of a tool that is sent under another one.
func ownName(name string) string { return fmt.Sprintf("its own name is %q", name) }

// Fits reports whether the API accepts a schema unchanged.
func (a *API) Fits(schema json.RawMessage) bool {
	made, err := a.newSchema(&provider.Tool{Schema: schema})
	return err == nil && len(made) == 0
}

// changes reports whether the tool's arguments differ on the wire.
func (a *API) changes(t *provider.Tool) bool {
	schema, err := t.Encoded(a.key, a.schema)
	return err == nil && len(schema) > 0
}
