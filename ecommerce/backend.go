package ecommerce

import (
	"context"
	"errors"
)

// ErrNotFound is what a [Backend] returns for what does not exist, and for
// what its viewer may not see: the two must not be told apart.
var ErrNotFound = errors.New("not found")

// A Backend is a shop's own systems behind the five tools. Implement it over
// what you have; [Mock] is one in memory.
//
// A Backend must be safe for concurrent use, and give up soon once ctx is
// done. What is not there is [ErrNotFound]; to look something up and return
// nothing, with no error, means the same. A business reason against anything
// is a [*Refusal], from whichever method, which the model reads and explains.
// Every other error is a failure of the shop's, and its text never reaches the
// model.
//
// The viewer is passed so that a Backend can ask its systems for no more than
// is allowed. Access does not hang on that: the tools check everything that a
// Backend returns, and whose an order is before anything is done to it.
type Backend interface {
	// Owner returns the id of the customer whose order it is. The tools ask
	// before every return, so that no return of a stranger's order begins.
	Owner(ctx context.Context, orderID string) (customerID string, err error)

	// Order returns the order with exactly that id, and its tracking if there is
	// one. An order with another id counts as not found.
	Order(ctx context.Context, as Viewer, orderID string) (*Order, error)

	// Customer returns a profile by the customer's id, or by e-mail whatever
	// the case of its letters.
	Customer(ctx context.Context, as Viewer, idOrEmail string) (*Profile, error)

	// Orders returns a customer's newest orders, at most limit of them, newest
	// first. A customer without any gets an empty list.
	Orders(ctx context.Context, as Viewer, customerID string, limit int) ([]Order, error)

	// Return starts a return, or says with a [*Refusal] why not;
	// [DecideReturn] knows the rules.
	//
	// A Refusal and ErrNotFound promise that no return was made. Every other
	// error leaves that open, as a connection does that breaks before the reply:
	// the call is then in doubt ([funcall.InDoubt]), and the model is told not to
	// repeat it. So is one that returns nothing with no error.
	//
	// The key is the idempotency key: a Backend stores it with the return, in
	// one transaction, and answers a key that it has seen with the return that
	// it then made. The same key with another request is an error.
	Return(ctx context.Context, as Viewer, key string, req ReturnRequest) (*Return, error)

	// Stock returns a product's stock, by SKU or UPC. It is the same for every
	// viewer, as the catalog is.
	Stock(ctx context.Context, code string) (*Stock, error)

	// Products returns the product with an SKU or UPC or, where there is none,
	// all with exactly that name, whatever the case of its letters. None is an
	// empty list or ErrNotFound.
	Products(ctx context.Context, codeOrName string) ([]Product, error)
}

// A Refusal is a shop's no for a business reason. To whoever calls a Backend
// it is an error, to the model an answer with "success": false.
type Refusal struct {
	// Message is read by the model and retold to the customer. It must not
	// tell what the viewer may not see.
	Message string
	OrderID string        // the order in question, if there is one
	SKU     string        // the product in question, if there is one
	Matches []ProductName // what an ambiguous name could mean
}

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

// Reserved subjects. They can be no customer's id, because of their angle
// brackets.
const (
	// OperatorSubject is the subject of a session of the shop's own staff, who
	// see all customers.
	OperatorSubject = "<operator>"
	// VisitorSubject is the subject of a session of somebody who has not
	// signed in: there are the catalog and the stock, and no customers.
	VisitorSubject = "<visitor>"
)

// A Viewer is on whose behalf a Backend is asked: one customer, the operator,
// a visitor, or, as its zero value, nobody, who sees nothing at all.
type Viewer struct{ subject string }

// ViewerFor returns the viewer that a session's subject stands for.
func ViewerFor(subject string) Viewer { return Viewer{subject} }

// IsOperator reports whether v sees everything.
func (v Viewer) IsOperator() bool { return v.subject == OperatorSubject }

// IsNobody reports whether v sees nothing: somebody forgot to say for whom the
// session is.
func (v Viewer) IsNobody() bool { return v.subject == "" }

// CustomerID returns the customer that v is, or "" where it is none.
func (v Viewer) CustomerID() string {
	if v.subject == OperatorSubject || v.subject == VisitorSubject {
		return ""
	}
	return v.subject
}

// Sees reports whether v may see what belongs to a customer. What belongs to
// no customer (an empty id) is for the operator alone.
func (v Viewer) Sees(customerID string) bool {
	return v.IsOperator() || customerID != "" && v.CustomerID() == customerID
}

// String names the viewer, for logs.
func (v Viewer) String() string {
	if v.IsNobody() {
		return "nobody"
	}
	return v.subject
}
