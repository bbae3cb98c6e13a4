package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A spread is the figures of the rounds, in ascending order.
type spread []float64

func spreadOf(rounds []figures, of func(figures) float64) spread {
	s := make(spread, len(rounds))
	for i, f := range rounds {
		s[i] = of(f)
	}
	slices.Sort(s)
	return s
}

func (s spread) median() float64 { return (s[(len(s)-1)/2] + s[len(s)/2]) / 2 }

// format returns the median and the range, in units.
func (s spread) format(unit float64, name string) string {
	if len(s) == 0 {
		return ""
	}
	m := s.median() / unit
	text := digits(m) + name
	if len(s) > 1 {
		text += fmt.Sprintf(" (%s to %s)", digits(s[0]/unit), digits(s[len(s)-1]/unit))
	}
	return text
}

// digits returns a number with three significant digits, and with commas from 10,000.
func digits(v float64) string {
	switch {
	case v >= 1000:
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func grouped(s string) string {
	if len(s) <= 3 {
		return s
	}
	return grouped(s[:len(s)-3]) + "," + s[len(s)-3:]
}

// duration formats nanoseconds in the unit that fits the median.
func (s spread) duration() string {
	for _, u := range []struct {
		name string
		ns   float64
	}{{" ms", 1e6}, {" µs", 1e3}} {
		if len(s) > 0 && s.median() >= u.ns {
			return s.format(u.ns, u.name)
		}
	}
	return s.format(1, " ns")
}

func (s spread) kilobytes() string { return s.format(1e3, " KB") }
func (s spread) count() string     { return s.format(1, "") }

// ratios returns the ratios of the sides, round by round.
func (c *comparison) ratios(of func(figures) float64) spread {
	s := make(spread, len(c.Rounds[sideFuncall]))
	for i, f := range c.Rounds[sideFuncall] {
		s[i] = of(f) / of(c.Rounds[sideHand][i])
	}
	slices.Sort(s)
	return s
}

// writeTables writes the rows beside the loop by hand, and then the others, as Markdown.
func writeTables(w io.Writer, all []*comparison) error {
	var beside, alone strings.Builder
	for _, c := range all {
		if c.row.byhand == nil {
			c.writeAlone(&alone)
		} else {
			c.writeBeside(&beside)
		}
	}
	if beside.Len() > 0 {
		const head = "| user and system time | funcall | by hand | ratio | allocations | by hand | ratio |\n|---|---|---|---|---|---|---|\n"
		if _, err := fmt.Fprintf(w, "%s%s\n", head, &beside); err != nil {
			return err
		}
	}
	if alone.Len() > 0 {
		const head = "| funcall alone | user and system time | wall clock | allocations |\n|---|---|---|---|\n"
		if _, err := fmt.Fprintf(w, "%s%s\n", head, &alone); err != nil {
			return err
		}
	}
	return nil
}

func cpuOf(f figures) float64      { return f.CPU }
func wallOf(f figures) float64     { return f.Wall }
func allocsOf(f figures) float64   { return f.Allocs }
func residentOf(f figures) float64 { return f.Resident }

func (c *comparison) writeBeside(b *strings.Builder) {
	side := func(name string, of func(figures) float64) spread { return spreadOf(c.Rounds[name], of) }
	if c.row.waits {
		fmt.Fprintf(b, "| %s (`%s`): resident memory | %s | %s | %s | | | |\n", c.Title, c.Row,
			side(sideFuncall, residentOf).kilobytes(), side(sideHand, residentOf).kilobytes(), c.ratios(residentOf).count())
		return
	}
	fmt.Fprintf(b, "| %s (`%s`) | %s | %s | %s | %s | %s | %s |\n", c.Title, c.Row,
		side(sideFuncall, cpuOf).duration(), side(sideHand, cpuOf).duration(), c.ratios(cpuOf).count(),
		digits(side(sideFuncall, allocsOf).median()), digits(side(sideHand, allocsOf).median()), digits(c.ratios(allocsOf).median()))
}

func (c *comparison) writeAlone(b *strings.Builder) {
	side := func(of func(figures) float64) spread { return spreadOf(c.Rounds[sideFuncall], of) }
	fmt.Fprintf(b, "| %s (`%s`) | %s | %s | %s |\n", c.Title, c.Row,
		side(cpuOf).duration(), side(wallOf).duration(), digits(side(allocsOf).median()))
}
