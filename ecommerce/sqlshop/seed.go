package sqlshop

import (
	"context"
	"database/sql"

	"github.com/funcall/funcall/ecommerce"
)

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
		put(`INSERT INTO products VALUES (?, nullif(?, ''), ?, ?, ?, ?, ?, ?)`,
			p.SKU, p.UPC, p.Name, p.Price, p.Description, asJSON{&p.Specs}, asJSON{&p.Warranty}, asJSON{&p.Shipping})
	}
	for _, st := range d.Stock {
		put(`INSERT INTO stock VALUES (?, nullif(?, ''), ?, ?, ?, ?)`, st.SKU, st.UPC, st.Name, st.Available, st.Quantity, st.DeliveryRange)
		for i, w := range st.Warehouses {
			put(`INSERT INTO warehouses VALUES (?, ?, ?, ?, ?)`, st.SKU, i, w.Location, w.Qty, w.ShipsIn)
		}
	}
	for _, o := range d.Orders {
		var tracking, returns any
		if o.Tracking != nil {
			tracking = asJSON{o.Tracking}
		}
		if len(o.Returns) > 0 {
			returns = asJSON{o.Returns}
		}
		put(`INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			o.ID, o.CustomerID, o.Status, o.Total, o.OrderDate, o.ShippingAddress, o.EstimatedDelivery, tracking, returns)
		for i, item := range o.Items {
			put(`INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)`, o.ID, i, item.Name, item.SKU, item.Qty, item.Price, item.Returned)
		}
	}
	return err
}
