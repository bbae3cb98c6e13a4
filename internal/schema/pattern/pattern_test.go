package pattern

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestPatternsMeanTheSame(t *testing.T) {
	for _, c := range []struct{ text, yes, no string }{ // texts are apart by |, none of them is empty
		{`^ORD-[0-9]{4,6}$`, "ORD-1234|ORD-123456", "ORD-123|ORD-1234567|ord-1234"},
		{`^\u00e4[\u00e4-\u00fc]$`, "äü|ää", "a|äa"},
		{`^\ud83d\ude00[\ud83d\ude00-\ud83d\ude02]$`, "😀😁", "😀|😀a"},
		{`^\u{1F600}[\u{61}-\u{7a}]$`, "😀q", "😀Q"},
		{`^https?:\/\/[\w\-\.]+\/$`, "https://a-b.example/", "https:/a/|https://a b/"},
		{`^\d+\D\w\W$`, "12x_-|1-a ", "١a_-|1xé"},
		{`^[\d\w]\s[\s]$`, "a\u00a0\ufeff|1\u2028\u3000", "a\u200b |é  "},
		{`^\S[\S]$`, "ab|é😀", "a\u00a0|\u2003b"},
		{`^[^\s]$`, "a|é", " |\u00a0"},
		{`^[\s\S]$`, "\n|a|😀", "ab"},
		{`^a.b$`, "a-b|a😀b|a\x00b", "a\nb|a\rb|a\u2028b|a\u2029b"},
		{`^\cA\x41\0$`, "\x01A\x00", "A"},
		{`^[\cA\x41\0\b]$`, "\x01|A|\x00|\b", "b|c|x"},
		{`^[^]$`, "a|\n", "ab"},
		{`^(a|[])$`, "a", "b|]"},
		{`^[]a]$`, "]|a", "b"}, // as others than ECMA 262 have it
		{`^\[[^]]*\]$`, "[a]|[]", "[]]"},
		{`a$`, "a|ba", "a\n|ab"},
		{`^(?<year>\d{4})-(?P<month>\d\d)$`, "2026-01", "2026-1"},
		{`^\p{Script=Greek}\p{sc=Greek}\p{L}$`, "αβx", "abc"},
		{`^\p{Lu}\p{General_Category=Ll}\P{L}\p{gc=Nd}$`, "Ab-1", "ab-1|AB-1|Abc1"},
		{`^[\p{L}\p{Nd}_]+\p{Alphabetic}\p{Uppercase}$`, "é1_aÉ", "a-bC"},
		{`^{a}$`, "{a}", "a"},
		{`^a{,2}$`, "a{,2}", "aa"},
		{`^[\w-.]+$`, "a-.", "a b"},
		{`^[a-\d]$`, "a|-|7", "b"},
		{`^[a[]$`, "a|[", "b"},
		{`^[[:digit:]]+$`, "12", ":"},
		{`\A\d+\z`, "12", "12\n|a1"},
		{`^\d+\Z`, "12", "12a"},
		{`^\Qa.b*\E$`, "a.b*", "aabb|a.b"},
		{`^\Q(a)\E+\Q[`, "(a)[|(a))[", "a[|(a)"},
		{`^\Q\d\E{1001}$`, `\` + strings.Repeat("d", 1001), strings.Repeat("1", 1001) + `|\d`},
		{`^\101[\102-\104]\08\01$`, "AB\x008\x01", "AE\x008\x01|101"},
		{`(?i)^[a-c]ß$`, "aß|Bß", "dß"},
		{`(?s)^a.b$`, "a\nb", "ab"},
		{`^(?s:.)a.$`, "\naa|xab", "xa\n|\na\r"},
		{`^(?:(?s).)(?s)(.(?-s:.))$`, "\n\na|abc", "\n\n\n|ab\n"},
		{`^\_\@\"\😀$`, `_@"😀`, "a"},
		{`^x{1001}$`, strings.Repeat("x", 1001), strings.Repeat("x", 1000) + "|" + strings.Repeat("x", 1002)},
		{`^(?:ab){0,1500}$`, strings.Repeat("ab", 1500) + "|ab", strings.Repeat("ab", 1501) + "|aba"},
		{`^[a-c]{1200,}$`, strings.Repeat("abc", 400) + "|" + strings.Repeat("a", 1300), strings.Repeat("a", 1199)},
		{`^([a-z]{1,63}\.){1,20}$`, strings.Repeat("a.", 20) + "|" + strings.Repeat("a", 63) + ".", strings.Repeat("a.", 21) + "|" + strings.Repeat("a", 64) + "."},
		{`^((a{10}){10}){11}$`, strings.Repeat("a", 1100), strings.Repeat("a", 1099) + "|" + strings.Repeat("a", 1101)},
		{`^(x{700}y{0,700}){2}$`, strings.Repeat(strings.Repeat("x", 700)+"y", 2), strings.Repeat("x", 1399)},
		{`[\ud800]|a`, "a", "\ufffd"},
	} {
		re, err := Compile(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		for _, s := range strings.Split(c.yes, "|") {
			if !re.MatchString(s) {
				t.Errorf("%s, as %s, refuses %q", c.text, re, s)
			}
		}
		for _, s := range strings.Split(c.no, "|") {
			if re.MatchString(s) {
				t.Errorf("%s, as %s, takes %q", c.text, re, s)
			}
		}
	}
}

func TestPatternsThatHaveNoTranslation(t *testing.T) {
	for text, want := range map[string]error{
		`^(?=.*\d).+$`: errLookAround, `^(?!a)`: errLookAround, `(?<=a)b`: errLookAround, `(?<!a)b`: errLookAround,
		`^(a)\1$`: errReference, `^(a)\8$`: errReference, strings.Repeat("(a)", 10) + `\10`: errReference, `(?<q>a)\k<q>`: errReference, `(?P<q>a)(?P=q)`: errReference,
		`^x{60000}$`: errTooLarge, `^x{99999999999999999999}$`: errTooLarge, `^[\s\S]{1,10000}$`: errTooLarge,
		strings.Repeat(`(a{1000}){7000}`, 1000): errTooLarge, strings.Repeat(`[\p{Alphabetic}]`, 1000): errTooLarge,
		strings.Repeat(`[\p{L}]`, 1000): errTooLarge, strings.Repeat(`\P{L}`, 1000): errTooLarge,
		`(`: nil, `)`: nil, `[a`: nil, `a**`: nil, `a{2,1}`: nil, `x{1002,1001}`: nil, `[z-a]`: nil, `\`: nil, `\y`: nil, `\u12`: nil, `\u{110000}`: nil, `\xg`: nil, `\c1`: nil,
		`(?>a)`: nil, `(?x)a`: nil, `(?<a`: nil, `*`: nil, `a|*`: nil, `\p{Nonsense}`: nil, `\p{L`: nil, `[\B]`: nil, `(?#a)b`: nil,
		strings.Repeat("(", 5000) + strings.Repeat(")", 5000): nil,
	} {
		got, err := RE2(text)
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%.60s: %s %v, want %v", text, got, err, want)
		}
	}
}

// Whether a large repetition prefers less or more, it must be there.
func TestLargeRepetitionsAreNotOptional(t *testing.T) {
	for _, text := range []string{`^a{1001,}?$`, `^a{1001,}$`, `^a{1001}?$`, `^(a{1001,1002}?)$`, `^(a{10}){101,}?$`} {
		re, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		if re.MatchString("") || !re.MatchString(strings.Repeat("a", 1001)) && !re.MatchString(strings.Repeat("a", 1010)) {
			t.Errorf("%s, as %.40s…, takes no a or refuses many", text, re)
		}
	}
}

// A pattern that means the same in both is kept as it is, so that its author
// reads what was written.
func TestPlainPatternsAreKept(t *testing.T) {
	for _, text := range []string{
		``, `^[a-z]+@[a-z]+\.(com|org)$`, `^[^/]*$`, `[\w\-/]`, `^(?:a|b)*?c+?d{2,3}?$`, `\p{L}`, `(?i)x`, `^é$`, `\bword\b`, `[\n-\]]`,
	} {
		if got, err := RE2(text); got != text || err != nil {
			t.Errorf("%s became %s (%v)", text, got, err)
		}
	}
}

// Whatever a text is, its translation compiles, and translating it is linear.
func FuzzRE2(f *testing.F) {
	for _, text := range []string{`^[\w\s]{3}$`, `(a{10}){1000}`, `\ud83d\ude00`, `[^]]`, `(?<n>a)\p{Lu}{2000,}`, `[\p{Alphabetic}-\u{10ffff}]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		re2, err := RE2(text)
		if err != nil {
			return
		}
		if _, err := regexp.Compile(re2); err != nil {
			t.Fatalf("%q became %q: %v", text, re2, err)
		}
		if len(re2) > maxText+len(text) {
			t.Fatalf("%q became %d bytes", text, len(re2))
		}
	})
}
