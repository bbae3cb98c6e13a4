package funcall_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/postgres"
)

// Each customer has 100 tokens a day. The second message of the day ends at the limit, without a
// model call.
func ExampleWithBudget() {
	daily := funcall.Budget{Name: "customer", PerSubject: true, Every: 24 * time.Hour, Tokens: 100}
	model := providertest.NewScript(nil, providertest.Say("It is on its way.").WithUsage(provider.Usage{Input: 1200, Output: 60}))
	agent, err := funcall.New(model, funcall.Config{
		RunOptions: []funcall.RunOption{funcall.WithBudget(daily)},
		Limits:     transcript.Limits{ClosingText: "Please write again tomorrow."},
	})
	if err != nil {
		log.Fatal(err)
	}
	chat := agent.Session("ticket-4711", funcall.Subject("CUST-9821"))
	for range 2 {
		res, err := chat.Send(context.Background(), "Where is my order?")
		fmt.Println(res.Outcome, res.Reason, res.Text(), err)
	}
	spent, err := agent.Spent(context.Background(), daily, "CUST-9821")
	fmt.Println(spent.Tokens, err)
	// Output:
	// done  It is on its way. <nil>
	// limit budget "customer" Please write again tomorrow. <nil>
	// 1260 <nil>
}

// All processes of a service spend at most 200 dollars a day, and each customer at most one.
func ExampleWithBudget_service() {
	_ = func(ctx context.Context, model provider.Provider, prices provider.Prices, dsn string) (*funcall.Agent, error) {
		store, err := postgres.Open(ctx, dsn)
		if err != nil {
			return nil, err
		}
		return funcall.New(model, funcall.Config{
			Store:  store,
			Prices: prices,
			RunOptions: []funcall.RunOption{
				funcall.WithBudget(funcall.Budget{Name: "service", Every: 24 * time.Hour, Cost: 200 * provider.Dollar}),
				funcall.WithBudget(funcall.Budget{Name: "customer", PerSubject: true, Every: 24 * time.Hour, Cost: provider.Dollar}),
			},
			Settings: provider.Settings{MaxOutputTokens: 2000},
		})
	}
}

// An operator's page of what a customer spent today.
func ExampleAgent_Spent() {
	_ = func(ctx context.Context, agent *funcall.Agent, customer string) error {
		spent, err := agent.Spent(ctx, funcall.Budget{Name: "customer", PerSubject: true, Every: 24 * time.Hour, Cost: provider.Dollar}, customer)
		if err != nil {
			return err
		}
		fmt.Printf("%s spent %v and %d tokens today\n", customer, spent.Cost, spent.Tokens)
		return nil
	}
}
