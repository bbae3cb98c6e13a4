package ecommerce

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// FindProducts returns the products of a catalog that a customer's words mean. It is for
// [Backend] implementations. The first of these rules that fits any product decides:
//
//  1. The query is a product's SKU or UPC.
//  2. It is a product's SKU or UPC but for case and hyphens.
//  3. It is a product's name but for case and hyphens.
//  4. Each of its words is a word of the name: "earbuds", "4K TV". Plurals and compounds that
//     are written as one word or as two are the same.
//  5. The same with small typing errors in long words: a missing letter, an extra one or two
//     swapped ones, and in words of nine letters two errors of any kind.
//
// If several products fit, FindProducts returns all of them, in the order of the catalog: the
// customer has to be asked. If no product fits and some are close, the error is a [*Refusal]
// with those as candidates. A wrong code is never taken for a product that is close to it. If
// none is close, or the query is longer than 1024 bytes, the error is [ErrNotFound].
//
// The time is proportional to the size of the catalog: the words of a query that are compared are
// at most 16, and each is compared once with each different word of the catalog.
func FindProducts(products []Product, query string) ([]Product, error) {
	return newIndex(products).find(query)
}

// find does the work of [FindProducts].
func (x *index) find(query string) ([]Product, error) {
	if len(query) > maxQuery {
		return nil, ErrNotFound
	}
	s := newSearch(query)
	var found []Product
	pick := func(fits func(listing) bool) bool {
		for _, l := range x.listings {
			if fits(l) {
				found = append(found, l.product.clone())
			}
		}
		return found != nil
	}
	if pick(s.isCode) || pick(s.isCodeButForCase) || pick(s.isName) || pick(s.isPartOfName(x, sameWord)) || pick(s.isPartOfName(x, mistypedWord)) {
		return found, nil
	}
	if like := s.like(x); like != nil {
		return nil, &Refusal{
			Message:    fmt.Sprintf("Product %s not found; ask which of the candidates is meant", short(query)),
			Candidates: candidates(like),
		}
	}
	return nil, ErrNotFound
}

// maxCandidates is the number of products that an unclear name is answered with.
const maxCandidates = 10

func candidates(products []Product) []ProductName {
	var names []ProductName
	for _, p := range products[:min(len(products), maxCandidates)] {
		names = append(names, ProductName{SKU: p.SKU, Name: p.Name})
	}
	return names
}

// A search is a query as it is compared.
type search struct {
	query string
	code  word   // its letters and digits
	words []word // all of its words
	asked []word // each once, without fillers; none if there are too many to compare
}

func newSearch(query string) search {
	all := words(query)
	s := search{query: query, code: joined(all), words: all}
	seen := make(map[string]bool)
	for _, w := range withoutFillers(query) {
		if !seen[w.text] {
			s.asked = append(s.asked, w)
		}
		seen[w.text] = true
	}
	if len(s.asked) > maxWords {
		s.asked = nil
	}
	return s
}

func (s search) isCode(l listing) bool {
	return s.query != "" && (s.query == l.product.SKU || s.query == l.product.UPC)
}

func (s search) isCodeButForCase(l listing) bool {
	return s.code.text != "" && (s.code.text == l.sku.text || s.code.text == l.upc.text)
}

func (s search) isName(l listing) bool {
	same := func(a, b word) bool { return a.text == b.text }
	return strings.EqualFold(s.query, l.product.Name) || len(s.words) > 0 && slices.EqualFunc(s.words, l.name, same)
}

// isPartOfName returns a function that reports whether each word of the query is the same as a
// word of the name. A number alone, or one letter, names no product.
func (s search) isPartOfName(x *index, same func(word, term word) bool) func(listing) bool {
	if !slices.ContainsFunc(s.asked, func(w word) bool { return w.length > 1 && !w.isNumber }) {
		return func(listing) bool { return false }
	}
	names := x.names.match(terms(s.asked), same)
	return func(l listing) bool {
		return covered(len(s.asked), func(term int) bool { return names[term].hasAny(l.nameTerms) }) == len(s.asked)
	}
}

// covered returns the number of a query's n words that are found, alone or together with the next
// word. They are found by their positions in the query's terms.
func covered(n int, found func(term int) bool) int {
	count := 0
	for i := 0; i < n; i++ {
		switch {
		case found(i):
			count++
		case i+1 < n && found(n+i):
			count += 2
			i++
		}
	}
	return count
}

// like returns the products that the query could mean: those with a code that differs in two
// characters, and those of whose name, code and description most words of the query are a part.
// The closest ones come first.
func (s search) like(x *index) []Product {
	if len(s.asked) == 0 || s.code.length < 2 {
		return nil
	}
	type ranked struct {
		product *Product
		covered int
	}
	var ranking []ranked
	isCode := s.code.hasDigit && len(strings.Fields(s.query)) == 1
	described := x.descriptions()
	asked := terms(s.asked)
	names, texts := x.names.match(asked, likeWord), described.match(asked, likeWord)
	for i, l := range x.listings {
		n := len(s.asked)
		if !isCode || !nearCode(s.code, l.sku) && !nearCode(s.code, l.upc) {
			n = covered(n, func(term int) bool {
				return names[term].hasAny(l.nameTerms) || names[term].hasAny(l.codeTerms) || texts[term].hasAny(described.texts[i])
			})
		}
		if 2*n > len(s.asked) {
			ranking = append(ranking, ranked{l.product, n})
		}
	}
	slices.SortStableFunc(ranking, func(a, b ranked) int { return cmp.Compare(b.covered, a.covered) })
	var list []Product
	for _, r := range ranking[:min(len(ranking), maxCandidates)] {
		list = append(list, *r.product)
	}
	return list
}
