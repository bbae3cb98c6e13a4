package jsontree

import (
	"strings"
	"testing"
)

// BenchmarkAppendString writes prose and JSON of 64 KB, and a short text, as strings.
func BenchmarkAppendString(b *testing.B) {
	for name, s := range map[string]string{
		"prose": strings.Repeat("The earbuds come with a case, three sizes of tips and a warranty.\n", 1000),
		"json":  strings.Repeat(`{"sku":"WEP-00001","quantity":17,"price":89.99,"warehouse":"Springfield"},`, 1000),
		"wide":  strings.Repeat("订单在路上，星期五到。", 1000),
		"short": `{"order_id":"ORD-78342"}`,
	} {
		b.Run(name, func(b *testing.B) {
			dst := make([]byte, 0, 2*len(s))
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				dst = AppendString(dst[:0], s)
			}
		})
	}
}
