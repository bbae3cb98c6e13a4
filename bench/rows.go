package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider/openai"
	"github.com/funcall/funcall/transcript"
)

// The sides of a row.
const (
	sideFuncall = "funcall"
	sideHand    = "byhand"
)

// A row is a workload, the same for both sides.
type row struct {
	name    string // for the flag -rows, and the path on the server
	title   string
	script  func() script // nil without a server
	stream  bool
	tools   func(wait func()) []pair // nil: the shop's
	funcall work
	byhand  work // nil if only funcall is measured
	ops     int  // operations that a worker measures
	units   int  // questions or deltas in an operation, if it is not one
	waits   bool // its operations wait in a tool, and memory is measured in place of time
}

// work prepares a workload and returns its operation. An operation that has parts that do not
// count stops the timer during them.
type work func(e *env) (op func(timer) error, err error)

// A timer is a [meter] or a [testing.B].
type timer interface {
	StartTimer()
	StopTimer()
}

// An env is what a workload runs in.
type env struct {
	row *row
	url string
	dir string // for files
	// wait, if it is not nil, is called in each tool.
	wait func()
}

const question = "Where is ORD-78342, and could I have two more of the earbuds?"

var (
	short      = []string{"It is on its way, ", "and will be with you ", "on Friday."}
	oneTurn    = calling()
	oneCall    = calling([]string{order})
	threeTurns = calling([]string{customer}, []string{order, inStock, product}) // 1 + 3 calls
)

// Rows beside the loop by hand come first.
var rows = append([]*row{
	{name: "one", title: "one turn", script: oneTurn, funcall: askAgent, byhand: askLoop, ops: 20_000},
	{name: "three", title: "three turns, 1 + 3 calls", script: threeTurns, funcall: askAgent, byhand: askLoop, ops: 5000},
	{name: "stream", title: "the same, streamed", script: threeTurns, stream: true, funcall: askAgent, byhand: askLoop, ops: 3000},
	{name: "sixty", title: "a question of 60 in one conversation", script: oneCall, funcall: converseAgent, byhand: converseLoop, ops: 60, units: sixty},
	{name: "waiting", title: "a conversation that waits in a tool", script: calling([]string{pickup}), tools: waitingShop, funcall: askAgent, byhand: askLoop, ops: 2000, waits: true},
	{name: "deltas", title: "a delta of 2,000", script: func() script { return script{answer: deltas(2000)} }, stream: true, funcall: askAgent, byhand: askLoop, ops: 300, units: 2000},
	{name: "arguments", title: "check and decode one call's arguments", funcall: checkArguments, byhand: unmarshalArguments, ops: 1_000_000},
	{name: "tool", title: "building a tool", funcall: buildTool, byhand: describeTool, ops: 10_000},
	{name: "slow", title: "five calls of 50 ms at once", script: calling([]string{customer, order, inStock, product, order}), tools: slowShop, funcall: askAgent, byhand: askLoop, ops: 20},
	{name: "result-text", title: "a result of 1 MB, one text", script: calling([]string{manual}), tools: large, funcall: askAgent, byhand: askLoop, ops: 100},
	{name: "result-list", title: "a result of 1 MB, a list of objects", script: calling([]string{catalog}), tools: large, funcall: askAgent, byhand: askLoop, ops: 50},
	{name: "args-text", title: "arguments of 1 MB, one text", script: note, tools: large, funcall: askAgent, byhand: askLoop, ops: 50},
	{name: "args-list", title: "arguments of 1 MB, a list of objects", script: inventory, tools: large, funcall: askAgent, byhand: askLoop, ops: 30},
	{name: "calls", title: "256 calls in one turn", script: calling(slices.Repeat([]string{order}, 256)), funcall: askAgent, byhand: askLoop, ops: 300},
	{name: "together", title: "a question of 256 conversations at once", script: oneCall, funcall: together(256, askAgent), byhand: together(256, askLoop), ops: 60, units: 256},
}, historyRows()...)

// rowsNamed returns the rows with the names, all rows if the list is empty.
func rowsNamed(list string) ([]*row, error) {
	if list == "" {
		return rows, nil
	}
	var found []*row
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(rows, func(r *row) bool { return r.name == name })
		if i < 0 {
			var names []string
			for _, r := range rows {
				names = append(names, r.name)
			}
			return nil, fmt.Errorf("there is no row %q; the rows are %s", name, strings.Join(names, ", "))
		}
		found = append(found, rows[i])
	}
	return found, nil
}

// work returns the work of a side.
func (r *row) work(side string) work {
	if side == sideHand {
		return r.byhand
	}
	return r.funcall
}

// sides returns the sides that the row has.
func (r *row) sides() []string {
	if r.byhand == nil {
		return []string{sideFuncall}
	}
	return []string{sideFuncall, sideHand}
}

// calling returns a script with the calls, turn by turn, and a short answer.
func calling(turns ...[]string) func() script {
	return func() script { return script{turns, short} }
}

func deltas(n int) []string {
	answer := make([]string, n)
	for i := range answer {
		answer[i] = "word " + strconv.Itoa(i%10)
	}
	return answer
}

func (e *env) tools() []pair {
	if e.row.tools != nil {
		return e.row.tools(e.wait)
	}
	return shop(e.wait)
}

func (e *env) agent(store transcript.Store) (*funcall.Agent, error) {
	cfg := funcall.Config{Instructions: ecommerce.Policy, Store: store, Limits: transcript.Limits{Calls: 256}}
	for _, t := range e.tools() {
		cfg.Tools = append(cfg.Tools, t.funcall)
	}
	return funcall.New(openai.New("m", openai.BaseURL(e.url), openai.HTTPClient(client())), cfg)
}

func (e *env) loop() *loop {
	l := &loop{client: client(), url: e.url, system: ecommerce.Policy}
	if e.row.stream {
		l.stream = func(string) {}
	}
	for _, t := range e.tools() {
		l.tools = append(l.tools, t.hand)
	}
	return l
}

// client returns the HTTP client of either side: its settings are those of funcall's own.
func client() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2048, WriteBufferSize: 64 << 10}}
}

func askAgent(e *env) (func(timer) error, error) {
	agent, err := e.agent(nil)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	if !e.row.stream {
		return func(timer) error {
			_, err := agent.Run(ctx, question)
			return err
		}, nil
	}
	return func(timer) error {
		for _, err := range agent.Stream(ctx, question) {
			if err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func askLoop(e *env) (func(timer) error, error) {
	l := e.loop()
	return func(timer) error {
		_, _, err := l.run(context.Background(), []loopMessage{{Role: "user", Content: question}})
		return err
	}, nil
}

// sixty is the number of questions in a conversation.
const sixty = 60

// converseAgent is a whole conversation in a session.
func converseAgent(e *env) (func(timer) error, error) {
	store := new(transcript.Memory)
	agent, err := e.agent(store)
	if err != nil {
		return nil, err
	}
	n := 0
	return func(timer) error {
		n++
		chat := agent.Session(fmt.Sprint("chat", n))
		for range sixty {
			if _, err := chat.Send(context.Background(), question); err != nil {
				return err
			}
		}
		return store.Delete(context.Background(), chat.ID())
	}, nil
}

// converseLoop is a whole conversation whose history is kept in a slice.
func converseLoop(e *env) (func(timer) error, error) {
	l := e.loop()
	return func(timer) error {
		var history []loopMessage
		for range sixty {
			var err error
			if _, history, err = l.run(context.Background(), append(history, loopMessage{Role: "user", Content: question})); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// together does n operations at once.
func together(n int, w work) work {
	return func(e *env) (func(timer) error, error) {
		op, err := w(e)
		if err != nil {
			return nil, err
		}
		return func(t timer) error {
			errs := make(chan error, n)
			var wg sync.WaitGroup
			for range n {
				wg.Go(func() { errs <- op(t) })
			}
			wg.Wait()
			close(errs)
			for err := range errs {
				if err != nil {
					return err
				}
			}
			return nil
		}, nil
	}
}
