package golden

import "testing"

func TestRedactor(t *testing.T) {
	r := newRedactor([]string{"email", "note"})
	for in, want := range map[string]string{
		`{"email":"a@b.c"}`:                         `{"email":"<redacted>"}`,
		` { "EMail" : "a" , "n": 1.50 } `:           ` { "EMail" : "<redacted>" , "n": 1.50 } `,
		`{"em\u0061il":"a\"b","x":"email"}`:         `{"em\u0061il":"<redacted>","x":"email"}`,
		`[{"a":{"note":{"deep":[1]},"k":1}}]`:       `[{"a":{"note":{},"k":1}}]`,
		`{"note":[1],"email":12,"x":["email","y"]}`: `{"note":[],"email":0,"x":["email","y"]}`,
		`{"note":null,"email":true}`:                `{"note":null,"email":false}`,
		`"{\"email\":\"a\"}"`:                       `"{\"email\":\"<redacted>\"}"`,
		`{"log":["{\"email\":\"<a>\"}", 2]}`:        `{"log":["{\"email\":\"<redacted>\"}", 2]}`,
		`{"x":1,"email":"cut o`:                     `{"x":1,"email":"<redacted>"`,
		`{"x":1,"note":{"deep":"cut o`:              `{"x":1,"note":{}`,
		"Sent:\n```json\n{\"email\": \"a\"}\n```":   "Sent:\n```json\n{\"email\": \"<redacted>\"}\n```",
		`my email is a@b.c`:                         `my email is a@b.c`,
		`{"email": 12, "x`:                          `{"email": 0, "x`,
		`{"email":"ends in \`:                       `{"email":"<redacted>"`,
		``:                                          ``,
	} {
		got := r.redact(in)
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
		if again := r.redact(got); again != got {
			t.Errorf("%s\nonce  %s\ntwice %s", in, got, again)
		}
	}
}

func FuzzRedact(f *testing.F) {
	for _, seed := range []string{`{"email":"secret"}`, `[{"email":["secret"]}`, `"{\"email\":\"secret\"}"`} {
		f.Add(seed)
	}
	r := newRedactor([]string{"email"})
	f.Fuzz(func(t *testing.T, s string) {
		once := r.redact(s)
		if twice := r.redact(once); twice != once {
			t.Fatalf("%q\nonce  %q\ntwice %q", s, once, twice)
		}
	})
}
