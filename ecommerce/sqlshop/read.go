package sqlshop

import (
	"context"
	"database/sql"
	"errors"

	"github.com/funcall/funcall/ecommerce"
)

// A source is what queries run on: the database, or a transaction.
type source interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each calls scan for each row of a query.
func each(ctx context.Context, from source, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// orders returns the orders of a query of table orders, in its order, each with its items and its
// returns. It is one statement, so that they are consistent.
func orders(ctx context.Context, from source, pick, by string, args ...any) ([]ecommerce.Order, error) {
	var list []ecommerce.Order
	scan := func(rows *sql.Rows) error {
		var o ecommerce.Order
		var tracking, earlier, made sql.NullString
		var line sql.NullInt64
		var name, sku sql.NullString
		var qty, price sql.NullInt64
		var returned sql.NullInt64
		if err := rows.Scan(&o.ID, &o.CustomerID, &o.Status, &o.Total, &o.OrderDate, &o.ShippingAddress, &o.EstimatedDelivery, &tracking, &earlier, &made,
			&line, &name, &sku, &qty, &price, &returned); err != nil {
			return err
		}
		if n := len(list); n == 0 || list[n-1].ID != o.ID {
			var since []ecommerce.Return
			err := errors.Join(optional(tracking, &o.Tracking), optional(earlier, &o.Returns), optional(made, &since))
			if err != nil {
				return err
			}
			o.Returns = append(o.Returns, since...)
			list = append(list, o)
		}
		if line.Valid {
			last := &list[len(list)-1]
			last.Items = append(last.Items, ecommerce.Item{
				Name: name.String, SKU: sku.String, Qty: int(qty.Int64), Price: ecommerce.Money(price.Int64), Returned: int(returned.Int64),
			})
		}
		return nil
	}
	err := each(ctx, from, scan, `SELECT o.id, o.customer_id, o.status, o.total, o.order_date, o.shipping_address, o.estimated_delivery, o.tracking, o.earlier_returns,
		(SELECT json_group_array(json(answer) ORDER BY number) FROM returns r WHERE r.order_id = o.id),
		i.line, i.name, i.sku, i.qty, i.price, i.returned
		FROM (SELECT * FROM orders `+pick+`) o LEFT JOIN items i ON i.order_id = o.id ORDER BY `+by+`i.line`, args...)
	return list, err
}

func order(ctx context.Context, from source, id string) (ecommerce.Order, error) {
	list, err := orders(ctx, from, "WHERE id = ?", "", id)
	if err == nil && len(list) == 0 {
		err = ecommerce.ErrNotFound
	}
	if err != nil {
		return ecommerce.Order{}, err
	}
	return list[0], nil
}

// Owner implements [ecommerce.Backend].
func (s *Shop) Owner(ctx context.Context, orderID string) (customerID string, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT customer_id FROM orders WHERE id = ?", orderID).Scan(&customerID)
	return customerID, notFound(err)
}

// notFound turns the error for a missing row into the shop's.
func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ecommerce.ErrNotFound
	}
	return err
}

// Order implements [ecommerce.Backend].
func (s *Shop) Order(ctx context.Context, as ecommerce.Viewer, orderID string) (*ecommerce.Order, error) {
	o, err := order(ctx, s.db, orderID)
	if err == nil && !as.Sees(o.CustomerID) {
		err = ecommerce.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &o, nil
}

// Orders implements [ecommerce.Backend].
func (s *Shop) Orders(ctx context.Context, as ecommerce.Viewer, customerID string, limit int) ([]ecommerce.Order, error) {
	if !as.Sees(customerID) {
		return nil, ecommerce.ErrNotFound
	}
	list, err := orders(ctx, s.db, "WHERE customer_id = ? ORDER BY order_date DESC, id DESC LIMIT ?", "o.order_date DESC, o.id DESC, ", customerID, max(limit, 0))
	if err != nil {
		return nil, err
	}
	return append([]ecommerce.Order{}, list...), nil
}

// Customer implements [ecommerce.Backend].
func (s *Shop) Customer(ctx context.Context, as ecommerce.Viewer, idOrEmail string) (*ecommerce.Profile, error) {
	var p ecommerce.Profile
	err := s.db.QueryRowContext(ctx, `SELECT id, email, name, member_since, tier, total_orders, total_spent, address, phone
		FROM customers WHERE id = ? OR folded_email = ? ORDER BY rowid LIMIT 1`, idOrEmail, fold(idOrEmail)).
		Scan(&p.CustomerID, &p.Email, &p.Name, &p.MemberSince, &p.Tier, &p.TotalOrders, &p.TotalSpent, &p.Address, &p.Phone)
	if err == nil && !as.Sees(p.CustomerID) {
		err = ecommerce.ErrNotFound
	}
	if err != nil {
		return nil, notFound(err)
	}
	return &p, nil
}

// Stock implements [ecommerce.Backend].
func (s *Shop) Stock(ctx context.Context, code string) (*ecommerce.Stock, error) {
	var st *ecommerce.Stock
	scan := func(rows *sql.Rows) error {
		if st == nil {
			st = new(ecommerce.Stock)
		}
		var location, shipsIn sql.NullString
		var qty sql.NullInt64
		err := rows.Scan(&st.SKU, &st.UPC, &st.Name, &st.Available, &st.Quantity, &st.DeliveryRange, &location, &qty, &shipsIn)
		if err == nil && location.Valid {
			st.Warehouses = append(st.Warehouses, ecommerce.Warehouse{Location: location.String, Qty: int(qty.Int64), ShipsIn: shipsIn.String})
		}
		return err
	}
	err := each(ctx, s.db, scan, `SELECT s.sku, coalesce(s.upc, ''), s.name, s.available, s.quantity, s.delivery_range, w.location, w.qty, w.ships_in
		FROM stock s LEFT JOIN warehouses w ON w.sku = s.sku
		WHERE s.rowid = (SELECT min(rowid) FROM stock WHERE sku = ?1 OR upc = ?1) ORDER BY w.line`, code)
	if err == nil && st == nil {
		err = ecommerce.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return st, nil
}

// Products implements [ecommerce.Backend]. It reads the whole catalog: a shop with many products
// has a search index of its own.
func (s *Shop) Products(ctx context.Context, codeOrName string) ([]ecommerce.Product, error) {
	var catalog []ecommerce.Product
	scan := func(rows *sql.Rows) error {
		var p ecommerce.Product
		err := rows.Scan(&p.SKU, &p.UPC, &p.Name, &p.Price, &p.Description, asJSON{&p.Specs}, asJSON{&p.Warranty}, asJSON{&p.Shipping})
		catalog = append(catalog, p)
		return err
	}
	err := each(ctx, s.db, scan, `SELECT sku, coalesce(upc, ''), name, price, description, specs, warranty, shipping FROM products ORDER BY rowid`)
	if err != nil {
		return nil, err
	}
	return ecommerce.FindProducts(catalog, codeOrName)
}
