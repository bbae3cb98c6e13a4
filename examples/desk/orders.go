package main

import (
	"context"
	"fmt"

	"github.com/funcall/funcall"
)

// An Order is what the model reads of an order.
type Order struct {
	ID       string `json:"id"`
	Item     string `json:"item"`
	Status   string `json:"status"`
	Cents    int    `json:"cents"`
	Customer string `json:"-"`
}

var orders = map[string]Order{
	"A-1001": {"A-1001", "kettle", "delivered", 4900, "sarah"},
	"A-1002": {"A-1002", "projector", "delivered", 32900, "sarah"},
	"A-1003": {"A-1003", "desk lamp", "in transit", 2500, "james"},
}

// An OrderQuery is the input of the tool.
type OrderQuery struct {
	OrderID string `json:"order_id" jsonschema:"pattern=^A-[0-9]{4}$" jsonschema_description:"The order, such as A-1001"`
}

// findOrder returns an order of the customer that the run acts for.
func findOrder(ctx context.Context, q OrderQuery) (Order, error) {
	order, ok := orders[q.OrderID]
	if !ok || order.Customer != funcall.CallFrom(ctx).Subject {
		return Order{}, funcall.Visible(fmt.Errorf("the customer has no order %s", q.OrderID))
	}
	return order, nil
}

var getOrder = funcall.NewTool("get_order", "Looks up one order of the customer.", findOrder, funcall.ReadOnly())
