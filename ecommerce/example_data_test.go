package ecommerce_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"slices"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
)

// asking runs one question in a session with that option.
func asking(who funcall.RunOption, question string) {
	shop := ecommerce.NewMock(ecommerce.Latency(0))
	agent, err := funcall.New(offline.New(), funcall.Config{
		Instructions: ecommerce.Policy,
		RunOptions:   ecommerce.RunOptions(shop, ecommerce.ReferenceTime),
		Tools:        ecommerce.Tools(shop),
	})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), question, who)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Text())
}

func ExampleCustomer() {
	asking(ecommerce.Customer("CUST-9821"), "What tier is my account?")
	// Output: Sarah Johnson (CUST-9821, sarah.johnson@example.com) is a Gold member since 2022-03-15, with 23 orders and $2847.50 spent.
}

func ExampleVisitor() {
	asking(ecommerce.Visitor(), "What is the warranty of WEP-2024?")
	asking(ecommerce.Visitor(), "What is the status of ORD-91234?")
	// Output:
	// Wireless Earbuds Pro (WEP-2024). Warranty: 2-year limited warranty. It covers: Manufacturing defects and malfunctions. Contact support for warranty claims.
	// I cannot find an order ORD-91234. Please check its number.
}

func ExampleOperator() {
	asking(ecommerce.Operator(), "What is the status of ORD-91234?")
	// Output: Order ORD-91234 is being processed and should arrive by 2024-11-22. It holds 1 x Mechanical Keyboard RGB at $149.99; the total is $149.99.
}

// The model knows the customer's name from the instructions of the run. A shop with real data
// passes time.Now.
func ExampleRunOptions() {
	asking(ecommerce.Customer("CUST-9821"), "Hello!")
	// Output: Hello, Sarah Johnson! I am a set of offline rules, not a language model. I can look up an order, check a product's stock, tell a product's specifications, warranty and shipping, show a customer's profile, and start a return.
}

// The five tools by name.
func ExampleTools() {
	for _, t := range ecommerce.Tools(ecommerce.NewMock()) {
		fmt.Println(t.Name())
	}
	// Output:
	// get_order_status
	// check_product_availability
	// process_return
	// get_customer_info
	// get_product_info
}

func ExampleViewerFor() {
	for _, subject := range []string{"CUST-9821", ecommerce.VisitorSubject, ecommerce.OperatorSubject, ""} {
		v := ecommerce.ViewerFor(subject)
		fmt.Printf("%v %q %v %v %v %v\n", v, v.CustomerID(), v.Sees("CUST-9821"), v.Sees("CUST-8765"), v.IsOperator(), v.IsZero())
	}
	// Output:
	// CUST-9821 "CUST-9821" true false false false
	// <visitor> "" false false false false
	// <operator> "" true true true false
	// no subject "" false false false true
}

// A shop for a test: its own orders, no latency, a fixed clock, and repeatable faults.
func ExampleNewMock() {
	data := ecommerce.ReferenceData()
	data.Orders = data.Orders[:1]
	shop := ecommerce.NewMock(
		ecommerce.With(data),
		ecommerce.Latency(0),
		ecommerce.Clock(func() time.Time { return time.Date(2025, 1, 7, 9, 0, 0, 0, time.UTC) }),
		ecommerce.Seed(1))

	r, err := shop.Return(context.Background(), ecommerce.ViewerFor("CUST-9821"), "key-1",
		ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonDefective, Pickup: true})
	fmt.Println(r.ID, *r.PickupDate, err)
	owner, err := shop.Owner(context.Background(), "ORD-78342")
	fmt.Println(owner, err)
	for _, c := range shop.Calls() {
		fmt.Println(c.Tool, c.As, c.Query, c.Key, c.Err)
	}
	// Output:
	// RET-100001 2025-01-12 <nil>
	// CUST-9821 <nil>
	// process_return CUST-9821 ORD-78342 key-1 <nil>
}

func ExampleReferenceData() {
	for _, p := range ecommerce.ReferenceData().Products {
		fmt.Println(p.SKU, p.Name, p.Price)
	}
	// Output:
	// WEP-2024 Wireless Earbuds Pro 89.99
	// MKR-104 Mechanical Keyboard RGB 149.99
	// UHD-4K-55 55-inch 4K Smart TV 549.99
	// UCC-2M USB-C Charging Cable 12.99
}

func ExampleReferenceTime() {
	fmt.Println(ecommerce.ReferenceTime().Format(time.DateOnly))
	// Output: 2024-11-20
}

func ExampleLatency() {
	shop := ecommerce.NewMock(ecommerce.Latency(0)) // tests need not wait for it
	_, err := shop.Stock(context.Background(), "WEP-2024")
	fmt.Println(err)
	// Output: <nil>
}

// The clock determines the date of a pickup.
func ExampleClock() {
	shop := ecommerce.NewMock(ecommerce.Latency(0),
		ecommerce.Clock(func() time.Time { return time.Date(2025, 2, 27, 9, 0, 0, 0, time.UTC) }))
	r, err := shop.Return(context.Background(), ecommerce.ViewerFor("CUST-9821"), "key-1",
		ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonDefective, Pickup: true})
	fmt.Println(*r.PickupDate, err)
	// Output: 2025-03-04 <nil>
}

// With a seed, random faults repeat.
func ExampleSeed() {
	strikes := func() (list []bool) {
		shop := ecommerce.NewMock(ecommerce.Latency(0), ecommerce.Seed(42))
		shop.Fault(ecommerce.ToolStock, ecommerce.Fail(errors.New("down")).Chance(0.5))
		for range 8 {
			_, err := shop.Stock(context.Background(), "WEP-2024")
			list = append(list, err != nil)
		}
		return list
	}
	first, again := strikes(), strikes()
	fmt.Println(slices.Equal(first, again))
	// Output: true
}

// A shop with other data.
func ExampleWith() {
	shop := ecommerce.NewMock(ecommerce.Latency(0), ecommerce.With(ecommerce.Data{
		Stock: []ecommerce.Stock{{SKU: "L-1", Name: "Lamp", Quantity: 3}},
	}))
	st, err := shop.Stock(context.Background(), "L-1")
	fmt.Println(st.Name, st.Quantity, err)
	// Output: Lamp 3 <nil>
}

func ExampleFail() {
	shop := ecommerce.NewMock(ecommerce.Latency(0))
	shop.Fault(ecommerce.ToolOrder, ecommerce.Fail(errors.New("db-7 is down")).Times(1))
	sarah := ecommerce.ViewerFor("CUST-9821")
	for range 2 {
		_, err := shop.Order(context.Background(), sarah, "ORD-78342")
		fmt.Println(err)
	}
	shop.ClearFaults()
	// Output:
	// db-7 is down
	// <nil>
}

// A shop that hangs. Callers need a deadline, as every tool has.
func ExampleHang() {
	shop := ecommerce.NewMock(ecommerce.Latency(0))
	shop.Fault(ecommerce.ToolStock, ecommerce.Hang())
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := shop.Stock(ctx, "WEP-2024")
	fmt.Println(err)
	// Output: context deadline exceeded
}

func ExampleSlow() {
	shop := ecommerce.NewMock(ecommerce.Latency(0))
	shop.Fault(ecommerce.ToolStock, ecommerce.Slow(time.Millisecond))
	_, err := shop.Stock(context.Background(), "WEP-2024")
	fmt.Println(err)
	// Output: <nil>
}

// Money is exact, also in JSON.
func ExampleParseMoney() {
	price, err := ecommerce.ParseMoney("115.97")
	fmt.Println(price, err)

	b, err := json.Marshal(map[string]ecommerce.Money{"refund": price})
	fmt.Println(string(b), err)

	_, err = ecommerce.ParseMoney("1e2")
	fmt.Println(err)
	// Output:
	// 115.97 <nil>
	// {"refund":115.97} <nil>
	// invalid amount "1e2": write it with digits and a point, such as 115.97
}

func ExampleMoney_Times() {
	fmt.Println(ecommerce.Money(11597).Times(3))
	fmt.Println(ecommerce.Money(math.MaxInt64).Times(2))
	// Output:
	// 347.91 <nil>
	// 0.00 the price of 2 pieces at 92233720368547758.07 is too large
}

func ExampleDateOf() {
	fmt.Println(ecommerce.DateOf(time.Date(2024, 11, 20, 23, 59, 0, 0, time.UTC)))
	// Output: 2024-11-20
}

func ExampleStock_For() {
	stock := ecommerce.Stock{SKU: "L-1", Name: "Lamp", Quantity: 7, Warehouses: []ecommerce.Warehouse{
		{Location: "Chicago, IL", Qty: 5, ShipsIn: "1-2 days"},
		{Location: "Dallas, TX", Qty: 2, ShipsIn: "2-3 days"},
	}}
	a, err := stock.For("75201", 3)
	fmt.Println(a.MeetsQuantity, a.ClosestWarehouse.Location, err)

	_, err = stock.For("Dallas", 3)
	fmt.Println(err)
	// Output:
	// true Dallas, TX <nil>
	// "Dallas" is not a valid ZIP code: it has five digits, such as 62704
}

// A Backend finds the product that a customer's words mean.
func ExampleFindProducts() {
	catalog := ecommerce.ReferenceData().Products
	for _, query := range []string{"WEP-2024", "earbuds", "mechanical keybords", "usb c cable", "WEP-2025", "toaster"} {
		found, err := ecommerce.FindProducts(catalog, query)
		if err != nil {
			fmt.Printf("%s: %v\n", query, err)
			continue
		}
		fmt.Printf("%s: %s\n", query, found[0].Name)
	}
	// Output:
	// WEP-2024: Wireless Earbuds Pro
	// earbuds: Wireless Earbuds Pro
	// mechanical keybords: Mechanical Keyboard RGB
	// usb c cable: USB-C Charging Cable
	// WEP-2025: Product WEP-2025 not found; ask which of the candidates is meant
	// toaster: not found
}

func ExampleProduct_Info() {
	p := ecommerce.ReferenceData().Products[0]
	b, err := json.Marshal(p.Info(ecommerce.InfoWarranty))
	fmt.Println(string(b), err)
	// Output: {"sku":"WEP-2024","name":"Wireless Earbuds Pro","warranty":{"type":"2-year limited warranty","coverage":"Manufacturing defects and malfunctions","process":"Contact support for warranty claims"}} <nil>
}
