package wire

import "testing"

func TestWithoutNulls(t *testing.T) {
	for raw, want := range map[string]string{
		`{}`:                    `{}`,
		`null`:                  `null`,
		`{"a":null}`:            `{}`,
		`{ "a" : null, "b":1 }`: `{"b":1}`,
		`{"a":1,"b":null,"c":{"d":null,"e":[{"f":null,"g":"null"},null]}}`: `{"a":1,"c":{"e":[{"g":"null"},null]}}`,
		`{"a":1.50,"b\u0041":"\ud83d","c":9007199254740993}`:               `{"a":1.50,"bA":"\ufffd","c":9007199254740993}`,
	} {
		if got := string(WithoutNulls([]byte(raw))); got != want {
			t.Errorf("%s: got %s, want %s", raw, got, want)
		}
	}
}
