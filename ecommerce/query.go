package ecommerce

import "slices"

// The names of the five tools.
const (
	ToolOrder    = "get_order_status"
	ToolStock    = "check_product_availability"
	ToolReturn   = "process_return"
	ToolCustomer = "get_customer_info"
	ToolProduct  = "get_product_info"
)

// OrderQuery is the input of get_order_status.
type OrderQuery struct {
	OrderID         string `json:"order_id" jsonschema_description:"The order's id, in the form ORD-XXXXX"`
	IncludeTracking bool   `json:"include_tracking,omitempty" jsonschema:"default=true" jsonschema_description:"Whether to include the parcel's tracking in detail"`
}

// StockQuery is the input of check_product_availability.
type StockQuery struct {
	SKU            string `json:"product_sku" jsonschema_description:"The product's SKU or UPC, its name, or a part of the name"`
	ZIPCode        string `json:"zip_code,omitempty" jsonschema_description:"The customer's ZIP code, to find the closest warehouse"`
	QuantityNeeded int    `json:"quantity_needed,omitempty" jsonschema:"default=1" jsonschema_description:"How many units are needed"`
}

// ReturnRequest is the input of process_return. Items are indexes; nil means all items that
// were not returned yet. Quantities are the pieces of each of Items; none means all pieces that
// are left.
type ReturnRequest struct {
	OrderID    string `json:"order_id" jsonschema_description:"The id of the order that the items belong to, in the form ORD-XXXXX"`
	Reason     Reason `json:"reason" jsonschema:"enum=defective,enum=wrong_item,enum=changed_mind,enum=not_as_described,enum=other" jsonschema_description:"Why the customer sends the items back"`
	Items      []int  `json:"items_to_return,omitempty" jsonschema_description:"Which of the order's items to return, by index, counted from 0 in the order's own list; leave it out to return all items"`
	Quantities []int  `json:"quantities,omitempty" jsonschema_description:"How many pieces of each of items_to_return to return, in the same order; leave it out to return all pieces of them"`
	Pickup     bool   `json:"request_pickup,omitempty" jsonschema:"default=true" jsonschema_description:"Always send it: true only if the customer wants a driver to fetch the parcel at home, false if the customer drops it off"`
}

// Equal reports whether r and o are the same request. Only equal requests may share an
// idempotency key.
func (r ReturnRequest) Equal(o ReturnRequest) bool {
	return r.OrderID == o.OrderID && r.Reason == o.Reason && r.Pickup == o.Pickup &&
		(r.Items == nil) == (o.Items == nil) && slices.Equal(r.Items, o.Items) &&
		slices.Equal(r.Quantities, o.Quantities)
}

// clone returns a copy that shares nothing with r.
func (r ReturnRequest) clone() ReturnRequest {
	r.Items, r.Quantities = slices.Clone(r.Items), slices.Clone(r.Quantities)
	return r
}

// Me is the ID by which get_customer_info finds the session's customer. In sessions of the
// staff and of visitors it is not found.
const Me = "me"

// CustomerQuery is the input of get_customer_info.
type CustomerQuery struct {
	ID                  string `json:"customer_id" jsonschema_description:"The customer's id or e-mail address, or the word me for the customer of this conversation"`
	IncludeOrderHistory bool   `json:"include_order_history,omitempty" jsonschema:"default=false" jsonschema_description:"Whether to include the customer's last 10 orders"`
}

// ProductQuery is the input of get_product_info.
type ProductQuery struct {
	SKU      string   `json:"product_sku" jsonschema_description:"The product's SKU or UPC, its name, or a part of the name"`
	InfoType InfoType `json:"info_type,omitempty" jsonschema:"default=all,enum=specs,enum=warranty,enum=shipping,enum=all" jsonschema_description:"Which part of the product information to return"`
}
