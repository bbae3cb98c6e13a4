package nearest

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	known := []string{"get_order_status", "process_return", "id", "sku"}
	for name, want := range map[string]string{
		"Get_Order_Status": "get_order_status", "get_order_statu": "get_order_status", "order_status": "get_order_status",
		"functions.process_return": "process_return", "skn": "sku", "ID": "id", "ſku": "sku",
		"": "", "refund": "", "xyz": "", "x": "", strings.Repeat("id", 99): "",
	} {
		if got := Name(name, known); got != want {
			t.Errorf("Name(%q) = %q, want %q", name, got, want)
		}
	}
}
