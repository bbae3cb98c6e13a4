// Command bench compares funcall with the loop that a good engineer writes in an hour:
// net/http, encoding/json, nothing checked (loop.go).
//
// It measures what a user pays: the user and system time of a whole process. The server that
// plays the model is another process. Each row, side and round has a process of its own, and
// the two sides of a row take turns, a twentieth of a round each. It prints medians and ranges
// as Markdown tables.
//
//	go run ./bench
//	go run ./bench -rounds 3 -rows three,stream
//
// The Go benchmarks of the same rows are for profiles:
//
//	go test -run '^$' -bench ThreeTurns -cpuprofile cpu.out ./bench
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	if err := start(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func start(args []string) error {
	switch role := os.Getenv(roleVariable); role {
	case "":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		return run(ctx, args, os.Stdout, os.Stderr)
	case roleServer:
		return runServer(os.Stdin, os.Stdout)
	default:
		return runWorker(role, os.Stdin, os.Stdout)
	}
}

// run compares what the flags choose and prints tables to out.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(log)
	names := flags.String("rows", "", "the `names` of the rows, separated by commas (default all)")
	rounds := flags.Int("rounds", 5, "how often each row is measured")
	ops := flags.Int("ops", 0, "the operations in each measurement, in place of the row's own number")
	file := flags.String("o", "", "a `file` for the figures of each round, in JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || *ops < 0 || flags.NArg() > 0 {
		return fmt.Errorf("-rounds %d, -ops %d, arguments %q: at least one round is needed, -ops is not negative, and there are no arguments", *rounds, *ops, flags.Args())
	}
	chosen, err := rowsNamed(*names)
	if err != nil {
		return err
	}
	all, err := compare(ctx, plan{rows: chosen, rounds: *rounds, ops: *ops, log: log})
	if err != nil {
		return err
	}
	if *file != "" {
		text, err := json.MarshalIndent(all, "", "\t")
		if err != nil {
			return err
		}
		if err := os.WriteFile(*file, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	return writeTables(out, all)
}
