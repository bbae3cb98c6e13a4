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
)

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

// TestNotFoundTakesAsLong: the latency does not reveal whether data is missing or another
// customer's.
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
