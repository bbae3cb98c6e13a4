package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/funcall/funcall"
)

// pageOf returns n bytes of prose.
func pageOf(n int) string {
	const line = "The earbuds come with a case, three sizes of tips and a warranty of \"two\" years.\n"
	return strings.Repeat(line, n/len(line)+1)[:n]
}

const megabyte = 1_000_000

type (
	nothing struct{}
	// A noteText is arguments that are one long text.
	noteText struct {
		Text string `json:"text"`
	}
	// A stockList is arguments, or a result, that are a long list.
	stockList struct {
		Items []stockItem `json:"items"`
	}
	stockItem struct {
		SKU       string  `json:"sku"`
		Quantity  int     `json:"quantity"`
		Price     float64 `json:"price"`
		Warehouse string  `json:"warehouse"`
		Damaged   bool    `json:"damaged,omitempty"`
	}
)

// stockOf returns a list of about n bytes of JSON.
func stockOf(n int) stockList {
	var list stockList
	for i := range n / len(`{"sku":"WEP-00001","quantity":17,"price":89.99,"warehouse":"Springfield"},`) {
		list.Items = append(list.Items, stockItem{SKU: fmt.Sprintf("WEP-%05d", i), Quantity: i % 90, Price: 89.99, Warehouse: "Springfield"})
	}
	return list
}

// large is tools with results or arguments of 1 MB.
func large(func()) []pair {
	page, list := pageOf(megabyte), stockOf(megabyte)
	opt := funcall.MaxResultBytes(2 * megabyte)
	return []pair{
		pairOf("get_manual", "Retrieves the manual of a product.", nothing{},
			func(context.Context, nothing) (string, error) {
				toolRuns.Add(1)
				return page, nil
			}, opt),
		pairOf("get_catalog", "Retrieves the whole catalog.", nothing{},
			func(context.Context, nothing) (stockList, error) {
				toolRuns.Add(1)
				return list, nil
			}, opt),
		pairOf("add_note", "Adds a note.", noteText{},
			func(_ context.Context, n noteText) (string, error) {
				toolRuns.Add(1)
				return fmt.Sprint(len(n.Text)), nil
			}),
		pairOf("set_stock", "Sets what is in stock.", stockList{},
			func(_ context.Context, l stockList) (string, error) {
				toolRuns.Add(1)
				return fmt.Sprint(len(l.Items)), nil
			}),
	}
}

// What the model calls in the scripts of the large tools.
const (
	manual  = "get_manual {}"
	catalog = "get_catalog {}"
)

func note() script {
	return calling([]string{"add_note " + mustMarshal(noteText{pageOf(megabyte)})})()
}

func inventory() script {
	return calling([]string{"set_stock " + mustMarshal(stockOf(megabyte))})()
}

func mustMarshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types here have a JSON form
	}
	return string(text)
}
