package ecommerce

import (
	"slices"
	"time"
)

// Date is a calendar day in the form 2024-11-20. Dates compare as strings do.
type Date string

// DateOf returns the day of t, in t's own time zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// OrderStatus is the state of an order.
type OrderStatus string

const (
	StatusProcessing OrderStatus = "processing"
	StatusShipped    OrderStatus = "shipped"
	StatusInTransit  OrderStatus = "in_transit"
	StatusDelivered  OrderStatus = "delivered"
	StatusCancelled  OrderStatus = "cancelled"
	StatusReturned   OrderStatus = "returned"
)

// An Order is one purchase of one customer.
type Order struct {
	ID                string      `json:"order_id"`
	CustomerID        string      `json:"customer_id"`
	Status            OrderStatus `json:"status"`
	Items             []Item      `json:"items"`
	Total             Money       `json:"total"` // what was paid: with discounts and shipping
	OrderDate         Date        `json:"order_date"`
	ShippingAddress   string      `json:"shipping_address,omitempty"`
	EstimatedDelivery Date        `json:"estimated_delivery,omitempty"`
	Tracking          *Tracking   `json:"tracking,omitempty"`
	// Returns are the returns that were made of the order, oldest first.
	Returns []Return `json:"returns,omitempty"`
}

// An Item is one line of an order.
type Item struct {
	Name  string `json:"name"`
	SKU   string `json:"sku"`
	Qty   int    `json:"qty"`
	Price Money  `json:"price"` // per piece
	// Returned is how many of the Qty pieces were returned.
	Returned int `json:"returned,omitempty"`
}

// Tracking is the route of a parcel so far.
type Tracking struct {
	Carrier string          `json:"carrier"`
	Number  string          `json:"tracking_number"`
	Events  []TrackingEvent `json:"events"` // oldest first
}

// A TrackingEvent is one stop on a parcel's way.
type TrackingEvent struct {
	Timestamp string `json:"timestamp"` // local time, such as 2024-11-16 08:30
	Location  string `json:"location"`
	Status    string `json:"status"`
}

// Clone returns a copy that shares nothing with o.
func (o Order) Clone() Order {
	o.Items = slices.Clone(o.Items)
	o.Returns = slices.Clone(o.Returns)
	for i, r := range o.Returns {
		o.Returns[i] = r.clone()
	}
	if o.Tracking != nil {
		t := *o.Tracking
		t.Events = slices.Clone(t.Events)
		o.Tracking = &t
	}
	return o
}

// An OrderSummary is one line of a customer's order history.
type OrderSummary struct {
	ID     string      `json:"order_id"`
	Date   Date        `json:"date"`
	Status OrderStatus `json:"status"`
	Total  Money       `json:"total"`
}

// A Profile is what the shop knows about a customer.
type Profile struct {
	CustomerID  string `json:"customer_id"`
	Email       string `json:"email"`
	Name        string `json:"name"`
	MemberSince Date   `json:"member_since"`
	Tier        string `json:"tier"`
	TotalOrders int    `json:"total_orders"`
	TotalSpent  Money  `json:"total_spent"`
	Address     string `json:"address"`
	Phone       string `json:"phone"`
}
