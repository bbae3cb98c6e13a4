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

// OrderQuery is what get_order_status takes.
type OrderQuery struct {
	OrderID         string `json:"order_id" jsonschema_description:"The order's id, in the form ORD-XXXXX"`
	IncludeTracking bool   `json:"include_tracking,omitempty" jsonschema:"default=true" jsonschema_description:"Whether to include the parcel's tracking in detail"`
}

// StockQuery is what check_product_availability takes.
type StockQuery struct {
	SKU            string `json:"product_sku" jsonschema_description:"The product's SKU or UPC"`
	ZIPCode        string `json:"zip_code,omitempty" jsonschema_description:"The customer's ZIP code, to find the closest warehouse"`
	QuantityNeeded int    `json:"quantity_needed,omitempty" jsonschema:"default=1" jsonschema_description:"How many units are needed"`
}

// ReturnRequest is what process_return takes. Items that are nil mean all
// that is left of the order; a list names items by their index.
type ReturnRequest struct {
	OrderID string `json:"order_id" jsonschema_description:"The id of the order that the items belong to, in the form ORD-XXXXX"`
	Reason  Reason `json:"reason" jsonschema:"enum=defective,enum=wrong_item,enum=changed_mind,enum=not_as_described,enum=other" jsonschema_description:"Why the customer sends the items back"`
	Items   []int  `json:"items_to_return,omitempty" jsonschema_description:"Which of the order's items to return, by index, counted from 0 in the order's own list; leave it out to return all items"`
	Pickup  bool   `json:"request_pickup,omitempty" jsonschema:"default=true" jsonschema_description:"Whether a driver fetches the parcel at the customer's home; false means that the customer drops it off"`
}

// Equal reports whether r asks for the very same as o, so that one idempotency key
// may stand for both.
func (r ReturnRequest) Equal(o ReturnRequest) bool {
	return r.OrderID == o.OrderID && r.Reason == o.Reason && r.Pickup == o.Pickup &&
		(r.Items == nil) == (o.Items == nil) && slices.Equal(r.Items, o.Items)
}

// Me is the id by which get_customer_info knows the customer whom the session is
// for. Sessions of the staff and of visitors have none, so there it is not found.
const Me = "me"

// CustomerQuery is what get_customer_info takes.
type CustomerQuery struct {
	ID                  string `json:"customer_id" jsonschema_description:"The customer's id or e-mail address, or the word me for the customer of this conversation"`
	IncludeOrderHistory bool   `json:"include_order_history,omitempty" jsonschema:"default=false" jsonschema_description:"Whether to include the customer's last 10 orders"`
}

// ProductQuery is what get_product_info takes.
type ProductQuery struct {
	SKU      string   `json:"product_sku" jsonschema_description:"The product's SKU, or its full name"`
	InfoType InfoType `json:"info_type,omitempty" jsonschema:"default=all,enum=specs,enum=warranty,enum=shipping,enum=all" jsonschema_description:"Which part of the product information to return"`
}
