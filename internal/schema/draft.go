package schema

import (
	"strings"

	"github.com/funcall/funcall/internal/schema/schematree"
)

// A draft is the version of JSON Schema that a document declares: 3, 4, 6, 7,
// 2019 or 2020.
type draft int

// undeclared is the draft of a document that names none. Then a keyword means
// what the way it is written says.
const undeclared draft = 0

var draftNames = map[string]draft{
	"draft-03": 3, "draft-04": 4, "draft-06": 6, "draft-07": 7, "draft/2019-09": 2019, "draft/2020-12": 2020,
}

// draftOf returns the draft that a document declares.
func draftOf(doc *schematree.Object) draft {
	uri := doc.Text("$schema")
	for name, d := range draftNames {
		if strings.Contains(uri, "json-schema.org/"+name+"/") {
			return d
		}
	}
	return undeclared
}

// before reports whether the draft is declared, and older.
func (d draft) before(other draft) bool { return d != undeclared && d < other }

// since is the draft that brought a keyword. An older one that is declared
// ignores it. What a draft dropped (dependencies), and what another standard has
// (nullable), is read in every draft, as it can mean only one thing.
var since = map[string]draft{
	"const": 6, "contains": 6, "propertyNames": 6,
	"if": 7, "then": 7, "else": 7,
	"dependentRequired": 2019, "dependentSchemas": 2019, "minContains": 2019, "maxContains": 2019,
	"unevaluatedItems": 2019, "unevaluatedProperties": 2019,
	"prefixItems": 2020,
}

// Keywords that constrain in draft 3 alone. To ignore them would make a schema
// mean something else than its author thinks.
var draft3 = [][2]string{{"extends", "allOf"}, {"disallow", "not"}, {"divisibleBy", "multipleOf"}}

// obey drops from o what its draft ignores.
func (d draft) obey(o *schematree.Object) {
	if d == undeclared {
		return
	}
	for keyword, first := range since {
		if d < first {
			o.Delete(keyword)
		}
	}
	if !o.Has("$ref") || !d.before(2019) {
		return
	}
	o.DeleteFunc(func(key string, _ any) bool { return key != "$ref" && key != "nullable" && constrains(key) })
}
