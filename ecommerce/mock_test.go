package ecommerce

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/testkit/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

var (
	sarah      = ViewerFor("CUST-9821")
	james      = ViewerFor("CUST-8765")
	operator   = ViewerFor(OperatorSubject)
	zeroViewer = ViewerFor("")
)

func TestViewerSees(t *testing.T) {
	for _, c := range []struct {
		v     Viewer
		owner string
		want  bool
	}{
		{sarah, "CUST-9821", true},
		{sarah, "CUST-8765", false},
		{sarah, "cust-9821", false},
		{sarah, "", false},
		{zeroViewer, "CUST-9821", false},
		{zeroViewer, "", false},
		{operator, "CUST-9821", true},
		{operator, "", true},
	} {
		if c.v.Sees(c.owner) != c.want {
			t.Errorf("%v sees %q: %v", c.v, c.owner, !c.want)
		}
	}
	if operator.CustomerID() != "" || sarah.CustomerID() != "CUST-9821" || zeroViewer.String() != "no subject" {
		t.Error("a viewer is named wrongly")
	}
}

var wholeReturn = ReturnRequest{OrderID: "ORD-78342", Reason: ReasonDefective, Pickup: true}

func TestR15_SameKeySameReturn(t *testing.T) {
	m := NewMock(Latency(0))
	m.Fault(ToolReturn, Fail(errors.New("connection lost")).AfterEffect().Times(1))
	if _, err := m.Return(t.Context(), sarah, "k1", wholeReturn); err == nil {
		t.Fatal("the fault did not strike")
	}
	if n := len(m.Returns()); n != 1 {
		t.Fatalf("%d returns were made although the answer alone was lost", n)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			r, err := m.Return(t.Context(), sarah, "k1", wholeReturn)
			if err != nil || r.ID != "RET-100001" {
				t.Errorf("the same key gave %v, %v", r, err)
			}
		})
	}
	wg.Wait()
	if got := m.Returns(); len(got) != 1 || got[0].Key != "k1" || got[0].As != sarah {
		t.Errorf("written down: %+v", got)
	}
	other := wholeReturn
	other.Items = []int{0}
	if _, err := m.Return(t.Context(), sarah, "k1", other); err == nil {
		t.Error("the same key was accepted with another request")
	}
	if _, err := m.Return(t.Context(), sarah, "", wholeReturn); err == nil {
		t.Error("a return without a key was accepted")
	}
}

func TestReturnTwice(t *testing.T) {
	m := NewMock(Latency(0))
	ret := func(key string, items ...int) error {
		_, err := m.Return(t.Context(), sarah, key, ReturnRequest{OrderID: "ORD-78342", Reason: ReasonOther, Items: items})
		return err
	}
	if err := ret("a", 1); err != nil {
		t.Fatal(err)
	}
	if err := ret("b", 1); err == nil {
		t.Error("an item was returned twice")
	}
	if o, err := m.Order(t.Context(), sarah, "ORD-78342"); err != nil || o.Status != StatusInTransit {
		t.Errorf("after a part was returned: %+v, %v", o, err)
	}
	if err := ret("c"); err != nil {
		t.Errorf("what was left: %v", err)
	}
	if o, err := m.Order(t.Context(), sarah, "ORD-78342"); err != nil || o.Status != StatusReturned {
		t.Errorf("after all was returned: %+v, %v", o, err)
	}
	if err := ret("d"); err == nil {
		t.Error("an order was returned twice")
	}
	if got := m.Returns(); len(got) != 2 || got[0].Return.RefundAmount+got[1].Return.RefundAmount != 11597 {
		t.Errorf("written down: %+v", got)
	}
}

// One of two cables, then the other one, then no more.
func TestPiecesAreReturnedOnce(t *testing.T) {
	m := NewMock(Latency(0))
	req := ReturnRequest{OrderID: "ORD-78342", Reason: ReasonOther, Items: []int{1}, Quantities: []int{1}}
	for i := range 4 {
		_, err := m.Return(t.Context(), sarah, fmt.Sprint("k", i), req)
		if (err == nil) != (i < 2) {
			t.Errorf("cable %d of 2: %v", i+1, err)
		}
	}
	made := m.Returns()
	made[0].Request.Quantities[0], made[0].Return.Quantities[0] = 7, 7
	want := []Return{m.Returns()[0].Return, m.Returns()[1].Return}
	o, err := m.Order(t.Context(), sarah, "ORD-78342")
	list, err2 := m.Orders(t.Context(), sarah, "CUST-9821", 1)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Order{"Order": *o, "Orders": list[0]} {
		if diff := cmp.Diff(want, o.Returns); diff != "" || o.Items[1].Returned != 2 || o.Status != StatusInTransit || want[0].Quantities[0] != 1 {
			t.Errorf("%s: %+v, its returns (-want +got):\n%s", name, o, diff)
		}
	}
	if r := m.Returns()[0].Request; r.Quantities[0] != 1 {
		t.Errorf("a caller can change the request to %+v", r)
	}
}

func TestReturnsRace(t *testing.T) {
	m := NewMock(Latency(0))
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { _, _ = m.Return(t.Context(), sarah, fmt.Sprint(i), wholeReturn) })
	}
	wg.Wait()
	if n := len(m.Returns()); n != 1 {
		t.Errorf("%d returns of one order were made", n)
	}
	if n := len(m.Calls()); n != 20 {
		t.Errorf("%d calls are written down", n)
	}
}

func TestForeignIsMissing(t *testing.T) {
	m := NewMock(Latency(0))
	for _, v := range []Viewer{james, zeroViewer} {
		if _, err := m.Order(t.Context(), v, "ORD-78342"); err != ErrNotFound {
			t.Errorf("%v: order: %v", v, err)
		}
		for _, key := range []string{"CUST-9821", "sarah.johnson@example.com"} {
			if _, err := m.Customer(t.Context(), v, key); err != ErrNotFound {
				t.Errorf("%v: customer: %v", v, err)
			}
		}
		if _, err := m.Orders(t.Context(), v, "CUST-9821", 10); err != ErrNotFound {
			t.Errorf("%v: orders: %v", v, err)
		}
		if _, err := m.Return(t.Context(), v, "k", wholeReturn); err != ErrNotFound {
			t.Errorf("%v: return: %v", v, err)
		}
	}
	if n := len(m.Returns()); n != 0 {
		t.Errorf("%d returns were made", n)
	}
}

func TestOrdersAreNewestFirst(t *testing.T) {
	list, err := NewMock().Orders(t.Context(), sarah, "CUST-9821", 2)
	if err != nil || len(list) != 2 || list[0].ID != "ORD-78342" || list[1].ID != "ORD-70211" {
		t.Errorf("got %v, %v", list, err)
	}
}

func TestMockSharesNothing(t *testing.T) {
	m := NewMock(Latency(0))
	o, err := m.Order(t.Context(), sarah, "ORD-78342")
	if err != nil {
		t.Fatal(err)
	}
	o.Items[0].Name, o.Tracking.Events[0].Location = "changed", "changed"
	if again, err := m.Order(t.Context(), sarah, "ORD-78342"); err != nil || again.Items[0].Name == "changed" || again.Tracking.Events[0].Location == "changed" {
		t.Error("a caller can change what the shop holds")
	}
}

func TestReferenceDataIsSound(t *testing.T) {
	d := ReferenceData()
	owners := make(map[string]bool)
	for _, p := range d.Profiles {
		owners[p.CustomerID] = true
	}
	statuses := make(map[OrderStatus]bool)
	for _, o := range d.Orders {
		var sum Money
		for _, i := range o.Items {
			sum += i.Price * Money(i.Qty)
		}
		discount := o.ID == "ORD-73055"
		if discount != (o.Total < sum) || o.Total > sum || !owners[o.CustomerID] {
			t.Errorf("%s: total %v, its items come to %v; customer %s", o.ID, o.Total, sum, o.CustomerID)
		}
		statuses[o.Status] = true
	}
	if len(statuses) != 6 {
		t.Errorf("the orders show these statuses alone: %v", statuses)
	}
	for i, s := range d.Stock {
		n := 0
		for _, w := range s.Warehouses {
			n += w.Qty
		}
		if p := d.Products[i]; n != s.Quantity || p.SKU != s.SKU || p.UPC != s.UPC || p.Name != s.Name {
			t.Errorf("%s: %d in stock, %d in its warehouses; beside product %s", s.SKU, s.Quantity, n, p.SKU)
		}
	}
}

// TestMemoryIsNotShared modifies all inputs and outputs of a mock, and asks again.
func TestMemoryIsNotShared(t *testing.T) {
	d := ReferenceData()
	m := NewMock(Latency(0), With(d))
	spoil := func(s *Stock, ps []Product) {
		s.Warehouses[0].Qty = -1
		for _, p := range ps {
			p.Specs["connectivity"], p.Shipping.Methods[0] = "spoilt", "spoilt"
		}
	}
	spoil(&d.Stock[0], d.Products)
	d.Products[0].Name, d.Profiles[0].Name, d.Orders[0].Items[0].Name = "spoilt", "spoilt", "spoilt"
	ref := ReferenceData()
	want := Data{ref.Orders[:1], ref.Stock[:1], []Product{ref.Products[0], ref.Products[0]}, ref.Profiles[:1]}
	for range 2 { // after changing inputs, and after changing outputs
		s, err1 := m.Stock(t.Context(), "WEP-2024")
		byCode, err2 := m.Products(t.Context(), "WEP-2024")
		byName, err3 := m.Products(t.Context(), "Wireless Earbuds Pro")
		p, err4 := m.Customer(t.Context(), sarah, "CUST-9821")
		o, err5 := m.Order(t.Context(), sarah, "ORD-78342")
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
			t.Fatal(err)
		}
		got := Data{[]Order{*o}, []Stock{*s}, []Product{byCode[0], byName[0]}, []Profile{*p}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		spoil(s, slices.Concat(byCode, byName))
		o.Items[0].Name = "spoilt"
	}
	r, err := m.Return(t.Context(), sarah, "k", wholeReturn)
	if err != nil {
		t.Fatal(err)
	}
	wantReturn := r.clone()
	for range 2 {
		r.ItemsAccepted[0], *r.PickupDate = "spoilt", "spoilt"
		m.Returns()[0].Return.ItemsAccepted[0] = "spoilt"
		if r, err = m.Return(t.Context(), sarah, "k", wholeReturn); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantReturn, *r); diff != "" {
			t.Errorf("the return (-want +got):\n%s", diff)
		}
	}
}

func TestOrdersWithANegativeLimit(t *testing.T) {
	list, err := NewMock(Latency(0)).Orders(t.Context(), sarah, "CUST-9821", -1)
	if err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}
