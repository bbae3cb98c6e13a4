package ecommerce

import (
	"fmt"
	"slices"
	"strings"
)

// Stock is the stock of a product, by warehouse.
type Stock struct {
	SKU           string      `json:"sku"`
	UPC           string      `json:"-"` // the bar code's digits
	Name          string      `json:"name"`
	Available     bool        `json:"available"`
	Quantity      int         `json:"quantity"` // the total of all warehouses
	Warehouses    []Warehouse `json:"warehouses"`
	DeliveryRange string      `json:"estimated_delivery_range"`
}

// A Warehouse holds a part of a product's stock.
type Warehouse struct {
	Location string `json:"location"`
	Qty      int    `json:"qty"`
	ShipsIn  string `json:"ships_in"`
}

// clone returns a copy that shares nothing with s.
func (s Stock) clone() Stock {
	s.Warehouses = slices.Clone(s.Warehouses)
	return s
}

// Availability is the result of check_product_availability.
type Availability struct {
	Stock
	MeetsQuantity     bool       `json:"meets_quantity"`
	QuantityAvailable int        `json:"quantity_available"`
	QuantityNeeded    int        `json:"quantity_needed"`
	ClosestWarehouse  *Warehouse `json:"closest_warehouse"` // null if the article has no warehouse
}

// For reports whether the stock covers needed pieces, and which warehouse is closest to a US
// ZIP code (five digits, or five and four). Without a ZIP code it is the first warehouse. If
// the ZIP code is invalid or needed is below 1, the error is a [*Refusal].
func (s Stock) For(zip string, needed int) (*Availability, error) {
	if zip != "" && !validZIP(zip) {
		return nil, &Refusal{
			Message: fmt.Sprintf("%q is not a valid ZIP code: it has five digits, such as 62704", short(zip)),
			SKU:     s.SKU,
		}
	}
	if needed < 1 {
		return nil, &Refusal{Message: fmt.Sprintf("quantity_needed is %d: it must be 1 or more", needed), SKU: s.SKU}
	}
	s.Warehouses = append([]Warehouse{}, s.Warehouses...) // never null in JSON
	return &Availability{
		Stock:             s,
		MeetsQuantity:     s.Quantity >= needed,
		QuantityAvailable: s.Quantity,
		QuantityNeeded:    needed,
		ClosestWarehouse:  closest(s.Warehouses, zip),
	}, nil
}

func validZIP(zip string) bool {
	five, four, plus := strings.Cut(zip, "-")
	return len(five) == 5 && isDigits(five) && (!plus || len(four) == 4 && isDigits(four))
}

// citiesByPrefix lists warehouse cities by their distance from the ZIP codes with a prefix. The longest
// prefix counts; every first digit is present.
var citiesByPrefix = map[string][]string{
	"0": {chicago, dallas, seattle, losAngeles}, // New England, New Jersey
	"1": {chicago, dallas, seattle, losAngeles}, // New York, Pennsylvania
	"2": {chicago, dallas, losAngeles, seattle}, // Virginia, the Carolinas
	"3": {chicago, dallas, losAngeles, seattle}, // Georgia, Tennessee
	// Florida and Mississippi are closer to Texas than their neighbours are.
	"32": {dallas, chicago, losAngeles, seattle},
	"33": {dallas, chicago, losAngeles, seattle},
	"34": {dallas, chicago, losAngeles, seattle},
	"39": {dallas, chicago, losAngeles, seattle},
	"4":  {chicago, dallas, losAngeles, seattle}, // Indiana, Ohio, Michigan
	"5":  {chicago, dallas, seattle, losAngeles}, // Wisconsin to Montana
	"59": {seattle, chicago, losAngeles, dallas}, // Montana
	"6":  {chicago, dallas, losAngeles, seattle}, // Illinois to Nebraska
	"67": {dallas, chicago, losAngeles, seattle}, // southern Kansas
	"7":  {dallas, chicago, losAngeles, seattle}, // Texas and around
	"8":  {losAngeles, dallas, seattle, chicago}, // Arizona, Nevada, Utah
	"80": {dallas, losAngeles, chicago, seattle}, // Colorado
	"81": {dallas, losAngeles, chicago, seattle},
	"82": {dallas, losAngeles, chicago, seattle}, // Wyoming
	"83": {seattle, losAngeles, dallas, chicago}, // Idaho
	"87": {dallas, losAngeles, chicago, seattle}, // New Mexico
	"88": {dallas, losAngeles, chicago, seattle},
	"9":  {losAngeles, seattle, dallas, chicago}, // California, Hawaii
	"97": {seattle, losAngeles, dallas, chicago}, // Oregon
	"98": {seattle, losAngeles, dallas, chicago}, // Washington
	"99": {seattle, losAngeles, chicago, dallas}, // Washington, Alaska
}

const (
	chicago    = "Chicago, IL"
	dallas     = "Dallas, TX"
	losAngeles = "Los Angeles, CA"
	seattle    = "Seattle, WA"
)

func closest(warehouses []Warehouse, zip string) *Warehouse {
	if len(warehouses) == 0 {
		return nil
	}
	for _, city := range citiesBy(zip) {
		i := slices.IndexFunc(warehouses, func(w Warehouse) bool { return w.Location == city && w.Qty > 0 })
		if i >= 0 {
			return &warehouses[i]
		}
	}
	return &warehouses[0]
}

func citiesBy(zip string) []string {
	for n := min(len(zip), 2); n > 0; n-- {
		if cities, ok := citiesByPrefix[zip[:n]]; ok {
			return cities
		}
	}
	return nil
}
