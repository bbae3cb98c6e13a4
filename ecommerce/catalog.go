package ecommerce

import (
	"maps"
	"slices"
)

// A Product is an entry of the catalog.
type Product struct {
	SKU         string
	UPC         string // the bar code's digits; shown to nobody, found by
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

// Warranty is what the maker promises, and how to hold them to it.
type Warranty struct {
	Type     string `json:"type"`
	Coverage string `json:"coverage"`
	Process  string `json:"process"`
}

// Shipping is how a product is sent and what that costs.
type Shipping struct {
	Methods               []string      `json:"methods"`
	Costs                 ShippingCosts `json:"costs"`
	FreeShippingThreshold Money         `json:"free_shipping_threshold"`
}

// ShippingCosts is what each way of sending costs.
type ShippingCosts struct {
	Standard Money `json:"standard"`
	Express  Money `json:"express"`
	NextDay  Money `json:"next_day"`
}

// InfoType is a part of what the catalog says about a product.
type InfoType string

const (
	InfoSpecs    InfoType = "specs"
	InfoWarranty InfoType = "warranty"
	InfoShipping InfoType = "shipping"
	InfoAll      InfoType = "all"
)

// ProductInfo is what get_product_info answers: everything, or one part
// beside the product's SKU and name.
type ProductInfo struct {
	SKU         string            `json:"sku"`
	Name        string            `json:"name"`
	Price       *Money            `json:"price,omitempty"`
	Description string            `json:"description,omitempty"`
	Specs       map[string]string `json:"specs,omitempty"`
	Warranty    *Warranty         `json:"warranty,omitempty"`
	Shipping    *Shipping         `json:"shipping,omitempty"`
}

// Info returns the part of p that is asked for; whatever is no part's name
// asks for all.
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

// A ProductName tells products of one name apart.
type ProductName struct {
	SKU  string `json:"sku"`
	Name string `json:"name"`
}
