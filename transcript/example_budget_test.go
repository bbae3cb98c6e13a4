package transcript_test

import (
	"context"
	"fmt"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A model call reserves an estimate in the account of the day, and settles the difference.
func ExampleLedger() {
	ctx := context.Background()
	var ledger transcript.Ledger = new(transcript.Memory)
	day := transcript.Account{Key: "today", Bound: transcript.Spend{Tokens: 5000}}

	estimate, actual := transcript.Spend{Tokens: 6000}, transcript.Spend{Tokens: 1500}
	full, err := ledger.Reserve(ctx, []transcript.Account{day}, estimate)
	fmt.Printf("%q %v\n", full, err)
	full, err = ledger.Reserve(ctx, []transcript.Account{day}, estimate) // by another call, meanwhile
	fmt.Printf("%q %v\n", full, err)
	fmt.Println(ledger.Settle(ctx, []string{day.Key}, actual.Minus(estimate)))
	spent, err := ledger.Spent(ctx, day.Key)
	fmt.Println(spent.Tokens, spent.Reaches(day.Bound), err)
	// Output:
	// "" <nil>
	// "today" <nil>
	// <nil>
	// 1500 false <nil>
}

// Accounts of an engine that owns the transcripts of its runs.
func ExampleAccounts() {
	ctx := context.Background()
	var accounts transcript.Accounts
	for _, cost := range []provider.Money{provider.Dollar / 4, provider.Dollar / 2} {
		if err := accounts.Settle(ctx, []string{"team", "project"}, transcript.Spend{Cost: cost}); err != nil {
			fmt.Println(err)
		}
	}
	team, err := accounts.Spent(ctx, "team")
	fmt.Println(team.Cost, err)
	full, err := accounts.Reserve(ctx, []transcript.Account{{Key: "project", Bound: transcript.Spend{Cost: provider.Dollar / 2}}}, transcript.Spend{Cost: provider.Dollar})
	fmt.Println(full, err)
	// Output:
	// $0.75 <nil>
	// project <nil>
}

func ExampleSpend_Plus() {
	a := transcript.Spend{Tokens: 1200, Cost: provider.Dollar / 2}
	b := transcript.Spend{Tokens: 300, Cost: provider.Dollar / 4}
	fmt.Println(a.Plus(b), a.Minus(b))
	// Output: {1500 $0.75} {900 $0.25}
}

// A run whose budget is spent ends at a limit, and its reason names the budget.
func ExampleLimitBudget() {
	end := transcript.End{Outcome: transcript.OutcomeLimit, Reason: transcript.LimitBudget("customer")}
	fmt.Println(end.Reason, end.Reason == transcript.LimitBudget("customer"))
	// Output: budget "customer" true
}
