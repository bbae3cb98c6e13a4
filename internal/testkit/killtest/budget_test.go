//go:build unix

package killtest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// envSpends has a process spend the budget of these tests: how it says.
const envSpends = "FUNCALL_KILLTEST_SPENDS"

const (
	spendsAll     = "all"     // several runs at a time, until the budget is spent
	spendsDying   = "dying"   // one run, in whose model call the process kills itself
	spendsResumed = "resumed" // that run again
)

// together is the budget. Each model call uses callTokens of it, less than its estimate.
var together = funcall.Budget{Name: "together", Tokens: 2000}

const callTokens = 40

// A spender is what such a process does.
type spender struct {
	agent *funcall.Agent
	asked func() // in each model call

	mu    sync.Mutex
	calls int
	most  int64 // that was spent during a call
}

// openSpender opens the store in dir. The caller closes it.
func openSpender(ctx context.Context, dir string, asked func(), opts ...funcall.RunOption) (*spender, *sqlite.Store, error) {
	store, err := sqlite.Open(ctx, filepath.Join(dir, "transcripts.db"))
	if err != nil {
		return nil, nil, err
	}
	s := &spender{asked: asked}
	s.agent, err = funcall.New(provider.Func(s.generate), funcall.Config{
		Store: store, RunOptions: opts, Settings: provider.Settings{MaxOutputTokens: 2 * callTokens}, TakeoverAfter: time.Nanosecond,
	})
	return s, store, err
}

func (s *spender) generate(ctx context.Context, _ *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
	spent, err := s.agent.Spent(ctx, together, "")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.calls, s.most = s.calls+1, max(s.most, spent.Tokens)
	s.mu.Unlock()
	s.asked()
	return &provider.Response{Message: provider.Assistant(provider.Text{Text: "Hello."}), Finish: provider.FinishStop, Usage: provider.Usage{Input: callTokens}}, nil
}

// A spending is what a process prints at its end.
type spending struct {
	Calls int
	Most  int64
}

// spend is what such a process does in dir.
func spend(dir, how string) error {
	ctx := context.Background()
	asked := func() {}
	switch how {
	case spendsAll:
		asked = sync.OnceFunc(func() { // waits until the other has asked, too
			fmt.Println("asked")
			_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		})
	case spendsDying:
		asked = func() {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until it has taken effect
		}
	}
	var opts []funcall.RunOption
	if how != spendsResumed { // which has the budget of the run
		opts = append(opts, funcall.WithBudget(together))
	}
	s, store, err := openSpender(ctx, dir, asked, opts...)
	if err != nil {
		return err
	}
	defer store.Close()
	switch how {
	case spendsDying:
		_, err = s.agent.Session(session).Send(ctx, "hi")
		return fmt.Errorf("it lives on: %w", err)
	case spendsResumed:
		_, err = s.agent.Session(session).Resume(ctx)
		return err
	}
	errs := make(chan error)
	const workers = 3
	for worker := range workers {
		go func() { errs <- s.spendAll(ctx, fmt.Sprint(os.Getpid(), " ", worker)) }()
	}
	for range workers {
		if err := <-errs; err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(spending{s.calls, s.most})
}

// spendAll makes runs until the budget is spent.
func (s *spender) spendAll(ctx context.Context, name string) error {
	for i := range together.Tokens {
		res, err := s.agent.Session(fmt.Sprint(name, " ", i)).Send(ctx, "hi")
		switch {
		case err != nil:
			return err
		case res.Outcome == transcript.OutcomeLimit && res.Text() != "":
			return nil
		case res.Outcome != transcript.OutcomeDone:
			return fmt.Errorf("run %d ended %s", i, res.Outcome)
		}
	}
	return fmt.Errorf("%d runs did not spend %d tokens", together.Tokens, together.Tokens)
}

// estimate returns the estimate of each first model call of these processes.
func estimate(t *testing.T) int64 {
	t.Helper()
	s, store, err := openSpender(t.Context(), scene(t), func() {}, funcall.WithBudget(together))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := s.agent.Session(session).Send(t.Context(), "hi"); err != nil {
		t.Fatal(err)
	}
	if s.most <= callTokens {
		t.Fatalf("the estimate is %d", s.most)
	}
	return s.most
}

// spentIn returns what is spent in dir.
func spentIn(t *testing.T, dir string) int64 {
	t.Helper()
	s, store, err := openSpender(t.Context(), dir, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	spent, err := s.agent.Spent(t.Context(), together, "")
	if err != nil {
		t.Fatal(err)
	}
	return spent.Tokens
}

// Two processes spend one budget at the same time. They exceed it by less than the estimate of one
// call, also while calls run.
func TestR21_TwoProcessesSpendOneBudget(t *testing.T) {
	t.Parallel()
	estimate, dir := estimate(t), scene(t)
	var processes []*exec.Cmd
	var inputs []io.WriteCloser
	var outputs []*bufio.Reader
	for range 2 {
		cmd := command(t, dir, envSpends+"="+spendsAll)
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		processes, inputs, outputs = append(processes, cmd), append(inputs, in), append(outputs, bufio.NewReader(out))
	}
	for _, out := range outputs {
		if line, err := out.ReadString('\n'); err != nil || line != "asked\n" {
			t.Fatalf("a process says %q, %v", line, err)
		}
	}
	for _, in := range inputs {
		if _, err := fmt.Fprintln(in); err != nil {
			t.Fatal(err)
		}
	}
	calls := 0
	for i, cmd := range processes {
		var s spending
		if err := json.NewDecoder(outputs[i]).Decode(&s); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
		if calls += s.Calls; s.Calls == 0 || s.Most >= together.Tokens+estimate {
			t.Errorf("process %d made %d calls, and %d tokens were spent during one; the bound is %d and the estimate %d", i, s.Calls, s.Most, together.Tokens, estimate)
		}
	}
	if spent := spentIn(t, dir); spent != int64(calls)*callTokens || spent < together.Tokens || spent >= together.Tokens+estimate {
		t.Errorf("%d tokens are spent by %d calls; the bound is %d and the estimate %d", spent, calls, together.Tokens, estimate)
	}
}

// What a process that was killed had reserved stays spent. Its run is resumed by a process whose
// options have no budget, and pays again.
func TestR21_AKilledProcessHasSpentItsEstimate(t *testing.T) {
	t.Parallel()
	estimate, dir := estimate(t), scene(t)
	if !wait(t, startSpender(t, dir, spendsDying)) {
		t.Error("the process was not killed")
	}
	if spent := spentIn(t, dir); spent != estimate {
		t.Errorf("after the kill, %d tokens are spent; the estimate is %d", spent, estimate)
	}
	if wait(t, startSpender(t, dir, spendsResumed)) {
		t.Error("the process that resumes was killed")
	}
	if spent := spentIn(t, dir); spent != estimate+callTokens {
		t.Errorf("after the run, %d tokens are spent; the estimate is %d", spent, estimate)
	}
}

func startSpender(t *testing.T, dir, how string) *exec.Cmd {
	t.Helper()
	return start(t, dir, 0, 0, 0, envSpends+"="+how)
}
