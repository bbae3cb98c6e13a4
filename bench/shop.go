package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
)

// The agent of the benchmarks is the size of a real one: the instructions of
// the reference shop, and five tools with its parameters, over its data in
// plain maps. Both sides have the same ones and call the same functions.

// A pair is a tool for either side.
type pair struct {
	funcall funcall.Tool
	hand    loopTool
}

// pairOf makes a tool. defaults is what the hand-written side decodes into, and
// the schema that it sends is the very same text.
func pairOf[In, Out any](name, description string, defaults In, fn func(context.Context, In) (Out, error), opts ...funcall.ToolOption) pair {
	p := pair{funcall: funcall.NewTool(name, description, fn, append(opts, funcall.ReadOnly())...)}
	p.hand.Type = "function"
	p.hand.Function.Name, p.hand.Function.Description = name, description
	p.hand.Function.Parameters = p.funcall.Schema()
	p.hand.run = func(ctx context.Context, args string) (string, error) {
		in := defaults
		if err := json.Unmarshal([]byte(args), &in); err != nil {
			return "", err
		}
		v, err := fn(ctx, in)
		if err != nil {
			return "", err
		}
		if text, ok := any(v).(string); ok {
			return text, nil
		}
		out, err := json.Marshal(v)
		return string(out), err
	}
	return p
}

var (
	orders   = make(map[string]ecommerce.Order)
	stock    = make(map[string]ecommerce.Stock)
	products = make(map[string]ecommerce.Product)
	profiles = make(map[string]ecommerce.Profile)
)

func init() {
	data := ecommerce.ReferenceData()
	for _, o := range data.Orders {
		orders[o.ID] = o
	}
	for _, s := range data.Stock {
		stock[s.SKU] = s
	}
	for _, p := range data.Products {
		products[p.SKU] = p
	}
	for _, p := range data.Profiles {
		profiles[p.CustomerID] = p
	}
}

// toolRuns counts the tool functions that ran in this process.
var toolRuns atomic.Int64

// find answers with what stands under the key.
func find[T any](in map[string]T, key string) (ecommerce.Envelope[T], error) {
	v, ok := in[key]
	if !ok {
		return ecommerce.Envelope[T]{}, errors.New("not found: " + key)
	}
	return ecommerce.Envelope[T]{Success: true, Data: &v}, nil
}

// shop is the five tools. wait, if it is not nil, is called in each of them.
func shop(wait func()) []pair {
	pause := func() {
		toolRuns.Add(1)
		if wait != nil {
			wait()
		}
	}
	return []pair{
		pairOf(ecommerce.ToolOrder, "Retrieves the status and the details of an order, with its shipping and the estimated delivery.",
			ecommerce.OrderQuery{IncludeTracking: true},
			func(_ context.Context, q ecommerce.OrderQuery) (ecommerce.Envelope[ecommerce.Order], error) {
				pause()
				return find(orders, q.OrderID)
			}),
		pairOf(ecommerce.ToolStock, "Checks how much of a product is in stock right now, over all warehouses.",
			ecommerce.StockQuery{QuantityNeeded: 1},
			func(_ context.Context, q ecommerce.StockQuery) (ecommerce.Envelope[ecommerce.Availability], error) {
				pause()
				a, err := stock[q.SKU].For(q.ZIPCode, q.QuantityNeeded)
				return ecommerce.Envelope[ecommerce.Availability]{Success: true, Data: a}, err
			}),
		pairOf(ecommerce.ToolReturn, "Starts a return of an order or of some of its items: makes the return label and schedules a pickup.",
			ecommerce.ReturnRequest{Pickup: true},
			func(_ context.Context, q ecommerce.ReturnRequest) (ecommerce.Envelope[ecommerce.Return], error) {
				pause()
				r, _, err := ecommerce.DecideReturn(orders[q.OrderID], q, 1, time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC))
				return ecommerce.Envelope[ecommerce.Return]{Success: true, Data: &r}, err
			}),
		pairOf(ecommerce.ToolCustomer, "Retrieves a customer's profile: purchase history, preferences and account status.",
			ecommerce.CustomerQuery{},
			func(_ context.Context, q ecommerce.CustomerQuery) (ecommerce.Envelope[ecommerce.Profile], error) {
				pause()
				return find(profiles, q.ID)
			}),
		pairOf(ecommerce.ToolProduct, "Retrieves a product's specifications, its price, and its warranty and shipping policies.",
			ecommerce.ProductQuery{InfoType: "all"},
			func(_ context.Context, q ecommerce.ProductQuery) (ecommerce.Envelope[ecommerce.ProductInfo], error) {
				pause()
				info := products[q.SKU].Info(q.InfoType)
				return ecommerce.Envelope[ecommerce.ProductInfo]{Success: true, Data: &info}, nil
			}),
	}
}

// slowShop is the shop, each of whose tools takes 50 ms.
func slowShop(func()) []pair { return shop(func() { time.Sleep(50 * time.Millisecond) }) }

// waitingShop is the shop and a tool that calls wait and has a small stack: what a waiting
// conversation holds is the loop's, not the tool's.
func waitingShop(wait func()) []pair {
	return append(shop(nil), pairOf("await_pickup", "Waits for the carrier.", nothing{},
		func(context.Context, nothing) (string, error) {
			toolRuns.Add(1)
			wait()
			return "picked up", nil
		}))
}

// What the model calls in the scripts.
const (
	pickup   = "await_pickup {}"
	customer = ecommerce.ToolCustomer + ` {"customer_id":"CUST-9821"}`
	order    = ecommerce.ToolOrder + ` {"order_id":"ORD-78342"}`
	inStock  = ecommerce.ToolStock + ` {"product_sku":"WEP-2024","zip_code":"62704","quantity_needed":2}`
	product  = ecommerce.ToolProduct + ` {"product_sku":"WEP-2024","info_type":"shipping"}`
)
