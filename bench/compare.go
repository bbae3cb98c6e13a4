package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
)

// A plan is what to compare.
type plan struct {
	rows   []*row
	rounds int
	ops    int // of each worker; 0: the row's own number
	log    io.Writer
}

// A comparison is the figures of a row: of each side, one for each round.
type comparison struct {
	Row    string               `json:"row"`
	Title  string               `json:"title"`
	Rounds map[string][]figures `json:"rounds"`
	row    *row
}

// compare measures all rows, round by round.
func compare(ctx context.Context, p plan) (all []*comparison, err error) {
	if _, err := cpuTime(); err != nil {
		return nil, err
	}
	s, url, err := startServer(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	for _, r := range p.rows {
		all = append(all, &comparison{Row: r.name, Title: r.title, Rounds: make(map[string][]figures), row: r})
	}
	for round := range p.rounds {
		for _, c := range all {
			fmt.Fprintf(p.log, "round %d of %d: %s\n", round+1, p.rounds, c.Row)
			if err := c.measure(ctx, url, cmp.Or(p.ops, c.row.ops)); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// parts are those of a round. In each, both sides are measured, one right after the other, so
// other load on the machine hits both alike.
const parts = 20

// split returns n operations in at most so many parts of about the same size.
func split(n, parts int) []int {
	parts = min(parts, n)
	sizes := make([]int, parts)
	for i := range sizes {
		sizes[i] = n*(i+1)/parts - n*i/parts
	}
	return sizes
}

// measure adds a round of n operations for each side. Each side is a new process.
func (c *comparison) measure(ctx context.Context, url string, n int) (err error) {
	sides := c.row.sides()
	workers := make([]*process, len(sides))
	defer func() {
		for _, w := range workers {
			if w != nil {
				err = errors.Join(err, w.stop())
			}
		}
	}()
	for i, side := range sides {
		if workers[i], err = startWorker(ctx, job{Row: c.Row, Side: side, WarmUp: 1 + n/20, URL: url}); err != nil {
			return err
		}
	}
	sizes := split(n, parts)
	if c.row.waits {
		sizes = []int{n} // the conversations wait all at once
	}
	sums := make([]figures, len(sides))
	for _, size := range sizes {
		for i, w := range workers {
			f, err := w.measure(size)
			if err != nil {
				return err
			}
			sums[i].add(f, float64(size)/float64(n))
		}
	}
	for i, side := range sides {
		c.Rounds[side] = append(c.Rounds[side], sums[i])
	}
	return nil
}
