package ecommerce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	sarah    = ViewerFor("CUST-9821")
	james    = ViewerFor("CUST-8765")
	operator = ViewerFor(OperatorSubject)
	nobody   = ViewerFor("")
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
		{nobody, "CUST-9821", false},
		{nobody, "", false},
		{operator, "CUST-9821", true},
		{operator, "", true},
	} {
		if c.v.Sees(c.owner) != c.want {
			t.Errorf("%v sees %q: %v", c.v, c.owner, !c.want)
		}
	}
	if operator.CustomerID() != "" || sarah.CustomerID() != "CUST-9821" || nobody.String() != "nobody" {
		t.Error("a viewer is named wrongly")
	}
}

// everyCall makes one call of each kind and returns how long each took.
func everyCall(ctx context.Context, m *Mock) map[string]time.Duration {
	took := make(map[string]time.Duration)
	for tool, call := range map[string]func() error{
		ToolOrder:    func() error { _, err := m.Order(ctx, sarah, "ORD-78342"); return err },
		ToolStock:    func() error { _, err := m.Stock(ctx, "WEP-2024"); return err },
		ToolCustomer: func() error { _, err := m.Customer(ctx, sarah, "CUST-9821"); return err },
		ToolProduct:  func() error { _, err := m.Products(ctx, "WEP-2024"); return err },
		ToolReturn: func() error {
			_, err := m.Return(ctx, sarah, "k", ReturnRequest{OrderID: "ORD-78342", Reason: ReasonOther})
			return err
		},
	} {
		start := time.Now()
		if call() == nil {
			took[tool] = time.Since(start)
		}
	}
	return took
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for seed := range uint64(20) {
			for tool, took := range everyCall(t.Context(), NewMock(Seed(seed))) {
				if r := latencies[tool]; took < r[0] || took > r[1] {
					t.Errorf("%s took %v, not %v", tool, took, r)
				}
			}
		}
		for tool, took := range everyCall(t.Context(), NewMock(Latency(10))) {
			if r := latencies[tool]; took < 10*r[0] || took > 10*r[1] {
				t.Errorf("%s took %v, not ten times %v", tool, took, r)
			}
		}
		for tool, took := range everyCall(t.Context(), NewMock(Latency(0))) {
			if took != 0 {
				t.Errorf("%s took %v without latency", tool, took)
			}
		}
	})
}

// TestNotFoundTakesAsLong: nobody can tell by the time whether something is
// missing or somebody else's.
func TestNotFoundTakesAsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMock()
		for _, id := range []string{"ORD-91234", "ORD-00000"} {
			start := time.Now()
			if _, err := m.Order(t.Context(), sarah, id); err != ErrNotFound {
				t.Fatal(err)
			}
			if took, r := time.Since(start), latencies[ToolOrder]; took < r[0] || took > r[1] {
				t.Errorf("%s was not found in %v", id, took)
			}
		}
	})
}

func TestSeedRepeatsLatencySideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := func(seed uint64) string {
			m := NewMock(Seed(seed))
			took := make([]time.Duration, 4)
			var wg sync.WaitGroup
			for i, sku := range []string{"WEP-2024", "MKR-104", "UHD-4K-55", "UCC-2M"} {
				wg.Go(func() {
					start := time.Now()
					if _, err := m.Stock(t.Context(), sku); err != nil {
						t.Error(err)
					}
					took[i] = time.Since(start)
				})
			}
			wg.Wait()
			return fmt.Sprint(took)
		}
		first := run(1)
		for range 5 {
			if again := run(1); again != first {
				t.Fatalf("seed 1 gave %s, then %s", first, again)
			}
		}
		if run(2) == first {
			t.Error("seeds 1 and 2 give the same latencies")
		}
	})
}

func TestLatencyGivesUpWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := NewMock().Order(ctx, sarah, "ORD-78342")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 5*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestFaults(t *testing.T) {
	broken := errors.New("broken")
	ask := func(t *testing.T, m *Mock) error {
		_, err := m.Order(t.Context(), sarah, "ORD-78342")
		return err
	}
	t.Run("fails so many times", func(t *testing.T) {
		m := NewMock(Latency(0))
		m.Fault(ToolOrder, Fail(broken).Times(2))
		got := []error{ask(t, m), ask(t, m), ask(t, m)}
		if !slices.Equal(got, []error{broken, broken, nil}) {
			t.Errorf("got %v", got)
		}
		if _, err := m.Stock(t.Context(), "WEP-2024"); err != nil {
			t.Errorf("another tool fails: %v", err)
		}
	})
	t.Run("fails by chance, the same under one seed", func(t *testing.T) {
		run := func() (failed int, pattern string) {
			m := NewMock(Latency(0), Seed(3))
			m.Fault(ToolOrder, Fail(broken).Chance(0.3))
			for range 200 {
				err := ask(t, m)
				if err != nil {
					failed++
				}
				pattern += fmt.Sprint(err != nil, " ")
			}
			return failed, pattern
		}
		n, first := run()
		if _, again := run(); again != first || n < 30 || n > 90 {
			t.Errorf("%d of 200 failed; repeated: %v", n, again == first)
		}
	})
	t.Run("hangs until given up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := NewMock(Latency(0))
			m.Fault(ToolOrder, Hang())
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			start := time.Now()
			if _, err := m.Order(ctx, sarah, "ORD-78342"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Hour {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("is slow, then answers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := NewMock(Latency(0))
			m.Fault(ToolOrder, Slow(3*time.Second))
			start := time.Now()
			if err := ask(t, m); err != nil || time.Since(start) != 3*time.Second {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		})
	})
	t.Run("is switched off", func(t *testing.T) {
		m := NewMock(Latency(0))
		m.Fault(ToolOrder, Fail(broken))
		m.ClearFaults()
		if err := ask(t, m); err != nil {
			t.Error(err)
		}
	})
	t.Run("of an unknown tool panics", func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("a fault in a tool that does not exist was accepted")
			}
		}()
		NewMock().Fault("proces_return", Hang())
	})
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
	for _, v := range []Viewer{james, nobody} {
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
			sum += i.Price.Times(i.Qty)
		}
		if sum != o.Total || !owners[o.CustomerID] {
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

// TestMemoryIsNotShared changes everything that a mock was given and everything
// that it gave, and asks again.
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
	for range 2 { // after what was given, and after what came out
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
