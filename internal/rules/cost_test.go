package rules_test

import (
	"context"
	"strings"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// priced is a scripted model that says which one it is.
type priced struct{ *providertest.Script }

func (priced) Model() string { return "model-1" }

// dear costs a dollar a thousand tokens of input, and two of output.
var dear = provider.Prices{"model-1": {Input: 1000 * provider.Dollar, Output: 2000 * provider.Dollar}}

func turnOf(turn providertest.Turn, input, output int64, model string) providertest.Turn {
	turn = turn.WithUsage(provider.Usage{Input: input, Output: output})
	turn.Response.Model = model
	return turn
}

// TestR21_Cost bounds the cost of a run: at the limit neither a tool nor the model is called.
// A turn of unknown cost is such a limit.
func TestR21_Cost(t *testing.T) {
	const words = "That is all I can do."
	look := turnOf(providertest.Call("look_up", `{"order_id":"A1"}`), 100, 50, "model-1-2025-08-07") // $0.20
	say := turnOf(providertest.Say("Shipped."), 100, 0, "model-1")                                   // $0.10
	other := turnOf(providertest.Call("look_up", `{"order_id":"A1"}`), 100, 50, "model-2")
	silent := turnOf(providertest.Call("look_up", `{"order_id":"A1"}`), 0, 0, "model-1")
	told := func(turn providertest.Turn, cost string) providertest.Turn {
		m, err := provider.ParseMoney(cost)
		if err != nil {
			t.Fatal(err)
		}
		resp := *turn.Response
		resp.Cost = &m
		return providertest.Respond(&resp)
	}
	for _, c := range []struct {
		name    string
		turns   []providertest.Turn
		limit   string
		outcome transcript.Outcome
		why     string
		cost    string
		ran     int
		text    string
	}{
		{"below", []providertest.Turn{look, look, say}, "0.51", transcript.OutcomeDone, "", "$0.50", 2, "Shipped."},
		{"reached with the last word", []providertest.Turn{look, look, say}, "0.5", transcript.OutcomeDone, "", "$0.50", 2, "Shipped."},
		{"reached by a turn with a call", []providertest.Turn{look, look}, "0.4", transcript.OutcomeLimit, transcript.LimitCost, "$0.40", 1, words},
		{"reached at once", []providertest.Turn{look}, "0.000000000001", transcript.OutcomeLimit, transcript.LimitCost, "$0.20", 0, words},
		{"another model answers", []providertest.Turn{look, other}, "100", transcript.OutcomeLimit, transcript.LimitUnknownCost, "at least $0.20 (1 of unknown cost)", 1, words},
		{"no usage is reported", []providertest.Turn{silent}, "100", transcript.OutcomeLimit, transcript.LimitUnknownCost, "unknown", 0, words},
		{"the API says what it costs", []providertest.Turn{told(look, "0.01"), told(say, "0")}, "100", transcript.OutcomeDone, "", "$0.01", 1, "Shipped."},
		{"the API says it of another model", []providertest.Turn{told(other, "0.25"), say}, "100", transcript.OutcomeDone, "", "$0.35", 1, "Shipped."},
		{"the API says it without tokens", []providertest.Turn{told(silent, "0.25"), say}, "100", transcript.OutcomeDone, "", "$0.35", 1, "Shipped."},
		{"reached by what the API says", []providertest.Turn{told(look, "5")}, "5", transcript.OutcomeLimit, transcript.LimitCost, "$5.00", 0, words},
		{"the API says nonsense", []providertest.Turn{told(look, "-5"), say}, "100", transcript.OutcomeDone, "", "$0.30", 1, "Shipped."},
		{"no limit, another model", []providertest.Turn{other, say}, "0", transcript.OutcomeDone, "", "at least $0.10 (1 of unknown cost)", 1, "Shipped."},
	} {
		t.Run(c.name, func(t *testing.T) {
			limit, err := provider.ParseMoney(c.limit)
			if err != nil {
				t.Fatal(err)
			}
			ran := 0
			tool := funcall.NewTool("look_up", "Looks an order up.", func(context.Context, struct {
				OrderID string `json:"order_id"`
			}) (string, error) {
				ran++
				return "shipped", nil
			}, funcall.ReadOnly())
			agent, err := funcall.New(priced{providertest.NewScript(t, c.turns...)}, funcall.Config{
				Tools: []funcall.Tool{tool}, Prices: dear, Limits: transcript.Limits{Cost: limit, ClosingText: words},
			})
			if err != nil {
				t.Fatal(err)
			}
			res, err := agent.Run(t.Context(), "Where is A1?")
			if err != nil || res.Outcome != c.outcome || res.Reason != c.why || res.Cost.String() != c.cost || ran != c.ran || res.Text() != c.text {
				t.Errorf("%v: %s, %q, %v, %d calls ran, %q", err, res.Outcome, res.Reason, res.Cost, ran, res.Text())
			}
		})
	}
}

// TestR21_CostNeedsPrices refuses a limit of cost without prices to compute it.
func TestR21_CostNeedsPrices(t *testing.T) {
	limits := transcript.Limits{Cost: provider.Dollar}
	for want, c := range map[string]struct {
		p      provider.Provider
		prices provider.Prices
	}{
		`no price for the model "model-1"`: {priced{providertest.NewScript(t)}, provider.Prices{"model-2": {}}},
		"does not name its model":          {provider.Func(providertest.NewScript(t).Generate), dear},
	} {
		if _, err := funcall.New(c.p, funcall.Config{Limits: limits, Prices: c.prices}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
		agent, err := funcall.New(c.p, funcall.Config{Prices: c.prices})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := agent.Run(t.Context(), "hi", funcall.WithLimits(limits)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	if _, err := funcall.New(priced{providertest.NewScript(t)}, funcall.Config{Limits: transcript.Limits{Cost: -1}, Prices: dear}); err == nil || !strings.Contains(err.Error(), "negative") {
		t.Error(err)
	}
}
