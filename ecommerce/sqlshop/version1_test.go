package sqlshop_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/sqlshop"
	"github.com/funcall/funcall/internal/sqldb/sqlitedb"
)

// version1 makes a shop of schema version 1: its tables, and the rows that its code wrote for an
// order in transit, of which the keyboard was returned.
const version1 = `
CREATE TABLE customers (
	id TEXT PRIMARY KEY CHECK (id <> ''),
	email TEXT NOT NULL,
	folded_email TEXT NOT NULL UNIQUE, -- as it is looked up: without the case of its letters
	name TEXT NOT NULL,
	member_since TEXT NOT NULL,
	tier TEXT NOT NULL,
	total_orders INTEGER NOT NULL CHECK (total_orders >= 0),
	total_spent INTEGER NOT NULL CHECK (total_spent >= 0),
	address TEXT NOT NULL,
	phone TEXT NOT NULL
) STRICT;
CREATE TABLE products (
	sku TEXT PRIMARY KEY,
	upc TEXT UNIQUE,
	name TEXT NOT NULL,
	folded_name TEXT NOT NULL,
	price INTEGER NOT NULL CHECK (price >= 0),
	description TEXT NOT NULL,
	specs TEXT NOT NULL,
	warranty TEXT NOT NULL,
	shipping TEXT NOT NULL
) STRICT;
CREATE INDEX products_name ON products (folded_name);
CREATE TABLE stock (
	sku TEXT PRIMARY KEY,
	upc TEXT UNIQUE,
	name TEXT NOT NULL,
	available INTEGER NOT NULL CHECK (available IN (0, 1)),
	quantity INTEGER NOT NULL CHECK (quantity >= 0),
	delivery_range TEXT NOT NULL
) STRICT;
CREATE TABLE warehouses (
	sku TEXT NOT NULL REFERENCES stock (sku),
	line INTEGER NOT NULL,
	location TEXT NOT NULL,
	qty INTEGER NOT NULL CHECK (qty >= 0),
	ships_in TEXT NOT NULL,
	PRIMARY KEY (sku, line)
) STRICT;
CREATE TABLE orders (
	id TEXT PRIMARY KEY CHECK (id <> ''),
	customer_id TEXT NOT NULL REFERENCES customers (id),
	status TEXT NOT NULL CHECK (status IN ('processing', 'shipped', 'in_transit', 'delivered', 'cancelled', 'returned')),
	total INTEGER NOT NULL CHECK (total >= 0),
	order_date TEXT NOT NULL,
	shipping_address TEXT NOT NULL,
	estimated_delivery TEXT NOT NULL,
	tracking TEXT -- JSON, or NULL for none yet
) STRICT;
CREATE INDEX orders_customer ON orders (customer_id, order_date, id);
CREATE TABLE items (
	order_id TEXT NOT NULL REFERENCES orders (id),
	line INTEGER NOT NULL CHECK (line >= 0),
	name TEXT NOT NULL,
	sku TEXT NOT NULL,
	qty INTEGER NOT NULL CHECK (qty > 0),
	price INTEGER NOT NULL CHECK (price >= 0),
	returned INTEGER NOT NULL CHECK (returned IN (0, 1)),
	PRIMARY KEY (order_id, line)
) STRICT;
CREATE TABLE returns (
	number INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE CHECK (key <> ''), -- the idempotency key
	order_id TEXT NOT NULL REFERENCES orders (id),
	viewer TEXT NOT NULL,
	request TEXT NOT NULL,
	answer TEXT NOT NULL
) STRICT;
CREATE TABLE returned_items (
	order_id TEXT NOT NULL,
	line INTEGER NOT NULL,
	return INTEGER NOT NULL REFERENCES returns (number),
	PRIMARY KEY (order_id, line), -- so that no line is returned twice
	FOREIGN KEY (order_id, line) REFERENCES items (order_id, line)
) STRICT;
INSERT INTO customers VALUES ('CUST-9821', 'sarah.johnson@example.com', 'SARAH.JOHNSON@EXAMPLE.COM', 'Sarah Johnson', '2022-03-15', 'Gold', 23, 284750, '742 Evergreen Terrace', '+1-555-0123');
INSERT INTO products VALUES ('UCC-2M', '850012345048', 'USB-C Charging Cable', 'USB-C CHARGING CABLE', 1299, 'A cable', '{}', '{}', '{}');
INSERT INTO orders VALUES ('ORD-78342', 'CUST-9821', 'in_transit', 41689, '2024-11-15', '742 Evergreen Terrace', '2024-11-20', '{"carrier":"FastShip Express","tracking_number":"FS1","events":null}');
INSERT INTO items VALUES ('ORD-78342', 0, 'Mechanical Keyboard RGB', 'MKR-104', 2, 14999, 1);
INSERT INTO items VALUES ('ORD-78342', 1, 'USB-C Charging Cable', 'UCC-2M', 9, 1299, 0);
INSERT INTO items VALUES ('ORD-78342', 2, 'Gift Card', 'GC-1', 1, 0, 1);
INSERT INTO returns VALUES (100001, 'k1', 'ORD-78342', 'CUST-9821',
	'{"order_id":"ORD-78342","reason":"defective","items_to_return":[2,0]}',
	'{"return_id":"RET-100001","order_id":"ORD-78342","status":"return_initiated","reason":"defective","items_accepted":["Mechanical Keyboard RGB","Gift Card"],"return_label_url":"https://returns.example.com/label/RET-100001.pdf","return_instructions":"Pack it.","pickup_scheduled":false,"pickup_date":null,"refund_amount":299.98,"refund_method":"Original payment method","refund_timeline":"Soon"}');
INSERT INTO returned_items VALUES ('ORD-78342', 2, 100001);
INSERT INTO returned_items VALUES ('ORD-78342', 0, 100001);
PRAGMA user_version = 1;
`

// A file of version 1 keeps its orders and returns, and takes part returns from now on.
func TestVersion1IsMigrated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	db, err := sqlitedb.Open(t.Context(), path)
	if err == nil {
		_, err = db.Exec(version1)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	first := ecommerce.Return{
		ID: "RET-100001", OrderID: "ORD-78342", Status: ecommerce.ReturnInitiated, Reason: ecommerce.ReasonDefective,
		ItemsAccepted: []string{"Mechanical Keyboard RGB", "Gift Card"}, Quantities: []int{2, 1},
		LabelURL: "https://returns.example.com/label/RET-100001.pdf", Instructions: "Pack it.",
		RefundAmount: 29998, RefundMethod: "Original payment method", RefundTimeline: "Soon",
	}
	for range 2 { // as it is migrated, and as it was migrated
		shop := open(t, path)
		o, err := shop.Order(t.Context(), sarah, "ORD-78342")
		if err != nil {
			t.Fatal(err)
		}
		want := ecommerce.Order{
			ID: "ORD-78342", CustomerID: "CUST-9821", Status: ecommerce.StatusInTransit, Total: 41689,
			Items: []ecommerce.Item{
				{Name: "Mechanical Keyboard RGB", SKU: "MKR-104", Qty: 2, Price: 14999, Returned: 2},
				{Name: "USB-C Charging Cable", SKU: "UCC-2M", Qty: 9, Price: 1299},
				{Name: "Gift Card", SKU: "GC-1", Qty: 1, Returned: 1},
			},
			OrderDate: "2024-11-15", ShippingAddress: "742 Evergreen Terrace", EstimatedDelivery: "2024-11-20",
			Tracking: &ecommerce.Tracking{Carrier: "FastShip Express", Number: "FS1"},
			Returns:  []ecommerce.Return{first},
		}
		if diff := cmp.Diff(want, *o); diff != "" {
			t.Fatalf("the order (-want +got):\n%s", diff)
		}
		if p, err := shop.Products(t.Context(), "cable"); err != nil || len(p) != 1 || p[0].UPC != "850012345048" {
			t.Errorf("%+v, %v", p, err)
		}
		if c, err := shop.Customer(t.Context(), sarah, "Sarah.Johnson@example.com"); err != nil || c.TotalSpent != 284750 {
			t.Errorf("%+v, %v", c, err)
		}
		req := ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonDefective, Items: []int{2, 0}}
		if r, err := shop.Return(t.Context(), sarah, "k1", req); err != nil || !cmp.Equal(*r, first) {
			t.Errorf("the same key gives %+v, %v", r, err)
		}
		if _, err := shop.Return(t.Context(), sarah, "k2", req); err == nil {
			t.Error("a line was returned twice")
		}
	}
	shop := open(t, path)
	r, err := shop.Return(t.Context(), sarah, "k3", ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonOther, Items: []int{1}, Quantities: []int{4}})
	if err != nil || r.ID != "RET-100002" || r.RefundAmount != 5196 {
		t.Errorf("%+v, %v", r, err)
	}
	if list, err := shop.Returns(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	schemas := func(path string) (list []string) {
		db, err := sqlitedb.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query("SELECT p.name || '.' || c.name || ' ' || c.type FROM sqlite_schema p, pragma_table_info(p.name) c WHERE p.type = 'table' UNION ALL SELECT type || ' ' || name FROM sqlite_schema WHERE sql <> '' ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			list = append(list, s)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return list
	}
	fresh := filepath.Join(t.TempDir(), "new.db")
	open(t, fresh, sqlshop.Seed(ecommerce.Data{}))
	if diff := cmp.Diff(schemas(fresh), schemas(path)); diff != "" {
		t.Errorf("the schema (-new +migrated):\n%s", diff)
	}
}
