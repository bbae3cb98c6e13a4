package ecommerce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall"
)

// An Envelope is the result of every tool: the data, or the reason why it is missing.
type Envelope[T any] struct {
	Success    bool          `json:"success"`
	Data       *T            `json:"data,omitempty"`
	Error      string        `json:"error,omitempty"`
	OrderID    string        `json:"order_id,omitempty"`
	SKU        string        `json:"sku,omitempty"`
	Candidates []ProductName `json:"candidates,omitempty"`
}

func ok[T any](data T) (Envelope[T], error) { return Envelope[T]{Success: true, Data: &data}, nil }

// refuse turns a refusal into an answer and returns any other error unchanged. Every error
// passes it, so that a refusal is an answer whatever method returned it.
func refuse[T any](err error) (Envelope[T], error) {
	r, is := errors.AsType[*Refusal](err)
	if !is {
		return Envelope[T]{}, err
	}
	return Envelope[T]{Error: r.Message, OrderID: r.OrderID, SKU: r.SKU, Candidates: r.Candidates}, nil
}

// historyLength is the number of orders in a customer's history.
const historyLength = 10

// A CustomerInfo is the result of get_customer_info.
type CustomerInfo struct {
	Profile
	// OrderHistory is newest first. It is nil if it was not requested.
	OrderHistory []OrderSummary `json:"order_history,omitzero"`
}

// A service implements the tools. It alone calls the Backend, and it checks access: on every
// result, whatever the Backend checked, and before any effect.
type service struct {
	b Backend
	options
}

// found returns ErrNotFound for nil without an error.
func found[T any](v *T, err error) (*T, error) {
	if v == nil && err == nil {
		return nil, ErrNotFound
	}
	return v, err
}

func (s service) order(ctx context.Context, as Viewer, q OrderQuery) (Envelope[Order], error) {
	o, err := found(s.b.Order(ctx, as, q.OrderID))
	if errors.Is(err, ErrNotFound) || err == nil && (o.ID != q.OrderID || !as.Sees(o.CustomerID)) {
		return refuse[Order](orderNotFound(q.OrderID))
	}
	if err != nil {
		return refuse[Order](err)
	}
	shown := o.Clone()
	if !q.IncludeTracking {
		shown.Tracking = nil
	}
	return ok(shown)
}

func (s service) processReturn(ctx context.Context, as Viewer, call funcall.CallInfo, req ReturnRequest) (Envelope[Return], error) {
	owner, err := s.b.Owner(ctx, req.OrderID)
	if errors.Is(err, ErrNotFound) || err == nil && !as.Sees(owner) {
		return refuse[Return](orderNotFound(req.OrderID))
	}
	if err != nil {
		return refuse[Return](err)
	}
	if err := s.checkApproval(ctx, as, call, req); err != nil {
		return refuse[Return](err)
	}
	r, err := s.b.Return(ctx, as, call.Key, req)
	switch {
	case errors.Is(err, ErrNotFound):
		return refuse[Return](orderNotFound(req.OrderID))
	case errors.Is(err, ErrInvalidOrder): // no return was made
		return refuse[Return](err)
	case err == nil && r == nil:
		err = errors.New("the backend returned neither a return nor an error")
	}
	if err != nil {
		return uncertain(refuse[Return](err))
	}
	return ok(*r)
}

// uncertain marks an error after a return was sent to the Backend as in doubt. The return may
// have been made: a model that read "failed" would call again under a new key, and the
// customer would be paid twice.
func uncertain(a Envelope[Return], err error) (Envelope[Return], error) {
	if err != nil {
		err = funcall.InDoubt(err)
	}
	return a, err
}

func (s service) customer(ctx context.Context, as Viewer, q CustomerQuery) (Envelope[CustomerInfo], error) {
	if q.ID == Me {
		if q.ID = as.CustomerID(); q.ID == "" {
			return refuse[CustomerInfo](customerNotFound)
		}
	}
	p, err := found(s.b.Customer(ctx, as, q.ID))
	if errors.Is(err, ErrNotFound) || err == nil && !as.Sees(p.CustomerID) {
		return refuse[CustomerInfo](customerNotFound)
	}
	if err != nil {
		return refuse[CustomerInfo](err)
	}
	info := CustomerInfo{Profile: *p}
	if q.IncludeOrderHistory {
		orders, err := s.b.Orders(ctx, as, p.CustomerID, historyLength)
		if err != nil {
			return refuse[CustomerInfo](err)
		}
		info.OrderHistory = history(orders, p.CustomerID)
	}
	return ok(info)
}

// history sorts, filters and bounds a Backend's orders.
func history(orders []Order, customerID string) []OrderSummary {
	list := []OrderSummary{}
	for _, o := range orders {
		if o.CustomerID == customerID {
			list = append(list, OrderSummary{ID: o.ID, Date: o.OrderDate, Status: o.Status, Total: o.Total})
		}
	}
	slices.SortStableFunc(list, func(a, b OrderSummary) int { return strings.Compare(string(b.Date), string(a.Date)) })
	return list[:min(len(list), historyLength)]
}

var customerNotFound = &Refusal{Message: "Customer not found"}

// noViewer is the answer about the catalog and the stock in a session without a subject.
var noViewer = &Refusal{Message: "Nothing can be shown: the session has no customer, visitor or staff member"}

func (s service) stock(ctx context.Context, as Viewer, q StockQuery) (Envelope[Availability], error) {
	if as.IsZero() {
		return refuse[Availability](noViewer)
	}
	st, err := found(s.b.Stock(ctx, q.SKU))
	if errors.Is(err, ErrNotFound) {
		var p *Product
		p, err = s.theProduct(ctx, q.SKU)
		if r, is := errors.AsType[*Refusal](err); is && r.SKU == "" {
			named := *r // r may be the Backend's
			named.SKU = short(q.SKU)
			err = &named
		}
		if err == nil {
			st, err = found(s.b.Stock(ctx, p.SKU))
		}
	}
	if errors.Is(err, ErrNotFound) {
		err = &Refusal{Message: productNotFound(q.SKU), SKU: short(q.SKU)}
	}
	if err != nil {
		return refuse[Availability](err)
	}
	a, err := st.For(q.ZIPCode, q.QuantityNeeded)
	if err != nil {
		return refuse[Availability](err)
	}
	return ok(*a)
}

func (s service) product(ctx context.Context, as Viewer, q ProductQuery) (Envelope[ProductInfo], error) {
	if as.IsZero() {
		return refuse[ProductInfo](noViewer)
	}
	p, err := s.theProduct(ctx, q.SKU)
	if errors.Is(err, ErrNotFound) {
		err = &Refusal{Message: productNotFound(q.SKU)}
	}
	if err != nil {
		return refuse[ProductInfo](err)
	}
	return ok(p.Info(q.InfoType))
}

// theProduct returns the one product that a code or a name means. If there are several, the
// error is a Refusal with the candidates.
func (s service) theProduct(ctx context.Context, query string) (*Product, error) {
	list, err := s.b.Products(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return nil, ErrNotFound
	case len(list) == 1:
		return &list[0], nil
	}
	r := &Refusal{Candidates: candidates(list)}
	r.Message = fmt.Sprintf("%d products match %s; ask again with the SKU of one", len(list), short(query))
	if left := len(list) - len(r.Candidates); left > 0 {
		r.Message += fmt.Sprintf(". The candidates are the first %d", len(r.Candidates))
	}
	return nil, r
}

func orderNotFound(id string) *Refusal {
	return &Refusal{Message: "Order not found", OrderID: short(id)}
}

func productNotFound(code string) string { return fmt.Sprintf("Product %s not found", short(code)) }
