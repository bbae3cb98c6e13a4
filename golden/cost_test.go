package golden_test

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// TestCost plays back a conversation with prices and a limit of cost, with and without the
// live model.
func TestCost(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.prices = provider.Prices{"script": {Input: 1000 * provider.Dollar}, "model-1": {Input: 1000 * provider.Dollar}}
	d.limits.Cost = provider.Dollar
	answer := providertest.Say("It was shipped.").WithUsage(provider.Usage{Input: 20})
	answer.Response.Model = "model-1"
	d.record(t, "TestX", providertest.NewScript(nil, answer))
	if file := read(t, "TestX"); !strings.Contains(file, `"refusals":3,"cost":"1"`) || !strings.Contains(file, `"usage":{"input":20},"cost":"0.02"`) {
		t.Error(file)
	}
	try(t, "TestX", d.test()).passes(t)
	try(t, "TestX", d.test(golden.Live(providertest.NewScript(nil)))).passes(t)

	d.prices["model-1"] = provider.Price{Input: 2000 * provider.Dollar}
	try(t, "TestX", d.test()).fails(t, `"cost": "0.02"`, `"cost": "0.04"`)
}

// TestCostOfTheAPI plays back a cost that an API reported.
func TestCostOfTheAPI(t *testing.T) {
	inDir(t)
	d := newDesk()
	answer := providertest.Say("It was shipped.").WithUsage(provider.Usage{Input: 20})
	answer.Response.Cost = new(provider.Dollar / 4)
	d.record(t, "TestX", providertest.NewScript(nil, answer))
	if file := read(t, "TestX"); !strings.Contains(file, `"usage":{"input":20},"cost":"0.25"`) || !strings.Contains(file, `{"entry":1,"response":{"cost":"0.25"}}`) {
		t.Error(file)
	}
	try(t, "TestX", d.test()).passes(t)
	try(t, "TestX", d.test(golden.Live(providertest.NewScript(nil)))).passes(t)
}
