package sqlshop

// schemaVersion is the version of the tables, in the file's user_version.
const schemaVersion = 2

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
	price INTEGER NOT NULL CHECK (price >= 0),
	description TEXT NOT NULL,
	specs TEXT NOT NULL,
	warranty TEXT NOT NULL,
	shipping TEXT NOT NULL
) STRICT;
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
	tracking TEXT, -- JSON, or NULL for none yet
	earlier_returns TEXT -- JSON: the returns that the order was stored with, or NULL for none
) STRICT;
CREATE INDEX orders_customer ON orders (customer_id, order_date, id);
CREATE TABLE returns (
	number INTEGER PRIMARY KEY,
	key TEXT NOT NULL UNIQUE CHECK (key <> ''), -- the idempotency key
	order_id TEXT NOT NULL REFERENCES orders (id),
	viewer TEXT NOT NULL,
	request TEXT NOT NULL,
	answer TEXT NOT NULL
) STRICT;
CREATE INDEX returns_order ON returns (order_id);
`

// itemTables count returned pieces.
const itemTables = `
CREATE TABLE items (
	order_id TEXT NOT NULL REFERENCES orders (id),
	line INTEGER NOT NULL CHECK (line >= 0),
	name TEXT NOT NULL,
	sku TEXT NOT NULL,
	qty INTEGER NOT NULL CHECK (qty > 0),
	price INTEGER NOT NULL CHECK (price >= 0),
	returned INTEGER NOT NULL CHECK (returned BETWEEN 0 AND qty), -- pieces
	PRIMARY KEY (order_id, line)
) STRICT;
CREATE TABLE returned_items (
	order_id TEXT NOT NULL,
	line INTEGER NOT NULL,
	return INTEGER NOT NULL REFERENCES returns (number),
	pieces INTEGER NOT NULL CHECK (pieces > 0),
	PRIMARY KEY (order_id, line, return),
	FOREIGN KEY (order_id, line) REFERENCES items (order_id, line)
) STRICT;
`

// itemTriggers add each row of returned_items to the returned pieces of its line. These cannot
// exceed the line's quantity, and cannot fall: no piece is returned twice.
const itemTriggers = `
CREATE TRIGGER returned_items_count AFTER INSERT ON returned_items BEGIN
	UPDATE items SET returned = returned + NEW.pieces WHERE order_id = NEW.order_id AND line = NEW.line;
END;
CREATE TRIGGER returned_items_stay BEFORE UPDATE ON returned_items BEGIN
	SELECT RAISE(ABORT, 'returned pieces cannot be changed');
END;
CREATE TRIGGER items_returned_grows BEFORE UPDATE OF returned ON items WHEN NEW.returned < OLD.returned BEGIN
	SELECT RAISE(ABORT, 'returned pieces cannot become fewer');
END;
`
