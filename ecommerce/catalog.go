package ecommerce

import (
	"maps"
	"slices"
)

// A Product is an entry of the catalog.
type Product struct {
	SKU         string
	UPC         string // the bar code's digits; used for lookup, never shown
	Name        string
	Price       Money
	Description string
	Specs       map[string]string
	Warranty    Warranty
	Shipping    Shipping
}

// clone returns a copy that shares nothing with p.
func (p Product) clone() Product {
	p.Specs, p.Shipping.Methods = maps.Clone(p.Specs), slices.Clone(p.Shipping.Methods)
	return p
}

// Warranty is the manufacturer's warranty and how to claim it.
type Warranty struct {
	Type     string `json:"type"`
	Coverage string `json:"coverage"`
	Process  string `json:"process"`
}

// Shipping is the shipping methods of a product and their costs.
type Shipping struct {
	Methods               []string      `json:"methods"`
	Costs                 ShippingCosts `json:"costs"`
	FreeShippingThreshold Money         `json:"free_shipping_threshold"`
}

// ShippingCosts is the cost of each shipping method.
type ShippingCosts struct {
	Standard Money `json:"standard"`
	Express  Money `json:"express"`
	NextDay  Money `json:"next_day"`
}

// InfoType names a part of a product's information.
type InfoType string

const (
	InfoSpecs    InfoType = "specs"
	InfoWarranty InfoType = "warranty"
	InfoShipping InfoType = "shipping"
	InfoAll      InfoType = "all"
)

// ProductInfo is the result of get_product_info: SKU, name, and all other information or one
// part.
type ProductInfo struct {
	SKU         string            `json:"sku"`
	Name        string            `json:"name"`
	Price       *Money            `json:"price,omitempty"`
	Description string            `json:"description,omitempty"`
	Specs       map[string]string `json:"specs,omitempty"`
	Warranty    *Warranty         `json:"warranty,omitempty"`
	Shipping    *Shipping         `json:"shipping,omitempty"`
}

// Info returns the part t of p. If t is not the name of a part, Info returns everything.
func (p Product) Info(t InfoType) ProductInfo {
	info := ProductInfo{SKU: p.SKU, Name: p.Name}
	all := t != InfoSpecs && t != InfoWarranty && t != InfoShipping
	if all {
		info.Price, info.Description = &p.Price, p.Description
	}
	if all || t == InfoSpecs {
		info.Specs = maps.Clone(p.Specs)
	}
	if all || t == InfoWarranty {
		info.Warranty = &p.Warranty
	}
	if all || t == InfoShipping {
		info.Shipping = &p.Shipping
	}
	return info
}

// A ProductName distinguishes products with the same name.
type ProductName struct {
	SKU  string `json:"sku"`
	Name string `json:"name"`
}
