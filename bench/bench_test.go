package main

import (
	"context"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// benchServer is the server that all benchmarks share.
var benchServer struct {
	once sync.Once
	*process
	url string
	err error
}

// TestMain makes the test binary a server or a worker where it is started as one.
func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		main()
		return
	}
	code := m.Run()
	if benchServer.process != nil {
		benchServer.stop()
	}
	os.Exit(code)
}

// benchmark measures a row, each side in turn. cpu-ns/op is user and system time of the
// process; the server is another one.
func benchmark(b *testing.B, name string) {
	found, err := rowsNamed(name)
	if err != nil {
		b.Fatal(err)
	}
	s := &benchServer
	s.once.Do(func() { s.process, s.url, s.err = startServer(context.Background()) })
	if s.err != nil {
		b.Fatal(s.err)
	}
	r := found[0]
	for _, side := range r.sides() {
		b.Run(side, func(b *testing.B) {
			e := &env{row: r, url: s.url + "/" + name, dir: b.TempDir()}
			if r.waits {
				benchmarkWaiting(b, e, r.work(side))
				return
			}
			op, err := r.work(side)(e)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			m := new(meter)
			t := timers{b, m}
			t.StartTimer()
			for b.Loop() {
				if err := op(t); err != nil {
					b.Fatal(err)
				}
			}
			m.StopTimer()
			if f, err := m.figures(b.N); err == nil {
				b.ReportMetric(f.CPU, "cpu-ns/op")
			}
		})
	}
}

// timers are the benchmark's timer and a meter.
type timers struct {
	b *testing.B
	m *meter
}

func (t timers) StartTimer() { t.m.StartTimer(); t.b.StartTimer() }
func (t timers) StopTimer()  { t.b.StopTimer(); t.m.StopTimer() }

// benchmarkWaiting makes b.N conversations wait, at most 2,000 at a time, and reports what each
// of the last ones holds.
func benchmarkWaiting(b *testing.B, e *env, w work) {
	c, op, err := gather(e, w)
	if err != nil {
		b.Fatal(err)
	}
	do := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	do(c.grow(1, op)) // warms up
	do(c.disperse())
	for left := b.N; left > 0; {
		b.StopTimer()
		n := min(left, 2000)
		left -= n
		before, goroutines := memory(), runtime.NumGoroutine()
		b.StartTimer()
		do(c.grow(n, op))
		b.StopTimer()
		after := memory()
		per := func(after, before uint64) float64 { return (float64(after) - float64(before)) / float64(n) }
		b.ReportMetric(per(uint64(runtime.NumGoroutine()), uint64(goroutines)), "goroutines/op")
		b.ReportMetric(per(after.HeapAlloc, before.HeapAlloc), "heap-B/op")
		b.ReportMetric(per(after.StackInuse, before.StackInuse), "stack-B/op")
		b.StartTimer()
		do(c.disperse())
	}
}

// memory returns what is in use, without what is free.
func memory() (m runtime.MemStats) {
	settle()
	runtime.ReadMemStats(&m)
	return m
}

func BenchmarkOneTurn(b *testing.B)             { benchmark(b, "one") }
func BenchmarkThreeTurns(b *testing.B)          { benchmark(b, "three") }
func BenchmarkThreeTurnsStreamed(b *testing.B)  { benchmark(b, "stream") }
func BenchmarkSixtyTurns(b *testing.B)          { benchmark(b, "sixty") }
func BenchmarkTwoThousandWaiting(b *testing.B)  { benchmark(b, "waiting") }
func BenchmarkTwoThousandDeltas(b *testing.B)   { benchmark(b, "deltas") }
func BenchmarkCheckArguments(b *testing.B)      { benchmark(b, "arguments") }
func BenchmarkNewTool(b *testing.B)             { benchmark(b, "tool") }
func BenchmarkFiveSlowTools(b *testing.B)       { benchmark(b, "slow") }
func BenchmarkResultText(b *testing.B)          { benchmark(b, "result-text") }
func BenchmarkResultList(b *testing.B)          { benchmark(b, "result-list") }
func BenchmarkArgumentsText(b *testing.B)       { benchmark(b, "args-text") }
func BenchmarkArgumentsList(b *testing.B)       { benchmark(b, "args-list") }
func BenchmarkManyCalls(b *testing.B)           { benchmark(b, "calls") }
func BenchmarkConversationsAtOnce(b *testing.B) { benchmark(b, "together") }

// BenchmarkHistory measures what grows with a conversation, up to 1,000 questions.
func BenchmarkHistory(b *testing.B) {
	for _, r := range historyRows() {
		if strings.HasSuffix(r.name, "-10000") {
			continue // takes minutes; the command measures it
		}
		b.Run(r.name, func(b *testing.B) { benchmark(b, r.name) })
	}
}
