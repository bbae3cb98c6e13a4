package golden

import "testing"

// TestCleanedLines lists what is cleaned in the JSON of entries, and what is not.
func TestCleanedLines(t *testing.T) {
	t.Setenv("SORT_KEY", "assistant")
	t.Setenv("SHOP_KEY", "shop-secret")
	c := newCleaner([]string{"email"}, []mask{{runID.pattern, runID.name}})
	const run = "run-abcdefghijklmnop"
	for _, tt := range []struct {
		in, want string
		said     bool
	}{
		{`{"role":"assistant","name":"assistant"}`, `{"role":"assistant","name":"<key>"}`, false},
		{`{"text":"` + run + ` shop-secret","id":"` + run + `"}`, `{"text":"run-<id> <key>","id":"` + run + `"}`, false},
		{`{"text":"` + run + ` shop-secret"}`, `{"text":"` + run + ` <key>"}`, true},
		{`{"state":{"owner":"x","data":{"email":"a","n":1.50,"k":["shop-secret"]}}}`, `{"state":{"owner":"x","data":{"email":"<redacted>","n":1.50,"k":["<key>"]}}}`, true},
		{`{"settings":{"extra":{"email":"a"},"stop":["shop-secret"]}}`, `{"settings":{"extra":{"email":"<redacted>"},"stop":["<key>"]}}`, false},
		{`{"answer":{"schema":{"properties":{"data":{"properties":{"email":{"type":"string"}}}}}}}`, `{"answer":{"schema":{"properties":{"data":{"properties":{"email":{"type":"string"}}}}}}}`, false},
		{`{"answer":{"schema":{"const":"shop-secret ` + run + `"}}}`, `{"answer":{"schema":{"const":"<key> run-<id>"}}}`, false},
		{`{"email":"a","args":"{\"email\":\"a\"}"}`, `{"email":"a","args":"{\"email\":\"<redacted>\"}"}`, false},
	} {
		got := c.line(tt.in, tt.said)
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
		}
		if again := c.line(got, tt.said); again != got {
			t.Errorf("%s\nonce  %s\ntwice %s", tt.in, got, again)
		}
	}
}
