package sqlshop_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/sqlshop"
	"github.com/funcall/funcall/internal/sqldb/sqlitedb"
)

var day = func() time.Time { return time.Date(2024, 11, 20, 12, 0, 0, 0, time.UTC) }

func open(t testing.TB, path string, opts ...sqlshop.Option) *sqlshop.Shop {
	t.Helper()
	s, err := sqlshop.Open(context.Background(), path, append([]sqlshop.Option{sqlshop.Clock(day)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var (
	sarah, james = ecommerce.ViewerFor("CUST-9821"), ecommerce.ViewerFor("CUST-8765")
	staff        = ecommerce.ViewerFor(ecommerce.OperatorSubject)
	viewers      = []ecommerce.Viewer{sarah, james, staff, ecommerce.ViewerFor(ecommerce.VisitorSubject), {}}
)

// The shop's answers equal the mock's.
func TestLikeTheMock(t *testing.T) {
	data := ecommerce.ReferenceData()
	for i := range 11 { // a history longer than is shown, on two days
		o := data.Orders[2].Clone()
		o.ID, o.OrderDate = fmt.Sprintf("ORD-1%04d", i), ecommerce.Date(fmt.Sprintf("2024-09-%02d", 1+i%2))
		data.Orders = append(data.Orders, o)
	}
	twin := data.Products[0]
	twin.SKU, twin.UPC = "WEP-2025", ""
	data.Products = append(data.Products, twin)
	shops := []ecommerce.Backend{
		ecommerce.NewMock(ecommerce.Latency(0), ecommerce.Clock(day), ecommerce.With(data)),
		open(t, filepath.Join(t.TempDir(), "shop.db"), sqlshop.Seed(data)),
	}
	ctx := t.Context()
	asked := 0
	same := func(what string, ask func(ecommerce.Backend) (any, error)) {
		t.Helper()
		asked++
		want, wantErr := ask(shops[0])
		got, gotErr := ask(shops[1])
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b ecommerce.Viewer) bool { return a == b })); diff != "" {
			t.Errorf("%s (-mock +shop):\n%s", what, diff)
		}
		text := func(err error) string { return strings.TrimPrefix(fmt.Sprint(err), "sqlshop: ") }
		refusal := func(err error) string {
			if r, ok := errors.AsType[*ecommerce.Refusal](err); ok {
				return fmt.Sprintf("%+v", *r)
			}
			return ""
		}
		if text(gotErr) != text(wantErr) || refusal(gotErr) != refusal(wantErr) || errors.Is(gotErr, ecommerce.ErrNotFound) != errors.Is(wantErr, ecommerce.ErrNotFound) {
			t.Errorf("%s: the mock says %v, the shop %v", what, wantErr, gotErr)
		}
	}
	ids := []string{"ORD-00000", "", "ord-78342", "' OR 1=1 --"}
	for _, o := range data.Orders {
		ids = append(ids, o.ID)
	}
	look := func() {
		t.Helper()
		for _, id := range ids {
			same("Owner "+id, func(b ecommerce.Backend) (any, error) { return b.Owner(ctx, id) })
			for _, as := range viewers {
				same(fmt.Sprint("Order ", id, " as ", as), func(b ecommerce.Backend) (any, error) { return b.Order(ctx, as, id) })
			}
		}
		for _, as := range viewers {
			for _, who := range []string{"CUST-9821", "CUST-8765", "CUST-0", "", "sarah.johnson@example.com", "SARAH.Johnson@EXAMPLE.com", "\u212Aarl@example.com"} {
				same(fmt.Sprint("Customer ", who, " as ", as), func(b ecommerce.Backend) (any, error) { return b.Customer(ctx, as, who) })
				for _, limit := range []int{-1, 0, 1, 10, 100} {
					same(fmt.Sprint("Orders ", who, limit, " as ", as), func(b ecommerce.Backend) (any, error) { return b.Orders(ctx, as, who, limit) })
				}
			}
		}
	}
	look()
	for _, code := range []string{"WEP-2024", "850012345017", "MKR-104", "UCC-2M", "wep-2024", "", "0", "Wireless Earbuds Pro", "wireless EARBUDS pro", "mechanical keyboard rgb", "WEP-2025", "%", "earbuds", "usb c cable", "mechanical keybords", "WEP-2042", "buds", "toaster"} {
		same("Stock "+code, func(b ecommerce.Backend) (any, error) { return b.Stock(ctx, code) })
		same("Products "+code, func(b ecommerce.Backend) (any, error) { return b.Products(ctx, code) })
	}
	key := 0
	ask := func(as ecommerce.Viewer, key string, req ecommerce.ReturnRequest) {
		t.Helper()
		same(fmt.Sprintf("Return %+v under %q as %v", req, key, as), func(b ecommerce.Backend) (any, error) { return b.Return(ctx, as, key, req) })
	}
	for _, id := range ids {
		for _, as := range viewers {
			for _, req := range []ecommerce.ReturnRequest{
				{OrderID: id, Reason: "bored"}, {OrderID: id, Reason: ecommerce.ReasonOther, Items: []int{}},
				{OrderID: id, Reason: ecommerce.ReasonOther, Items: []int{0, 0}}, {OrderID: id, Reason: ecommerce.ReasonOther, Items: []int{-1}},
				{OrderID: id, Reason: ecommerce.ReasonOther, Items: []int{7}},
				{OrderID: id, Reason: ecommerce.ReasonOther, Quantities: []int{1}}, {OrderID: id, Reason: ecommerce.ReasonOther, Items: []int{1}, Quantities: []int{4}},
				{OrderID: id, Reason: ecommerce.ReasonOther, Items: []int{1}, Quantities: []int{1}},
				{OrderID: id, Reason: ecommerce.ReasonOther, Items: []int{1}, Quantities: []int{1}},
				{OrderID: id, Reason: ecommerce.ReasonDefective, Items: []int{0}, Pickup: true},
				{OrderID: id, Reason: ecommerce.ReasonDefective, Items: []int{0}, Pickup: true},
				{OrderID: id, Reason: ecommerce.ReasonOther}, {OrderID: id, Reason: ecommerce.ReasonOther},
			} {
				key++
				for _, k := range []string{fmt.Sprint("key", key), fmt.Sprint("key", key), fmt.Sprint("key", key-1), ""} {
					ask(as, k, req)
				}
			}
		}
	}
	look() // the orders after the returns
	made, err := shops[1].(*sqlshop.Shop).Returns(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var want []sqlshop.ReturnRecord
	for _, r := range shops[0].(*ecommerce.Mock).Returns() {
		want = append(want, sqlshop.ReturnRecord(r))
	}
	if diff := cmp.Diff(want, made, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b ecommerce.Viewer) bool { return a == b })); diff != "" || len(made) < 10 {
		t.Errorf("%d returns (-mock +shop):\n%s", len(made), diff)
	}
	if asked < 1000 {
		t.Errorf("only %d questions were asked", asked)
	}
}

var whole = ecommerce.ReturnRequest{OrderID: "ORD-78342", Reason: ecommerce.ReasonDefective, Pickup: true}

// Many returns at once, through two openings of one file, like two processes.
func TestManyReturnAtOnce(t *testing.T) {
	for name, key := range map[string]func(i int) string{
		"one key": func(int) string { return "k" },
		"many":    func(i int) string { return fmt.Sprint("k", i) },
	} {
		path := filepath.Join(t.TempDir(), "shop.db")
		shops := []*sqlshop.Shop{open(t, path), open(t, path)}
		type answer struct {
			r   *ecommerce.Return
			err error
		}
		answers := make(chan answer)
		for i := range 16 {
			go func() {
				r, err := shops[i%2].Return(context.Background(), sarah, key(i), whole)
				answers <- answer{r, err}
			}()
		}
		made := 0
		for range 16 {
			a := <-answers
			if a.err == nil {
				if made++; a.r.ID != "RET-100001" || a.r.RefundAmount != 11597 {
					t.Errorf("%s: %+v", name, a.r)
				}
			} else if _, ok := errors.AsType[*ecommerce.Refusal](a.err); !ok {
				t.Errorf("%s: %v", name, a.err)
			}
		}
		list, err := shops[0].Returns(t.Context())
		if want := map[string]int{"one key": 16, "many": 1}[name]; err != nil || len(list) != 1 || made != want {
			t.Errorf("%s: %d returns, %d were told of one, %v", name, len(list), made, err)
		}
	}
}

func TestReopened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	first, err := sqlshop.Open(t.Context(), path, sqlshop.Clock(day))
	if err != nil {
		t.Fatal(err)
	}
	made, err := first.Return(t.Context(), sarah, "k", whole)
	if err == nil {
		err = first.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, path)
	if r, err := again.Return(t.Context(), sarah, "k", whole); err != nil || !cmp.Equal(r, made) {
		t.Errorf("the same key gives %+v, %v; want %+v", r, err, made)
	}
	if o, err := again.Order(t.Context(), sarah, whole.OrderID); err != nil || o.Status != ecommerce.StatusReturned {
		t.Errorf("%+v, %v", o, err)
	}
}

// The constraints hold whatever the code above them does.
func TestTheTablesHoldTheRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	if _, err := open(t, path).Return(t.Context(), sarah, "k", whole); err != nil {
		t.Fatal(err)
	}
	db, err := sqlitedb.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		"INSERT INTO returns VALUES (100002, 'k', 'ORD-78342', 'x', '{}', '{}')", // the key again
		"INSERT INTO returns VALUES (100002, '', 'ORD-78342', 'x', '{}', '{}')",
		"INSERT INTO returns VALUES (100002, 'l', 'ORD-00000', 'x', '{}', '{}')",
		"INSERT INTO returned_items VALUES ('ORD-78342', 0, 100001, 1)", // the line again
		"INSERT INTO returned_items VALUES ('ORD-70211', 7, 100001, 1)",
		"INSERT INTO returned_items VALUES ('ORD-88410', 1, 100001, 4)", // of three pieces
		"INSERT INTO returned_items VALUES ('ORD-88410', 1, 100001, 0)",
		"INSERT INTO returned_items VALUES ('ORD-88410', 1, 100001, -1)",
		"UPDATE returned_items SET pieces = 1 WHERE line = 1",
		"UPDATE items SET returned = 0 WHERE order_id = 'ORD-78342'", // to return them again
		"UPDATE items SET returned = returned + 1",
		"UPDATE items SET qty = 0",
		"UPDATE orders SET status = 'lost'",
		"UPDATE orders SET customer_id = 'CUST-0'",
		"DELETE FROM customers",
	} {
		if _, err := db.Exec(q); err == nil {
			t.Errorf("the tables took %s", q)
		}
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	errs := make(chan error)
	for range 8 {
		go func() {
			s, err := sqlshop.Open(context.Background(), path)
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := open(t, path)
	if _, err := s.Return(ctx, sarah, "k", whole); !errors.Is(err, context.Canceled) {
		t.Errorf("a return without a viewer: %v", err)
	}
	if list, err := s.Returns(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
	db, err := sqlitedb.Open(t.Context(), path)
	if err == nil {
		_, err = db.Exec("PRAGMA user_version = 3")
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if s, err := sqlshop.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "version 3") {
		s.Close()
		t.Errorf("a newer shop: %v", err)
	}
	bad := ecommerce.ReferenceData()
	bad.Orders = append(slices.Clone(bad.Orders), bad.Orders[0])
	if _, err := sqlshop.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"), sqlshop.Seed(bad)); err == nil {
		t.Error("one order was taken twice")
	}
}
