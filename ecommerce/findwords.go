package ecommerce

import (
	"math/bits"
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

// fillers are words that customers put around a product's name.
var fillers = []string{"a", "an", "the", "some", "any", "my", "your", "of", "for", "and", "or", "with", "in", "to"}

func (w word) isFiller() bool { return slices.Contains(fillers, w.text) }

// withoutFillers returns the words of a query without fillers. A filler within hyphens is a part
// of a name, as in "USB-A", and so is a letter after a name, as in "vitamin A".
func withoutFillers(query string) []word {
	var list []word
	named := false // the word before is not a filler
	for field := range strings.FieldsSeq(query) {
		in := words(field)
		filler := len(in) == 1 && in[0].isFiller() && !(named && in[0].length == 1)
		if !filler {
			list = append(list, in...)
		}
		named = !filler && len(in) > 0
	}
	return list
}

// A word is a run of letters, marks and digits, without the case of letters, and what is often
// asked about it.
type word struct {
	text       string
	singular   string // the text without the s of a plural; a code has none
	length     int    // of singular, in runes
	letters    uint64 // of singular, as a set
	hasDigit   bool
	isNumber   bool // it has digits alone
	isCompound bool // it is several words, written as one
}

func words(s string) []word {
	var list []word
	for text := range strings.FieldsFuncSeq(s, isSeparator) {
		// The upper case comes first, as ſ is an s and ς is a σ.
		list = append(list, newWord(strings.ToLower(strings.ToUpper(text))))
	}
	return list
}

func isSeparator(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
}

func newWord(text string) word {
	w := word{text: text, singular: text, isNumber: true}
	if s, ok := strings.CutSuffix(text, "s"); ok && len(s) >= 2 && !strings.HasSuffix(s, "s") && !strings.ContainsFunc(s, unicode.IsNumber) {
		w.singular = s
	}
	w.length = utf8.RuneCountInString(w.singular)
	for _, r := range w.singular {
		w.letters |= 1 << (r % 64)
		digit := unicode.IsNumber(r)
		w.hasDigit = w.hasDigit || digit
		w.isNumber = w.isNumber && digit
	}
	return w
}

// joined returns the words as one.
func joined(words []word) word {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.text)
	}
	w := newWord(b.String())
	w.isCompound = len(words) > 1
	return w
}

// terms returns words, and each two neighbours as one word: "USB-C" is also written "usbc".
func terms(words []word) []word {
	list := slices.Clone(words)
	for i := 1; i < len(words); i++ {
		list = append(list, joined(words[i-1:i+1]))
	}
	return list
}

// sameWord reports whether two words are equal but for the s of a plural.
func sameWord(word, term word) bool { return word.singular == term.singular }

// mistypedWord reports whether word is the term with few typing errors for its length. The first
// letter, which is seldom mistyped, tells "holder" from "folder". A wrong letter in a shorter word,
// or in two words written as one, gives another word: "pointer" is not "printer".
func mistypedWord(word, term word) bool {
	if sameWord(word, term) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(word.text)
	if other, _ := utf8.DecodeRuneInString(term.text); first != other {
		return false
	}
	switch {
	case word.length >= 9 && !word.isCompound && !term.isCompound:
		return misspelt(word, term, 2)
	case word.length >= 6:
		return misspelt(word, term, 1) && (word.length != term.length || sameLetters(word, term))
	}
	return false
}

// sameLetters reports whether two words have the same letters in any order.
func sameLetters(a, b word) bool {
	x, y := []rune(a.singular), []rune(b.singular)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// likeWord reports whether word could mean the term: it is a part of it, or has typing errors.
func likeWord(word, term word) bool {
	switch {
	case sameWord(word, term) || word.length >= 3 && strings.Contains(term.text, word.singular):
		return true
	case word.length >= 6:
		return misspelt(word, term, 2)
	case word.length >= 4:
		return misspelt(word, term, 1)
	}
	return false
}

// misspelt reports whether word is the term with at most that many typing errors. A word with a
// digit has none.
func misspelt(word, term word, most int) bool {
	if word.hasDigit || term.hasDigit {
		return false
	}
	return near(word, term, most) || word.isPlural() != term.isPlural() && near(word.written(), term.written(), most)
}

func (w word) isPlural() bool { return w.singular != w.text }

// written returns w with its last s, which may not be a plural's: "wireles".
func (w word) written() word {
	if w.isPlural() {
		w.singular, w.length, w.letters = w.text, w.length+1, w.letters|1<<('s'%64)
	}
	return w
}

// nearCode reports whether a code has at most two wrong characters.
func nearCode(code, of word) bool { return min(code.length, of.length) >= 5 && near(code, of, 2) }

func near(a, b word, most int) bool {
	switch {
	case max(a.length, b.length) > maxLetters,
		max(a.length-b.length, b.length-a.length) > most,
		bits.OnesCount64(a.letters^b.letters) > 2*most: // an error changes two letters of the set
		return false
	}
	return nearest.Distance(a.singular, b.singular) <= most
}
