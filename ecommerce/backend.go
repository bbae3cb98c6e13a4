package ecommerce

import (
	"context"
	"errors"
)

// ErrNotFound is the error of a [Backend] for missing data, and for data that the viewer may
// not see. The two are indistinguishable.
var ErrNotFound = errors.New("not found")

// ErrInvalidOrder is wrapped by the error of [DecideReturn] for an order whose numbers are
// impossible, such as a negative price or more returned pieces than bought ones.
var ErrInvalidOrder = errors.New("invalid order")

// A Backend gives the five tools access to a shop's systems. [Mock] is one in memory.
//
// A Backend must be safe for concurrent use, and must return soon once ctx is done. If
// something does not exist, return [ErrNotFound]; nil without an error means the same. If
// there is a business reason against a request, return a [*Refusal] from any method: the model
// reads and explains it. Any other error is a failure of the shop, and its text never reaches
// the model.
//
// The viewer lets a Backend query no more than is allowed. Access does not depend on it: the
// tools check what a Backend returns, and an order's owner before any effect.
type Backend interface {
	// Owner returns the ID of the order's customer. The tools call it before every return, so
	// a return of another customer's order never begins.
	Owner(ctx context.Context, orderID string) (customerID string, err error)

	// Order returns the order with that ID, with its returns, and its tracking if there is one.
	// If Order returns an order with another ID, the tools treat it as not found.
	Order(ctx context.Context, as Viewer, orderID string) (*Order, error)

	// Customer returns a profile by the customer's ID, or by e-mail in any case of letters.
	Customer(ctx context.Context, as Viewer, idOrEmail string) (*Profile, error)

	// Orders returns up to limit orders of a customer, newest first. If there are none, the
	// list is empty.
	Orders(ctx context.Context, as Viewer, customerID string, limit int) ([]Order, error)

	// Return starts a return, or returns a [*Refusal] with the reason against it; see
	// [DecideReturn].
	//
	// A Refusal, ErrNotFound and ErrInvalidOrder mean that no return was made. After any other
	// error, or nil without an error, the outcome is unknown: the call is in doubt
	// ([funcall.InDoubt]), and the model is told not to repeat it.
	//
	// The key is the idempotency key. A Backend stores it with the return, in one transaction.
	// For a known key it returns the stored return. If a known key comes with another request,
	// it returns an error.
	Return(ctx context.Context, as Viewer, key string, req ReturnRequest) (*Return, error)

	// Stock returns a product's stock, by SKU or UPC. It is the same for every viewer. If no
	// product has the code, the tools ask Products what it means.
	Stock(ctx context.Context, code string) (*Stock, error)

	// Products returns the product that a code or a customer's words mean: a SKU, a UPC, a
	// name, a part of it, or a typing error; see [FindProducts]. If several fit, it returns all
	// of them: the model asks which one is meant. If none fits, it returns an empty list,
	// ErrNotFound, or a [*Refusal] with the closest products as candidates. It never returns a
	// product for a wrong code.
	Products(ctx context.Context, codeOrName string) ([]Product, error)
}

// A Refusal is a business reason against a request. For the caller of a Backend it is an
// error; the model reads it as an answer with "success": false.
type Refusal struct {
	// Message is read by the model and explained to the customer. It must not reveal what the
	// viewer may not see.
	Message    string
	OrderID    string        // the order in question, if there is one
	SKU        string        // the product in question, if there is one
	Candidates []ProductName // the products that a name could mean
}

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

// Reserved subjects. The angle brackets distinguish them from a customer's ID.
const (
	// OperatorSubject is the subject of a session of the shop's staff, who see all customers.
	OperatorSubject = "<operator>"
	// VisitorSubject is the subject of a session of a visitor who has not signed in, who sees
	// the catalog and the stock.
	VisitorSubject = "<visitor>"
)

// A Viewer is the person for whom a [Backend] is asked: a customer, the operator or a visitor.
// The zero Viewer sees nothing.
type Viewer struct{ subject string }

// ViewerFor returns the viewer of a session's subject.
func ViewerFor(subject string) Viewer { return Viewer{subject} }

// IsOperator reports whether v sees everything.
func (v Viewer) IsOperator() bool { return v.subject == OperatorSubject }

// IsZero reports whether v is the zero Viewer: the session has no subject, and v sees nothing.
func (v Viewer) IsZero() bool { return v.subject == "" }

// CustomerID returns the customer's ID, or "" if v is not a customer.
func (v Viewer) CustomerID() string {
	if v.subject == OperatorSubject || v.subject == VisitorSubject {
		return ""
	}
	return v.subject
}

// Sees reports whether v may see data of a customer. Data without a customer (an empty ID) is
// for the operator only.
func (v Viewer) Sees(customerID string) bool {
	return v.IsOperator() || customerID != "" && v.CustomerID() == customerID
}

// String returns the viewer's subject, or "no subject".
func (v Viewer) String() string {
	if v.IsZero() {
		return "no subject"
	}
	return v.subject
}
