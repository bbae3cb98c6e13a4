package ecommerce

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/funcall/funcall/internal/text/nearest"
)

// Bounds of a search, so that its time is linear.
const (
	maxQuery   = 1024 // bytes
	maxWords   = 16   // of a query that is compared word by word
	maxLetters = 32   // of a word that is compared letter by letter
)

// words returns the runs of letters, marks and digits of s, without the case of letters.
func words(s string) []string {
	list := strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
	for i, w := range list {
		list[i] = strings.ToLower(strings.ToUpper(w)) // the upper case first, as ſ is an s and ς is a σ
	}
	return list
}

// fillers are words that customers put around a product's name.
var fillers = []string{"a", "an", "the", "some", "any", "my", "your", "of", "for", "and", "or", "with", "in", "to", "at"}

func meaningful(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(fillers, w) })
}

// isPlainWord reports whether a word can name a product: it is longer than one letter, and not a
// number.
func isPlainWord(word string) bool { return utf8.RuneCountInString(word) > 1 && !isNumber(word) }

func isNumber(word string) bool {
	return strings.IndexFunc(word, func(r rune) bool { return !unicode.IsNumber(r) }) < 0
}

func hasNumber(word string) bool { return strings.IndexFunc(word, unicode.IsNumber) >= 0 }

// isCode reports whether the query looks like a SKU or UPC: one word with a digit.
func isCode(query string) bool { return len(strings.Fields(query)) == 1 && hasNumber(query) }

// terms returns words, and each two neighbours as one word: "USB-C" is also written "usbc".
func terms(words []string) []string {
	list := slices.Clone(words)
	for i := 1; i < len(words); i++ {
		list = append(list, words[i-1]+words[i])
	}
	return list
}

// covered returns the number of words that are the same as a term, alone or together with the
// next word.
func covered(words, terms []string, same func(word, term string) bool) int {
	found := func(word string) bool {
		return slices.ContainsFunc(terms, func(t string) bool { return same(word, t) })
	}
	n := 0
	for i := 0; i < len(words); i++ {
		switch {
		case found(words[i]):
			n++
		case i+1 < len(words) && found(words[i]+words[i+1]):
			n += 2
			i++
		}
	}
	return n
}

// singular returns a word without the s of a plural.
func singular(word string) string {
	if s, ok := strings.CutSuffix(word, "s"); ok && len(s) >= 2 && !strings.HasSuffix(s, "s") {
		return s
	}
	return word
}

// sameWord reports whether two words are equal but for the s of a plural.
func sameWord(word, term string) bool { return singular(word) == singular(term) }

// nearWord reports whether word is the term with few typing errors for its length. Numbers must
// be equal, and the first letter, which is seldom mistyped, tells "table" from "cable".
func nearWord(word, term string) bool {
	if sameWord(word, term) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(word)
	if other, _ := utf8.DecodeRuneInString(term); first != other {
		return false
	}
	switch n := utf8.RuneCountInString(singular(word)); {
	case n >= 9:
		return misspelt(word, term, 2)
	case n >= 6:
		return misspelt(word, term, 1)
	}
	return false
}

// likeWord reports whether word could mean the term: it is a part of it, or has typing errors.
func likeWord(word, term string) bool {
	switch n := utf8.RuneCountInString(singular(word)); {
	case sameWord(word, term) || n >= 3 && strings.Contains(term, singular(word)):
		return true
	case n >= 6:
		return misspelt(word, term, 2)
	case n >= 4:
		return misspelt(word, term, 1)
	}
	return false
}

// misspelt reports whether word is the term with at most that many typing errors. A word with a
// digit has none.
func misspelt(word, term string, most int) bool {
	word, term = singular(word), singular(term)
	return !hasNumber(word) && !hasNumber(term) && near(word, term, most)
}

// nearCode reports whether a code has at most two wrong characters.
func nearCode(code, of string) bool {
	of = strings.Join(words(of), "")
	return min(utf8.RuneCountInString(code), utf8.RuneCountInString(of)) >= 5 && near(code, of, 2)
}

func near(a, b string, most int) bool {
	n, m := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	return max(n, m) <= maxLetters && max(n-m, m-n) <= most && nearest.Distance(a, b) <= most
}
