package schema

import (
	"reflect"
	"testing"
)

type lookupArgs struct {
	OrderID  string `json:"order_id" jsonschema_description:"The order, such as ORD-78342"`
	Tracking bool   `json:"include_tracking,omitempty" jsonschema:"default=true"`
	Limit    int    `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50,default=10"`
}

const lookupCall = `{"order_id":"ORD-78342"}`

func BenchmarkReflect(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Reflect(reflect.TypeFor[lookupArgs]()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckAndDecode(b *testing.B) {
	s := mustReflect[lookupArgs](b)
	b.ReportAllocs()
	for b.Loop() {
		args, _, problems := s.Check(lookupCall)
		var in lookupArgs
		if problems = append(problems, s.Decode(args, &in)...); len(problems) > 0 || !in.Tracking {
			b.Fatal(problems, in)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	s := mustReflect[orderArgs](b)
	const args = `{"order_id":"ORD-78342","reason":"damaged","quantity":3,"amount":12.5,"items":["SKU-1","SKU-2"],"notify":true,"address":{"city":"Springfield","zip":"62704"}}`
	b.ReportAllocs()
	for b.Loop() {
		var in orderArgs
		if problems := s.Decode(args, &in); len(problems) > 0 || in.Address == nil {
			b.Fatal(problems, in)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	s := mustReflect[lookupArgs](b)
	for _, c := range []struct{ name, args string }{
		{"defaults", lookupCall},
		{"complete", `{"order_id":"ORD-78342","include_tracking":false,"limit":5}`},
		{"refused", `{"order":"ORD-78342","limit":500}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Check(c.args)
			}
		})
	}
}

func mustReflect[T any](tb testing.TB) *Schema {
	tb.Helper()
	s, err := Reflect(reflect.TypeFor[T]())
	if err != nil {
		tb.Fatal(err)
	}
	return s
}
