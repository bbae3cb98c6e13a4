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
// The time is proportional to the size of the catalog and to the length of the query.
func FindProducts(products []Product, query string) ([]Product, error) {
	if len(query) > maxQuery {
		return nil, ErrNotFound
	}
	catalog := make([]listing, len(products))
	for i := range products {
		catalog[i] = newListing(&products[i])
	}
	q := newSearch(query)
	for _, fits := range []func(listing) bool{q.isCode, q.isCodeButForCase, q.isName, q.isPartOfName, q.isMistypedName} {
		var found []Product
		for _, l := range catalog {
			if fits(l) {
				found = append(found, l.product.clone())
			}
		}
		if found != nil {
			return found, nil
		}
	}
	if like := q.like(catalog); like != nil {
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

// A listing is a product as it is searched.
type listing struct {
	product  *Product
	sku, upc word   // their letters and digits
	name     []word // the words of the name
	terms    []word // those, and each two neighbours as one word
}

func newListing(p *Product) listing {
	name := words(p.Name)
	return listing{product: p, sku: joined(words(p.SKU)), upc: joined(words(p.UPC)), name: name, terms: terms(name)}
}

// A search is a query as it is compared.
type search struct {
	query string
	code  word   // its letters and digits
	words []word // all of its words
	asked []word // without fillers; none if there are too many to compare
}

func newSearch(query string) search {
	all := words(query)
	s := search{query: query, code: joined(all), words: all, asked: withoutFillers(query)}
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

func (s search) isPartOfName(l listing) bool { return s.isCovered(l, sameWord) }

func (s search) isMistypedName(l listing) bool { return s.isCovered(l, mistypedWord) }

// isCovered reports whether each word of the query is the same as a word of the name. A number
// alone, or one letter, names no product.
func (s search) isCovered(l listing, same func(word, term word) bool) bool {
	named := slices.ContainsFunc(s.asked, func(w word) bool { return w.length > 1 && !w.isNumber })
	return named && covered(s.asked, l.terms, same) == len(s.asked)
}

// like returns the products that the query could mean: those with a code that differs in two
// characters, and those of whose name, code and description most words of the query are a part.
// The closest ones come first.
func (s search) like(catalog []listing) []Product {
	if len(s.asked) == 0 || s.code.length < 2 {
		return nil
	}
	type ranked struct {
		product *Product
		covered int
	}
	var ranking []ranked
	isCode := s.code.hasDigit && len(strings.Fields(s.query)) == 1
	for _, l := range catalog {
		n := len(s.asked)
		if !isCode || !nearCode(s.code, l.sku) && !nearCode(s.code, l.upc) {
			p := l.product
			n = covered(s.asked, slices.Concat(l.terms, terms(words(p.SKU)), words(p.Description)), likeWord)
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
