package openai

import (
	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/json/jsonscan"
	"github.com/funcall/funcall/provider"
)

// A bill is the cost of a response as the server reports it in its usage, in US dollars.
// OpenRouter and Vercel's gateway report what they charge and, if the account's own key for
// the model's API was used, what that API charges on top.
type bill struct {
	charged  amount
	upstream amount // what the model's API charges, reported by OpenRouter
	market   amount // the same by list price, reported by Vercel
	ownKey   bool
}

// An amount is a sum of money, if it is known.
type amount struct {
	money provider.Money
	known bool
}

// ticks is the number of xAI's ticks in a dollar.
const ticks = 1e10

// read reads a member of the usage. It skips members that are not a cost. An unknown amount
// replaces no other.
func (b *bill) read(key []byte, s *jsonscan.Scanner) {
	switch string(key) {
	case "cost":
		if s.Kind() != '{' {
			b.charged.read(s, 1)
			return
		}
		for key := range s.Object() { // Perplexity
			if string(key) == "total_cost" {
				b.charged.read(s, 1)
			}
		}
	case "cost_in_usd_ticks":
		b.charged.read(s, ticks)
	case "cost_details":
		for key := range s.Object() {
			if string(key) == "upstream_inference_cost" {
				b.upstream.read(s, 1)
			}
		}
	case "market_cost":
		b.market.read(s, 1)
	case "is_byok":
		if kind := s.Kind(); kind == 't' || kind == 'f' {
			b.ownKey = kind == 't'
		}
	}
}

func (a *amount) read(s *jsonscan.Scanner, unitsPerDollar float64) {
	if m, ok := wire.Money(s, unitsPerDollar); ok {
		*a = amount{m, true}
	}
}

// total returns the sum, or nil if a part of it is unknown.
func (b *bill) total() *provider.Money {
	if !b.charged.known {
		return nil
	}
	sum := b.charged.money
	if b.ownKey {
		other := b.upstream
		if !other.known {
			other = b.market
		}
		if !other.known {
			return nil
		}
		sum = sum.Add(other.money)
	}
	return &sum
}
