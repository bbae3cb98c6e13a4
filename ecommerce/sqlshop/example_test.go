package sqlshop_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/ecommerce/sqlshop"
)

// temporary opens a shop in a new file.
func temporary() (*sqlshop.Shop, func()) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	shop, err := sqlshop.Open(context.Background(), filepath.Join(dir, "shop.db"), sqlshop.Clock(day), sqlshop.Seed(ecommerce.ReferenceData()))
	if err != nil {
		log.Fatal(err)
	}
	return shop, func() {
		shop.Close()
		os.RemoveAll(dir)
	}
}

// The five tools over a shop in a file.
func ExampleOpen() {
	shop, done := temporary()
	defer done()
	agent, err := funcall.New(offline.New(), funcall.Config{Instructions: ecommerce.Policy, Tools: ecommerce.Tools(shop)})
	if err != nil {
		log.Fatal(err)
	}
	res, err := agent.Run(context.Background(), "What is the status of ORD-91234?", ecommerce.Customer("CUST-8765"))
	fmt.Println(res.Text(), err)
	// Output: Order ORD-91234 is being processed and should arrive by 2024-11-22. It holds 1 x Mechanical Keyboard RGB at $149.99; the total is $149.99. <nil>
}

// The same key gives the same return.
func ExampleShop_Return() {
	shop, done := temporary()
	defer done()
	for range 2 {
		r, err := shop.Return(context.Background(), ecommerce.ViewerFor("CUST-9821"), "ticket-4711/3.0", ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonDefective})
		fmt.Println(r.ID, r.RefundAmount, err)
	}
	var made []sqlshop.ReturnRecord
	made, err := shop.Returns(context.Background())
	fmt.Println(len(made), err)
	// Output:
	// RET-100001 115.97 <nil>
	// RET-100001 115.97 <nil>
	// 1 <nil>
}

// The lookups of a shop.
func Example_lookups() {
	shop, done := temporary()
	defer done()
	ctx, sarah := context.Background(), ecommerce.ViewerFor("CUST-9821")
	owner, _ := shop.Owner(ctx, "ORD-78342")
	order, _ := shop.Order(ctx, sarah, "ORD-78342")
	customer, _ := shop.Customer(ctx, sarah, "sarah.johnson@example.com")
	orders, _ := shop.Orders(ctx, sarah, "CUST-9821", 10)
	stock, _ := shop.Stock(ctx, "WEP-2024")
	products, _ := shop.Products(ctx, "wireless earbuds pro")
	fmt.Println(owner, order.Total, customer.Tier, len(orders), stock.Quantity, products[0].Price)
	// Output: CUST-9821 115.97 Gold 4 47 89.99
}

func ExampleClock() {
	_ = sqlshop.Clock(day) // a fixed day, for tests
}

func ExampleSeed() {
	fill := []sqlshop.Option{sqlshop.Seed(ecommerce.Data{})} // an empty shop
	_ = fill
}

func ExampleShop_Close() {
	shop, done := temporary()
	defer done()
	fmt.Println(shop.Close())
	// Output: <nil>
}
