package ecommerce

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// FindProducts returns the products of a catalog that a customer's words mean. It is for
// [Backend] implementations. The first of these rules that fits any product decides:
//
//  1. The query is a product's SKU or UPC.
//  2. It is a product's SKU or UPC but for case and hyphens.
//  3. It is a product's name but for case and hyphens.
//  4. Each of its words is a word of the name: "earbuds", "4K TV". Plurals and compounds that
//     are written as one word or as two are the same.
//  5. The same with small typing errors in long words.
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
	for _, fits := range []func(Product) bool{
		func(p Product) bool { return query != "" && (p.SKU == query || p.UPC == query) },
		fitsCode(query),
		fitsName(query),
		fitsWords(query, sameWord),
		fitsWords(query, nearWord),
	} {
		if list := productsThat(products, fits); len(list) > 0 {
			return list, nil
		}
	}
	if close := closeProducts(products, query); len(close) > 0 {
		return nil, &Refusal{
			Message:    fmt.Sprintf("Product %s not found; ask which of the candidates is meant", short(query)),
			Candidates: candidates(close),
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

// productsThat returns copies of the products that fit.
func productsThat(products []Product, fits func(Product) bool) []Product {
	var list []Product
	for _, p := range products {
		if fits(p) {
			list = append(list, p.clone())
		}
	}
	return list
}

// fitsCode compares codes by their letters and digits.
func fitsCode(query string) func(Product) bool {
	code := strings.Join(words(query), "")
	same := func(s string) bool { return code != "" && strings.Join(words(s), "") == code }
	return func(p Product) bool { return same(p.SKU) || same(p.UPC) }
}

func fitsName(query string) func(Product) bool {
	name := words(query)
	return func(p Product) bool {
		return strings.EqualFold(p.Name, query) || len(name) > 0 && slices.Equal(words(p.Name), name)
	}
}

// fitsWords reports whether each word of the query is the same as a word of the name. A number
// alone names no product.
func fitsWords(query string, same func(word, term string) bool) func(Product) bool {
	asked := meaningful(words(query))
	if len(asked) > maxWords || !slices.ContainsFunc(asked, isPlainWord) {
		return func(Product) bool { return false }
	}
	return func(p Product) bool { return covered(asked, terms(words(p.Name)), same) == len(asked) }
}

// closeProducts returns the products that a query could mean: those with a code that differs in
// two characters, and those of whose name, code and description most words of the query are a
// part. The closest ones come first.
func closeProducts(products []Product, query string) []Product {
	code, asked := strings.Join(words(query), ""), meaningful(words(query))
	if len(asked) > maxWords || utf8.RuneCountInString(code) < 2 {
		return nil
	}
	type ranked struct {
		product Product
		covered int
	}
	var list []ranked
	for _, p := range products {
		if isCode(query) && (nearCode(code, p.SKU) || nearCode(code, p.UPC)) {
			list = append(list, ranked{p, len(asked)})
			continue
		}
		n := covered(asked, terms(words(p.Name+" "+p.SKU+" "+p.Description)), likeWord)
		if 2*n > len(asked) {
			list = append(list, ranked{p, n})
		}
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return cmp.Compare(b.covered, a.covered) })
	var close []Product
	for _, r := range list[:min(len(list), maxCandidates)] {
		close = append(close, r.product)
	}
	return close
}
