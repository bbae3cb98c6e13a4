package provider_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/funcall/funcall/provider"
)

// bounded is a wrapper that bounds the time of each call. Its Check reports mistakes in its own
// setting and in the provider's.
type bounded struct {
	provider.Provider
	limit time.Duration
}

func (b bounded) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	return b.Provider.Generate(ctx, req, emit)
}

func (b bounded) Check() error {
	var errs []error
	if b.limit <= 0 {
		errs = append(errs, fmt.Errorf("the limit is %v and must be positive", b.limit))
	}
	if c, ok := b.Provider.(provider.Checker); ok {
		errs = append(errs, c.Check())
	}
	return errors.Join(errs...)
}

// gateway is a provider that needs an address.
type gateway struct {
	provider.Func
	address string
}

func (g gateway) Check() error {
	if g.address == "" {
		return errors.New("the gateway has no address")
	}
	return nil
}

// funcall.New reports what Check returns.
func ExampleChecker() {
	var p provider.Provider = bounded{gateway{}, -time.Second}
	if c, ok := p.(provider.Checker); ok {
		fmt.Println(c.Check())
	}
	// Output:
	// the limit is -1s and must be positive
	// the gateway has no address
}
