// Command sse serves the reference shop's customer service over HTTP, with server-sent events.
//
//	go run ./examples/sse
//	curl -N -H "Authorization: Bearer sarah" -d '{"text":"Where is ORD-78342?"}' http://localhost:8080/tickets/t-1/messages
//
// A return over 100.00 waits for the staff:
//
//	curl -N -H "Authorization: Bearer sarah" -d '{"text":"Return ORD-70211, it is defective."}' http://localhost:8080/tickets/t-2/messages
//	curl -H "Authorization: Bearer anna" http://localhost:8080/staff/tickets/t-2/pending
//	curl -H "Authorization: Bearer anna" -d '{"call": …, "approve": true}' http://localhost:8080/staff/tickets/t-2/decisions
//	curl -H "Authorization: Bearer sarah" http://localhost:8080/tickets/t-2/messages
//
// It needs no key: a rule-based stand-in for a model answers.
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
	"syscall"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "the `address` to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "sse:", err)
		os.Exit(1)
	}
}

// approveOver is the refund in cents over which the staff decides on a return.
const approveOver ecommerce.Money = 10000

// run serves the shop on addr until ctx is done.
func run(ctx context.Context, addr string) error {
	cfg := config(ecommerce.NewMock())
	cfg.Logger = slog.Default()
	agent, err := funcall.New(offline.New(), cfg)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s; as Sarah: -H \"Authorization: Bearer sarah\"\n", l.Addr())
	s := &server{agent: agent, customer: demoCustomer, staff: demoStaff, heartbeat: 15 * time.Second}
	return serveUntil(ctx, l, s.routes(), 5*time.Second)
}

// config returns the agent of the shop.
func config(shop ecommerce.Backend) funcall.Config {
	return funcall.Config{
		Instructions: ecommerce.Policy,
		RunOptions:   ecommerce.RunOptions(shop, ecommerce.ReferenceTime),
		Tools:        ecommerce.Tools(shop, ecommerce.ApproveOver(approveOver)),
	}
}

// lastGrace is the time that canceled runs have to end.
const lastGrace = 5 * time.Second

// serveUntil serves on l until ctx is done. Then it takes no more requests, and running answers
// have the grace period to end. Runs that exceed it are canceled and end as such in their
// transcripts.
func serveUntil(ctx context.Context, l net.Listener, routes http.Handler, grace time.Duration) error {
	runs, cancel := context.WithCancel(context.Background())
	defer cancel()
	web := &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		BaseContext:       func(net.Listener) context.Context { return runs },
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	slog.Info("stopping", "grace", grace)
	err := shutdown(web, grace)
	if errors.Is(err, context.DeadlineExceeded) {
		cancel()
		err = shutdown(web, lastGrace)
	}
	if err != nil {
		return errors.Join(err, web.Close())
	}
	//lint:ignore errcheck it is http.ErrServerClosed
	<-ended
	slog.Info("stopped")
	return nil
}

// shutdown waits for running requests, for at most the grace period.
func shutdown(web *http.Server, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return web.Shutdown(ctx)
}

// demoStaff stands for the authentication of the staff.
func demoStaff(r *http.Request) (string, bool) {
	return "anna", r.Header.Get("Authorization") == "Bearer anna"
}

// demoCustomer stands for a service's authentication. It accepts a customer's name as proof.
func demoCustomer(r *http.Request) (string, bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	id, ok := map[string]string{"sarah": "CUST-9821", "james": "CUST-8765"}[token]
	return id, ok
}
