package ecommerce_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"reflect"
	"sync"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/provider/providertest"
)

func Example() {
	shop := ecommerce.NewMock()
	agent, err := funcall.New(offline.New(), funcall.Config{
		Instructions: ecommerce.Policy,
		RunOptions:   ecommerce.RunOptions(shop, ecommerce.ReferenceTime),
		Tools:        ecommerce.Tools(shop),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, customer := range []string{"CUST-8765", "CUST-9821"} {
		chat := agent.Session("ticket-of-"+customer, ecommerce.Customer(customer))
		res, err := chat.Send(context.Background(), "What is the status of ORD-91234?")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(res.Text())
	}
	// Output:
	// Order ORD-91234 is being processed and should arrive by 2024-11-22. It holds 1 x Mechanical Keyboard RGB at $149.99; the total is $149.99.
	// I cannot find an order ORD-91234. Please check its number.
}

// If a fault strikes after the effect, a repetition without the idempotency key makes a second
// return. The tool reports the call as in doubt, so that the model does not repeat it. A
// repetition with the same key makes no second return.
func ExampleMock_Fault() {
	shop := ecommerce.NewMock(ecommerce.Latency(0))
	shop.Fault(ecommerce.ToolReturn, ecommerce.Fail(errors.New("connection lost")).AfterEffect().Times(1))

	sarah := ecommerce.ViewerFor("CUST-9821")
	request := ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonDefective}
	for range 2 {
		r, err := shop.Return(context.Background(), sarah, "the-same-key", request)
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println(r.ID, r.RefundAmount)
	}
	fmt.Println("returns made:", len(shop.Returns()))
	// Output:
	// error: connection lost
	// RET-100001 115.97
	// returns made: 1
}

// shop is a Backend over a database. A lock stands for its transactions.
type shop struct {
	mu       sync.Mutex
	orders   map[string]ecommerce.Order
	returns  map[string]made // by idempotency key
	products []ecommerce.Product
}

// made is a row of the table of returns.
type made struct {
	request ecommerce.ReturnRequest
	answer  ecommerce.Return
}

// Owner is called before every return, for any viewer.
func (s *shop) Owner(_ context.Context, orderID string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.orders[orderID]
	if !ok {
		return "", ecommerce.ErrNotFound
	}
	return o.CustomerID, nil
}

func (s *shop) Order(_ context.Context, as ecommerce.Viewer, orderID string) (*ecommerce.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.orders[orderID] // select … where id = $1 and (customer_id = $2 or $3)
	if !ok || !as.Sees(o.CustomerID) {
		return nil, ecommerce.ErrNotFound
	}
	o = o.Clone()
	return &o, nil
}

func (s *shop) Return(_ context.Context, as ecommerce.Viewer, key string, req ecommerce.ReturnRequest) (*ecommerce.Return, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, seen := s.returns[key]; seen { // a repetition: return what was done
		if !reflect.DeepEqual(old.request, req) {
			return nil, errors.New("the key was used for another return")
		}
		return &old.answer, nil
	}
	o, ok := s.orders[req.OrderID]
	if !ok || !as.Sees(o.CustomerID) {
		return nil, ecommerce.ErrNotFound
	}
	r, after, err := ecommerce.DecideReturn(o, req, len(s.returns)+1, time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC))
	if err != nil {
		return nil, err // a *Refusal: nothing was done
	}
	s.orders[o.ID] = after
	s.returns[key] = made{req, r}
	return &r, nil
}

func (s *shop) Customer(context.Context, ecommerce.Viewer, string) (*ecommerce.Profile, error) {
	return nil, ecommerce.ErrNotFound
}

func (s *shop) Orders(context.Context, ecommerce.Viewer, string, int) ([]ecommerce.Order, error) {
	return nil, nil
}

func (s *shop) Stock(context.Context, string) (*ecommerce.Stock, error) {
	return nil, &ecommerce.Refusal{Message: "Stock is counted at night; ask again tomorrow"}
}

func (s *shop) Products(_ context.Context, codeOrName string) ([]ecommerce.Product, error) {
	return ecommerce.FindProducts(s.products, codeOrName)
}

// The five tools over a shop's own systems.
func ExampleBackend() {
	data := ecommerce.ReferenceData()
	s := &shop{orders: map[string]ecommerce.Order{}, returns: map[string]made{}, products: data.Products}
	for _, o := range data.Orders {
		s.orders[o.ID] = o
	}
	agent, err := funcall.New(providertest.NewScript(nil,
		providertest.Call(ecommerce.ToolReturn, `{"order_id":"ORD-78342","reason":"defective","items_to_return":[0],"request_pickup":false}`),
		providertest.Call(ecommerce.ToolReturn, `{"order_id":"ORD-91234","reason":"changed_mind"}`), // another customer's
		providertest.Call(ecommerce.ToolStock, `{"product_sku":"WEP-2024"}`),
		providertest.Say("The return of your earbuds is under way.")),
		funcall.Config{Instructions: ecommerce.Policy, Tools: ecommerce.Tools(s)})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Session("ticket-4711", ecommerce.Customer("CUST-9821")).Send(context.Background(), "Return the earbuds, please.")
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range res.Calls[1:] {
		fmt.Println(c.Text())
	}
	for key, r := range s.returns {
		fmt.Println(key, r.answer.ID, r.answer.RefundAmount)
	}
	// Output:
	// {"success":false,"error":"Order not found","order_id":"ORD-91234"}
	// {"success":false,"error":"Stock is counted at night; ask again tomorrow"}
	// ticket-4711/1.0 RET-000001 89.99
}

// A refusal with a reason that the customer is told.
func ExampleRefusal() {
	order := ecommerce.Order{ID: "ORD-10001", Status: ecommerce.StatusProcessing}
	_, _, err := ecommerce.DecideReturn(order, ecommerce.ReturnRequest{Reason: ecommerce.ReasonChangedMind}, 1, time.Now())
	if refusal, ok := errors.AsType[*ecommerce.Refusal](err); ok {
		fmt.Println(refusal.Message)
	}
	// Output: Order ORD-10001 cannot be returned: it is still being processed and has not been shipped. It can be cancelled instead.
}

// A Backend calls the shop's rules in its transaction.
func ExampleDecideReturn() {
	order := ecommerce.Order{
		ID: "ORD-10001", CustomerID: "CUST-9821", Status: ecommerce.StatusDelivered,
		Items: []ecommerce.Item{
			{Name: "Lamp", SKU: "L-1", Qty: 2, Price: 1999},
			{Name: "Bulb", SKU: "B-1", Qty: 1, Price: 499},
		},
		Total: 4497,
	}
	request := ecommerce.ReturnRequest{OrderID: order.ID, Reason: ecommerce.ReasonDefective, Items: []int{0}, Quantities: []int{1}, Pickup: true}
	today := time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC)

	r, after, err := ecommerce.DecideReturn(order, request, 100001, today)
	fmt.Println(r.ID, r.ItemsAccepted, r.Quantities, r.RefundAmount, *r.PickupDate, err)

	request.Quantities = []int{2}
	_, _, err = ecommerce.DecideReturn(after, request, 100002, today)
	fmt.Println(err)

	after.Items[1].Price = -499
	_, _, err = ecommerce.DecideReturn(after, request, 100002, today)
	fmt.Println(errors.Is(err, ecommerce.ErrInvalidOrder), err)
	// Output:
	// RET-100001 [Lamp] [1] 19.99 2024-11-25 <nil>
	// The quantity 2 of item 0 (Lamp) is not possible: 1 of its 2 pieces are left; give a quantity from 1 to 1.
	// true invalid order ORD-10001: item 1 (Bulb): invalid price of 1 pieces at -4.99: both must be 0 or more: correct the order in the shop's data
}
