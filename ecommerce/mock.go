package ecommerce

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// latencies are the minimal and maximal latency of the mock for each tool.
var latencies = map[string][2]time.Duration{
	ToolOrder:    {30 * time.Millisecond, 80 * time.Millisecond},
	ToolStock:    {20 * time.Millisecond, 50 * time.Millisecond},
	ToolReturn:   {100 * time.Millisecond, 200 * time.Millisecond},
	ToolCustomer: {10 * time.Millisecond, 30 * time.Millisecond},
	ToolProduct:  {15 * time.Millisecond, 40 * time.Millisecond},
}

// firstReturn is the number of a mock's first return.
const firstReturn = 100001

// A Mock is a shop in memory, for tests and demonstrations. Its latencies are those of a real
// shop, it fails on demand, and it records its calls. It is safe for concurrent use. It copies
// what it receives and returns.
type Mock struct {
	latency float64
	seed    uint64
	now     func() time.Time

	stock    []Stock
	products *index
	profiles []Profile

	mu      sync.Mutex
	orders  map[string]Order
	byKey   map[string]MockReturn
	calls   []MockCall
	returns []MockReturn
	faults  map[string][]*Fault
	asked   map[string]int
}

// A MockOption changes how a [Mock] is made.
type MockOption func(*Mock)

// Latency scales the latency of calls. The default is 1; 0 turns the latency off. [Slow]
// faults are not scaled.
func Latency(multiplier float64) MockOption { return func(m *Mock) { m.latency = multiplier } }

// Seed makes latencies and random faults repeatable: the n-th call with the same arguments has
// the same result. By default each Mock differs.
func Seed(n uint64) MockOption { return func(m *Mock) { m.seed = n } }

// Clock sets the shop's clock. The default is [ReferenceTime].
func Clock(now func() time.Time) MockOption { return func(m *Mock) { m.now = now } }

// With replaces the reference data.
func With(d Data) MockOption { return func(m *Mock) { m.fill(d) } }

// NewMock returns a shop. By default it holds [ReferenceData].
func NewMock(opts ...MockOption) *Mock {
	m := &Mock{
		latency: 1,
		seed:    rand.Uint64(),
		now:     ReferenceTime,
		byKey:   make(map[string]MockReturn),
		faults:  make(map[string][]*Fault),
		asked:   make(map[string]int),
	}
	m.fill(ReferenceData())
	for _, opt := range opts {
		opt(m)
	}
	return m
}

func (m *Mock) fill(d Data) {
	m.stock, m.profiles = nil, slices.Clone(d.Profiles)
	for _, s := range d.Stock {
		m.stock = append(m.stock, s.clone())
	}
	var products []Product
	for _, p := range d.Products {
		products = append(products, p.clone())
	}
	m.products = newIndex(products)
	m.orders = make(map[string]Order)
	for _, o := range d.Orders {
		m.orders[o.ID] = o.Clone()
	}
}

// A MockCall is one call that reached a [Mock].
type MockCall struct {
	Tool  string // the tool that the call belongs to
	As    Viewer
	Query string // the requested ID, code or name
	Key   string // the idempotency key, of a return
	Err   error  // nil if the call succeeded
}

// A MockReturn is a return that was made, with its request.
type MockReturn struct {
	Key     string
	As      Viewer
	Request ReturnRequest
	Return  Return
}

// Calls returns the calls so far, in the order in which they ended.
func (m *Mock) Calls() []MockCall {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// Returns returns the returns that were made, in order. A repetition under the same key is not
// a further return.
func (m *Mock) Returns() []MockReturn {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]MockReturn, len(m.returns))
	for i, r := range m.returns {
		list[i] = MockReturn{Key: r.Key, As: r.As, Request: r.Request.clone(), Return: r.Return.clone()}
	}
	return list
}

// call runs every call: it waits, applies faults, does the work, and records the call. Work on
// orders and returns takes the lock; the other data does not change.
func (m *Mock) call(ctx context.Context, c MockCall, work func() error) error {
	latency, before, after := m.draw(c.Tool, c.Query)
	c.Err = func() error {
		if err := sleep(ctx, latency); err != nil {
			return err
		}
		for _, f := range before {
			if err := f.strike(ctx); err != nil {
				return err
			}
		}
		err := work()
		for _, f := range after {
			if late := f.strike(ctx); late != nil {
				return late
			}
		}
		return err
	}()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, c)
	return c.Err
}

// Owner implements [Backend]. It has no latency, as it is part of a return.
func (m *Mock) Owner(ctx context.Context, orderID string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.orders[orderID]
	if !ok {
		return "", ErrNotFound
	}
	return o.CustomerID, ctx.Err()
}

// Order implements [Backend].
func (m *Mock) Order(ctx context.Context, as Viewer, orderID string) (*Order, error) {
	var found Order
	err := m.call(ctx, MockCall{Tool: ToolOrder, As: as, Query: orderID}, func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		o, ok := m.orders[orderID]
		if !ok || !as.Sees(o.CustomerID) {
			return ErrNotFound
		}
		found = o.Clone()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &found, nil
}

// Customer implements [Backend].
func (m *Mock) Customer(ctx context.Context, as Viewer, idOrEmail string) (*Profile, error) {
	var found Profile
	err := m.call(ctx, MockCall{Tool: ToolCustomer, As: as, Query: idOrEmail}, func() error {
		i := slices.IndexFunc(m.profiles, func(p Profile) bool {
			return p.CustomerID == idOrEmail || strings.EqualFold(p.Email, idOrEmail)
		})
		if i < 0 || !as.Sees(m.profiles[i].CustomerID) {
			return ErrNotFound
		}
		found = m.profiles[i]
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &found, nil
}

// Orders implements [Backend]. It has no latency, as it is part of the lookup of a customer.
func (m *Mock) Orders(ctx context.Context, as Viewer, customerID string, limit int) ([]Order, error) {
	if !as.Sees(customerID) {
		return nil, ErrNotFound
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	list := []Order{}
	for _, o := range m.orders {
		if o.CustomerID == customerID {
			list = append(list, o.Clone())
		}
	}
	slices.SortFunc(list, func(a, b Order) int {
		// Within a day sort by ID, as the map has no order.
		return strings.Compare(string(b.OrderDate)+b.ID, string(a.OrderDate)+a.ID)
	})
	return list[:min(len(list), max(limit, 0))], ctx.Err()
}

// Return implements [Backend].
func (m *Mock) Return(ctx context.Context, as Viewer, key string, req ReturnRequest) (*Return, error) {
	var made Return
	err := m.call(ctx, MockCall{Tool: ToolReturn, As: as, Query: req.OrderID, Key: key}, func() (err error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		made, err = m.makeReturn(as, key, req)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &made, nil
}

func (m *Mock) makeReturn(as Viewer, key string, req ReturnRequest) (Return, error) {
	if key == "" {
		return Return{}, errors.New("the return has no idempotency key: pass CallInfo.Key")
	}
	o, ok := m.orders[req.OrderID]
	if !ok || !as.Sees(o.CustomerID) {
		return Return{}, ErrNotFound
	}
	if old, again := m.byKey[key]; again {
		if !old.Request.Equal(req) {
			return Return{}, fmt.Errorf("the idempotency key belongs to return %s of another request: use a new key", old.Return.ID)
		}
		return old.Return.clone(), nil
	}
	r, after, err := DecideReturn(o, req, firstReturn+len(m.returns), m.now())
	if err != nil {
		return Return{}, err
	}
	m.orders[o.ID] = after
	m.byKey[key] = MockReturn{Key: key, As: as, Request: req.clone(), Return: r}
	m.returns = append(m.returns, m.byKey[key])
	return r.clone(), nil
}

// Stock implements [Backend].
func (m *Mock) Stock(ctx context.Context, code string) (*Stock, error) {
	var found Stock
	err := m.call(ctx, MockCall{Tool: ToolStock, Query: code}, func() error {
		i := slices.IndexFunc(m.stock, func(s Stock) bool { return s.SKU == code || s.UPC != "" && s.UPC == code })
		if i < 0 {
			return ErrNotFound
		}
		found = m.stock[i].clone()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &found, nil
}

// Products implements [Backend].
func (m *Mock) Products(ctx context.Context, codeOrName string) ([]Product, error) {
	var found []Product
	err := m.call(ctx, MockCall{Tool: ToolProduct, Query: codeOrName}, func() (err error) {
		found, err = m.products.find(codeOrName)
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}
