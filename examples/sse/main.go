// Command sse serves the reference shop's customer service over HTTP, as
// server-sent events.
//
//	go run ./examples/sse
//	curl -N -H "Authorization: Bearer sarah" -d '{"text":"Where is ORD-78342?"}' http://localhost:8080/tickets/t-1/messages
//
// It needs no key: offline rules take a model's place.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "the `address` to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "sse:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done. Runs that are under way then have a few seconds
// to end; those that have not are canceled, and end in their transcripts.
func run(ctx context.Context, addr string) error {
	agent, err := funcall.New(offline.New(), funcall.Config{
		Instructions: ecommerce.Policy,
		Tools:        ecommerce.Tools(ecommerce.NewMock()),
		Logger:       slog.Default(),
	})
	if err != nil {
		return err
	}
	s := &server{agent: agent, customer: demoCustomer, heartbeat: 15 * time.Second}
	runs, cancel := context.WithCancel(context.Background())
	defer cancel()
	web := &http.Server{
		Addr:              addr,
		Handler:           s.routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		BaseContext:       func(net.Listener) context.Context { return runs },
	}
	failed := make(chan error, 1)
	go func() { failed <- web.ListenAndServe() }()
	fmt.Printf("listening on http://%s; as Sarah: -H \"Authorization: Bearer sarah\"\n", addr)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	if err := web.Shutdown(grace); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	cancel()
	last, done := context.WithTimeout(context.Background(), 5*time.Second)
	defer done()
	return web.Shutdown(last)
}

// demoCustomer stands for a service's own authentication: whoever knows the
// name is that customer.
func demoCustomer(r *http.Request) (string, bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	id, ok := map[string]string{"sarah": "CUST-9821", "james": "CUST-8765"}[token]
	return id, ok
}
