package golden_test

import (
	"context"
	"testing"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider/providertest"
)

// TestOfAnAgent is a typical golden test. Its file is testdata/golden/TestOfAnAgent.txtar.
func TestOfAnAgent(t *testing.T) {
	type orderQuery struct {
		OrderID string `json:"order_id"`
	}
	type order struct {
		Status  string `json:"status"`
		Arrives string `json:"arrives"`
	}
	lookup := funcall.NewTool("get_order", "Retrieves an order.", func(context.Context, orderQuery) (order, error) {
		return order{Status: "shipped", Arrives: "2024-11-22"}, nil
	}, funcall.ReadOnly())

	// In your test this is openai.New(…). It is asked only if GOLDEN_RECORD=1 is set.
	model := providertest.NewScript(nil,
		providertest.Call("get_order", `{"order_id":"ORD-1"}`),
		providertest.Say("It was shipped and arrives on 2024-11-22."),
		providertest.Say("You are welcome."))

	g := golden.New(t, golden.Live(model))
	agent, err := funcall.New(g, funcall.Config{Instructions: "You answer questions about orders.", Tools: []funcall.Tool{lookup}})
	if err != nil {
		t.Fatal(err)
	}
	chat := agent.Session("ticket-1", funcall.Subject("CUST-1"))
	for _, text := range []string{"Where is ORD-1?", "Thanks!"} {
		res, err := chat.Send(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		g.Check(res.Transcript)
	}
}
