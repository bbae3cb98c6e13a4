package ecommerce_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// guessing has data for every ID, so that generated arguments reach the code behind the lookup.
type guessing struct{ *ecommerce.Mock }

func pick[T any](list []T, id string) T {
	sum := 0
	for _, b := range []byte(id) {
		sum += int(b)
	}
	return list[sum%len(list)]
}

func (g guessing) orderID(id string) string { return pick(ecommerce.ReferenceData().Orders, id).ID }

func (g guessing) Owner(ctx context.Context, id string) (string, error) {
	return g.Mock.Owner(ctx, g.orderID(id))
}

func (g guessing) Order(ctx context.Context, as ecommerce.Viewer, id string) (*ecommerce.Order, error) {
	o, err := g.Mock.Order(ctx, as, g.orderID(id))
	if o != nil {
		o.ID = id
	}
	return o, err
}

func (g guessing) Customer(ctx context.Context, as ecommerce.Viewer, id string) (*ecommerce.Profile, error) {
	return g.Mock.Customer(ctx, as, pick(ecommerce.ReferenceData().Profiles, id).CustomerID)
}

func (g guessing) Return(ctx context.Context, as ecommerce.Viewer, key string, req ecommerce.ReturnRequest) (*ecommerce.Return, error) {
	id := req.OrderID
	req.OrderID = g.orderID(id)
	r, err := g.Mock.Return(ctx, as, key, req)
	if r != nil {
		r.OrderID = id
	}
	return r, err
}

func (g guessing) Stock(ctx context.Context, code string) (*ecommerce.Stock, error) {
	return g.Mock.Stock(ctx, pick(ecommerce.ReferenceData().Stock, code).SKU)
}

func (g guessing) Products(ctx context.Context, code string) ([]ecommerce.Product, error) {
	return g.Mock.Products(ctx, pick(ecommerce.ReferenceData().Products, code).SKU)
}

// TestEveryToolOfTheShop calls all tools with arguments made from their schemas. The shop always
// answers with its envelope: no call panics, fails or is in doubt.
func TestEveryToolOfTheShop(t *testing.T) {
	succeeded := make(map[string]bool)
	for who, as := range map[string]funcall.RunOption{"operator": ecommerce.Operator(), "customer": sarah} {
		for seed := range uint64(50) {
			for _, b := range []ecommerce.Backend{mock(), guessing{mock()}} {
				agent, err := funcall.New(providertest.EveryTool(seed), funcall.Config{Tools: ecommerce.Tools(b)})
				if err != nil {
					t.Fatal(err)
				}
				res, err := agent.Run(t.Context(), "Go.", as)
				if err != nil || len(res.Calls) != 5 {
					t.Fatalf("%s, seed %d: %v, %d calls", who, seed, err, len(res.Calls))
				}
				for _, c := range res.Calls {
					var answer struct {
						Success *bool
						Error   string
					}
					err := json.Unmarshal([]byte(c.Text()), &answer)
					if err != nil || c.Status != transcript.StatusOK || c.ErrorText != "" ||
						answer.Success == nil || *answer.Success != (answer.Error == "") {
						t.Errorf("%s, seed %d: %s(%s): %s %s: %s", who, seed, c.Tool, c.Args, c.Status, c.Text(), c.ErrorText)
						continue
					}
					if *answer.Success {
						succeeded[fmt.Sprintf("%s %s", who, c.Tool)] = true
					}
				}
			}
		}
	}
	if len(succeeded) != 2*5 {
		t.Errorf("these alone succeeded for some arguments: %v", succeeded)
	}
}
