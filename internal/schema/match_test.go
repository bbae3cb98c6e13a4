package schema

import (
	"reflect"
	"strings"
	"testing"
)

func TestSchemasMustNameTheFieldsOfTheirStruct(t *testing.T) {
	type closedBelow struct {
		Price
		Qty int `json:"qty"`
	}
	type openBelow struct {
		*Label
		Qty int `json:"qty"`
	}
	type tagged struct {
		Price `json:"price"`
	}
	const sends = "which is the JSON name of no field: calls with it would be refused; add a field, or drop the property"
	for _, c := range []struct {
		t    reflect.Type
		want []string
	}{
		{reflect.TypeFor[closedBelow](), []string{`closedBelow.Qty: the schema of schema.closedBelow lacks the property "qty": its method JSONSchema is that of the embedded schema.Price, which knows nothing of this field; give the embedded field a name`}},
		{reflect.TypeFor[openBelow](), []string{`openBelow: `}}, // the method panics on the nil pointer
		{reflect.TypeFor[struct {
			Label
			Qty int
		}](), []string{`struct.Qty: the schema of`, `that of the embedded schema.Label`}},
		{reflect.TypeFor[tagged](), []string{`tagged.Price: the schema of schema.tagged lacks the property "price"`, `tagged: its schema has the property "Amount", ` + sends}},
		{reflect.TypeFor[added](), []string{`added: its schema has the property "C", ` + sends}},
		{reflect.TypeFor[demanded](), []string{`demanded: its schema has the property "C", ` + sends}},
		{reflect.TypeFor[narrow](), []string{`narrow.B: the schema of schema.narrow allows no property "B", so that nothing can ever set the field: add the property, or tag the field jsonschema:"-"`}},
		{reflect.TypeFor[struct {
			List []map[string]*added `json:"list"`
			One  narrow              `json:"one" jsonschema:"nullable"`
		}](), []string{`struct.List[][]: its schema has the property "C"`, `struct.One.B: the schema of schema.narrow allows`}},
	} {
		_, err := Reflect(c.t)
		if err == nil {
			t.Errorf("%s: accepted", c.t)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s\n got %v\nwant %s", c.t, err, want)
			}
		}
	}
}

func TestSchemasThatNameTheFieldsOfTheirStruct(t *testing.T) {
	type noted struct {
		Noted
		Qty int `json:"qty"`
	}
	for _, c := range []struct {
		s   *Schema
		raw string
	}{
		{mustReflect[struct{ Price }](t), `{"Amount":"1","Currency":"EUR"}`},
		{mustReflect[struct{ P Price }](t), `{"P":{"Amount":"1","Currency":"EUR"}}`},
		{mustReflect[noted](t), `{"note":"n","qty":1}`},
		{mustReflect[openOptions](t), `{"path":"safe","pair":[1,2]}`},
		{mustReflect[struct{ B branched }](t), `{"B":{"B":"b"}}`},
	} {
		if got := check(c.s, c.raw); got != c.raw {
			t.Errorf("%s\n got %s", c.raw, got)
		}
	}
	if text := string(mustReflect[noted](t).JSON()); !strings.Contains(text, `"note":{"type":"string","description":"for people"}`) {
		t.Errorf("an embedded struct adds to what is its own: %s", text)
	}
}
