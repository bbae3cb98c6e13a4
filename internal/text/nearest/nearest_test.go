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

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"keybord", "keyboard", 1}, {"keyboaard", "keyboard", 1}, {"keyboarb", "keyboard", 1},
		{"kebyoard", "keyboard", 1}, {"ba", "ab", 1}, {"ca", "abc", 3}, // a swap, and nothing between
		{"kitten", "sitting", 3}, {"ete", "été", 2}, {"été", "éét", 1},
	} {
		if got, back := Distance(c.a, c.b), Distance(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%q and %q: %d and %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}
