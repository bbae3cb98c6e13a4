package ecommerce

import (
	"slices"
	"sync"
)

// An index is a catalog as it is searched. It is safe for concurrent use.
type index struct {
	listings []listing
	names    vocabulary // of the names and SKUs
	// descriptions returns the words of the descriptions, for each listing. It makes them once,
	// as only what is not found is searched there.
	descriptions func() descriptions
}

// A listing is a product as it is searched.
type listing struct {
	product   *Product
	sku, upc  word   // their letters and digits
	name      []word // the words of the name
	nameTerms []int  // the terms of the name, in index.names
	codeTerms []int  // the terms of the SKU
}

type descriptions struct {
	vocabulary
	texts [][]int // for each listing
}

// newIndex returns an index of products, which must not change.
func newIndex(products []Product) *index {
	x := &index{listings: make([]listing, len(products))}
	for i := range products {
		p := &products[i]
		name, sku := words(p.Name), words(p.SKU)
		x.listings[i] = listing{
			product: p, sku: joined(sku), upc: joined(words(p.UPC)), name: name,
			nameTerms: x.names.add(terms(name)), codeTerms: x.names.add(terms(sku)),
		}
	}
	x.descriptions = sync.OnceValue(func() (d descriptions) {
		for _, p := range products {
			d.texts = append(d.texts, d.add(words(p.Description)))
		}
		return d
	})
	return x
}

// A vocabulary is the words of many texts. It has each word once, and so a query is compared with
// it once, not with each text.
type vocabulary struct {
	words []word
	ids   map[word]int // the positions in words
}

// add returns the IDs of a text's words.
func (v *vocabulary) add(text []word) []int {
	if v.ids == nil {
		v.ids = make(map[word]int)
	}
	list := make([]int, len(text))
	for i, w := range text {
		id, known := v.ids[w]
		if !known {
			id = len(v.words)
			v.words, v.ids[w] = append(v.words, w), id
		}
		list[i] = id
	}
	return list
}

// match returns, for each word asked for, the words of the vocabulary that are the same.
func (v *vocabulary) match(asked []word, same func(word, term word) bool) []wordSet {
	list := make([]wordSet, len(asked))
	for i, w := range asked {
		list[i] = make(wordSet, len(v.words))
		for id, term := range v.words {
			list[i][id] = same(w, term)
		}
	}
	return list
}

// A wordSet is a set of a vocabulary's words, by ID.
type wordSet []bool

func (s wordSet) hasAny(ids []int) bool {
	return slices.ContainsFunc(ids, func(id int) bool { return s[id] })
}
