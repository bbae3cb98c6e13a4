package httpapi

import (
	"strings"
	"testing"
)

func TestSaysError(t *testing.T) {
	for raw, want := range map[string]bool{
		"":               false,
		`null`:           false,
		`false`:          false,
		`0`:              false,
		`0.0`:            false,
		`""`:             false,
		`" \n"`:          false,
		`[]`:             false,
		`{}`:             false,
		"{ \n }":         false,
		`[null, "", {}]`: false,
		`{"message":"","type":"","param":"","code":null}`:      false,
		`{"message":"","code":0,"details":[{"reason":""},[]]}`: false,
		`true`:                             true,
		`500`:                              true,
		`"quota exceeded"`:                 true,
		`["quota exceeded"]`:               true,
		`{"message":"no"}`:                 true,
		`{"message":"","code":429}`:        true,
		`{"type":"server_error","x":null}`: true,
		`{"message":"","details":[{"reason":"no"}]}`:            true,
		strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20): false,
	} {
		if got := SaysError([]byte(raw)); got != want {
			t.Errorf("%.60s: got %v, want %v", raw, got, want)
		}
	}
}

// TestSaysErrorAllocates examines members without text: most responses have no "error".
func TestSaysErrorAllocates(t *testing.T) {
	for _, raw := range []string{"", "null", `{"message":"","code":null}`} {
		member := []byte(raw)
		if n := testing.AllocsPerRun(100, func() {
			if SaysError(member) {
				t.Errorf("%s says an error", raw)
			}
		}); n > 0 {
			t.Errorf("%q: %v allocations", raw, n)
		}
	}
}
