package sqlshop

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"unicode"

	"github.com/funcall/funcall/ecommerce"
)

// schemaVersion is the version of the tables, in the file's user_version.
const schemaVersion = 1

// Money is in cents, dates are in their shown form, and values that are only shown as a whole are
// JSON.
const tables = `
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
	returned INTEGER NOT NULL CHECK (returned BETWEEN 0 AND qty),
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
`

// migrate makes and fills the tables if the file is new.
func (s *Shop) migrate(ctx context.Context) error {
	return s.writer.Do(ctx, func(tx *sql.Tx) error {
		var have int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
			return err
		}
		switch {
		case have == schemaVersion:
			return nil
		case have > schemaVersion:
			return fmt.Errorf("the file has version %d, this program supports up to %d: upgrade github.com/funcall/funcall", have, schemaVersion)
		}
		if _, err := tx.ExecContext(ctx, tables+fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
			return err
		}
		return seed(ctx, tx, s.data)
	})
}

// seed fills the tables.
func seed(ctx context.Context, tx *sql.Tx, d ecommerce.Data) (err error) {
	put := func(query string, args ...any) {
		if err == nil {
			_, err = tx.ExecContext(ctx, query, args...)
		}
	}
	for _, c := range d.Profiles {
		put(`INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.CustomerID, c.Email, fold(c.Email), c.Name, c.MemberSince, c.Tier, c.TotalOrders, c.TotalSpent, c.Address, c.Phone)
	}
	for _, p := range d.Products {
		put(`INSERT INTO products VALUES (?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?)`,
			p.SKU, p.UPC, p.Name, fold(p.Name), p.Price, p.Description, asJSON{&p.Specs}, asJSON{&p.Warranty}, asJSON{&p.Shipping})
	}
	for _, st := range d.Stock {
		put(`INSERT INTO stock VALUES (?, nullif(?, ''), ?, ?, ?, ?)`, st.SKU, st.UPC, st.Name, st.Available, st.Quantity, st.DeliveryRange)
		for i, w := range st.Warehouses {
			put(`INSERT INTO warehouses VALUES (?, ?, ?, ?, ?)`, st.SKU, i, w.Location, w.Qty, w.ShipsIn)
		}
	}
	for _, o := range d.Orders {
		var tracking any
		if o.Tracking != nil {
			tracking = asJSON{o.Tracking}
		}
		put(`INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			o.ID, o.CustomerID, o.Status, o.Total, o.OrderDate, o.ShippingAddress, o.EstimatedDelivery, tracking)
		for i, item := range o.Items {
			put(`INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)`, o.ID, i, item.Name, item.SKU, item.Qty, item.Price, item.Returned)
		}
	}
	return err
}

// fold returns a form of the text that is equal for texts that strings.EqualFold reports as
// equal.
func fold(s string) string {
	folded := []rune(s)
	for i, r := range folded {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		folded[i] = least
	}
	return string(folded)
}

// asJSON is a column of JSON.
type asJSON struct{ v any }

// Value writes the column.
func (j asJSON) Value() (driver.Value, error) {
	b, err := json.Marshal(j.v)
	return string(b), err
}

// Scan reads the column.
func (j asJSON) Scan(column any) error {
	text, ok := column.(string)
	if !ok {
		return fmt.Errorf("unexpected type %T in a JSON column", column)
	}
	return json.Unmarshal([]byte(text), j.v)
}
