//go:build unix

package killtest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/ecommerce/sqlshop"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// The environment variables of the processes of this test.
const (
	envDir      = "FUNCALL_KILLTEST_DIR"
	envPoint    = "FUNCALL_KILLTEST_POINT"     // it kills itself there
	envTakeOver = "FUNCALL_KILLTEST_TAKE_OVER" // how soon it takes a run over
	envAhead    = "FUNCALL_KILLTEST_AHEAD"     // of the real time, by its clock
	envListens  = "FUNCALL_KILLTEST_LISTENS"   // it begins no run
	envStops    = "FUNCALL_KILLTEST_STOPS"     // it stops itself, and does not kill itself
)

// later is how far the clock of a worker is ahead of the one before it. What the
// killed one began is over by then: ErrNotApplied is believed at once, and calls
// have time enough on a busy machine.
const later = time.Hour

func TestMain(m *testing.M) {
	if dir := os.Getenv(envDir); dir != "" {
		if os.Getenv(envSeed) != "" {
			os.Exit(playLife(dir))
		}
		if os.Getenv(envAlternates) != "" {
			if err := alternate(dir); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
		if how := os.Getenv(envSpends); how != "" {
			if err := spend(dir, how); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
		if api := os.Getenv(envServed); api != "" {
			if err := served(dir, api); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
		os.Exit(work(dir))
	}
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p.Value.String() == p.DefValue {
		_ = flag.Set(p.Name, "6") // these tests wait for processes, most of the time
	}
	code := m.Run()
	if made, err := template(); err == nil {
		os.RemoveAll(made)
	}
	os.Exit(code)
}

// work is what a process does that is to be killed.
func work(dir string) int {
	n, _ := strconv.ParseInt(os.Getenv(envPoint), 10, 64)
	takeOver, _ := time.ParseDuration(os.Getenv(envTakeOver))
	ahead, _ := time.ParseDuration(os.Getenv(envAhead))
	at := func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until it has taken effect
	}
	stops := os.Getenv(envStops) != ""
	if stops {
		at = func() { stop(dir) }
	}
	point, count := after(n, at)
	inTool := point
	if stops { // what stops there goes on there: see docs/durable.md
		inTool = func() {}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) // only a worker that hangs takes so long
	defer cancel()
	if err := (&worker{dir: dir, takeOver: max(takeOver, 1), ahead: ahead, listens: os.Getenv(envListens) != "", point: point, inTool: inTool}).run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(count.Load())
	return 0
}

// start starts a process that works in dir; kill is where it kills itself, 0 for
// nowhere.
func start(t *testing.T, dir string, kill int, takeOver, ahead time.Duration, env ...string) *exec.Cmd {
	t.Helper()
	cmd := command(t, dir, append(env, envPoint+"="+strconv.Itoa(kill), envTakeOver+"="+takeOver.String(), envAhead+"="+ahead.String())...)
	cmd.Stdout, cmd.Stderr = new(strings.Builder), new(strings.Builder)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// command returns a process of this test that works in dir.
func command(t *testing.T, dir string, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^$")
	cmd.Env = append(append(os.Environ(), env...), envDir+"="+dir)
	return cmd
}

// wait reports whether the process was killed; one that failed fails the test.
func wait(t *testing.T, cmd *exec.Cmd) (killed bool) {
	t.Helper()
	err := cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		t.Errorf("a worker failed: %v\n%s", err, cmd.Stderr)
	}
	return false
}

// A model is what an unkilled worker does, with which all others are compared.
type model struct {
	points   int // at which it can be killed
	took     time.Duration
	messages string
}

// template is a folder with databases that have their tables: what is tested is the
// conversation.
var template = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "killtest")
	if err != nil {
		return "", err
	}
	store, err := sqlite.Open(context.Background(), filepath.Join(dir, "transcripts.db"))
	if err != nil {
		return "", err
	}
	shop, err := sqlshop.Open(context.Background(), filepath.Join(dir, "shop.db"))
	if err != nil {
		return "", err
	}
	return dir, errors.Join(store.Close(), shop.Close())
})

// scene returns a folder to work in.
func scene(t *testing.T) string {
	t.Helper()
	made, err := template()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "work")
	if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// measure runs an unkilled worker.
func measure(t *testing.T) model {
	t.Helper()
	var m model
	dir := scene(t)
	began := time.Now()
	cmd := start(t, dir, 0, 0, 0)
	if wait(t, cmd) {
		t.Fatal("a worker died without a kill")
	}
	m.took = time.Since(began)
	m.points, _ = strconv.Atoi(strings.TrimSpace(fmt.Sprint(cmd.Stdout)))
	m.messages, _ = look(t, dir)
	if m.points < 40 {
		t.Fatalf("there are %d points only", m.points)
	}
	return m
}

// look checks what was left in dir, and returns the conversation as the model was
// sent it; what is in doubt stands for what was done.
func look(t *testing.T, dir string) (messages string, ok bool) {
	t.Helper()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "transcripts.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tr, err := store.Load(ctx, session)
	if err != nil {
		t.Fatal(err)
	}
	failed := t.Failed()
	if err := transcript.Validate(tr); err != nil {
		t.Errorf("the transcript is not valid: %v", err)
	}
	k := transcript.Track(tr)
	if o, _ := k.Outcome(); o != transcript.OutcomeDone {
		t.Errorf("it ended %s", o)
	}
	checkReturns(t, dir)
	for file, want := range map[string]int{"coupons": 1, "gifts": 1} {
		if got := lines(dir, file); len(got) != want {
			t.Errorf("%s: %q, want %d", file, got, want)
		}
	}
	// No backend can be asked about the mail: it was sent or perhaps not, but never twice.
	mails := lines(dir, "mails")
	doubt := len(k.InDoubt())
	if len(mails) > 1 || len(mails) == 0 && doubt == 0 || doubt > 1 {
		t.Errorf("mails: %q, with %d calls in doubt", mails, doubt)
	}
	var b strings.Builder
	for _, m := range tr.Messages() {
		for _, p := range m.Parts {
			if r, ok := p.(provider.ToolResult); ok && r.Name == "send_mail" {
				r.Parts, r.IsError = []provider.Part{provider.Text{Text: "done"}}, false
				p = r
			}
			fmt.Fprintf(&b, "%s %+v\n", m.Role, p)
		}
	}
	return b.String(), t.Failed() == failed
}

// checkReturns wants each return in the shop's database once. The shop honors the
// key, as its Backend promises.
func checkReturns(t *testing.T, dir string) {
	t.Helper()
	shop, err := sqlshop.Open(context.Background(), filepath.Join(dir, "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	made, err := shop.Returns(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var orders []string
	for _, r := range made {
		orders = append(orders, r.Return.OrderID)
	}
	if diff := cmp.Diff([]string{"ORD-78342", "ORD-70211"}, orders); diff != "" {
		t.Errorf("the returns: %s", diff)
	}
}

// checkReads wants no read to be made again whose result was stored.
func checkReads(t *testing.T, dir string) (ok bool) {
	t.Helper()
	ok = true
	stored := map[string]bool{}
	for _, line := range lines(dir, "reads") {
		what, ref, _ := strings.Cut(line, "_")
		if what == "read" && stored[ref] {
			t.Errorf("call %s was made again, though its result was stored", ref)
			ok = false
		}
		stored[ref] = stored[ref] || what == "stored"
	}
	return ok
}

// finishAndLook lets a worker finish, and compares.
func finishAndLook(t *testing.T, m model, dir, how string) {
	t.Helper()
	if wait(t, start(t, dir, 0, 0, 10*later)) {
		t.Fatal("a worker died without a kill")
	}
	messages, ok := look(t, dir)
	ok = checkReads(t, dir) && ok
	if diff := cmp.Diff(m.messages, messages); diff != "" {
		t.Errorf("%s, the conversation ends otherwise (-unkilled +killed):\n%s", how, diff)
		ok = false
	}
	if !ok {
		t.Errorf("that was: %s", how)
	}
}

// kills is how many random schedules are run.
func kills(t *testing.T) int {
	if s := os.Getenv("FUNCALL_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("FUNCALL_KILLS=%q is no number", s)
		}
		return n
	}
	return 20
}

// Killed at every place where something was just written or is about to be.
func TestR14_KilledAtEveryBoundary(t *testing.T) {
	m := measure(t)
	for point := 1; point <= m.points; point++ {
		dir := scene(t)
		if !wait(t, start(t, dir, point, 0, 0)) {
			t.Fatalf("no worker was killed at point %d of %d", point, m.points)
		}
		finishAndLook(t, m, dir, fmt.Sprintf("killed at point %d", point))
	}
}

// Killed twice, thrice, and in the midst of picking up what was left.
func TestR14_KilledAgain(t *testing.T) {
	m := measure(t)
	for i := range max(kills(t)/4, 10) {
		rnd := rand.New(rand.NewPCG(1, uint64(i)))
		dir := scene(t)
		how := "killed at"
		for n := range 2 + rnd.IntN(3) {
			point := 1 + rnd.IntN(m.points)
			wait(t, start(t, dir, point, 0, time.Duration(n)*later)) // which may be at its end before that
			how += fmt.Sprint(" ", point)
		}
		finishAndLook(t, m, dir, how)
	}
}

// The test kills the worker at a random moment.
func TestR14_KilledAtRandom(t *testing.T) {
	m := measure(t)
	killed := 0
	n := kills(t)
	for range n {
		dir := scene(t)
		cmd := start(t, dir, 0, 0, 0)
		moment := rand.N(m.took)
		time.Sleep(moment)
		_ = cmd.Process.Kill()
		if wait(t, cmd) {
			killed++
		}
		finishAndLook(t, m, dir, fmt.Sprintf("killed after %v", moment))
	}
	t.Logf("%d of %d workers were killed", killed, n)
}

// Two processes pick up the same conversation at the same time.
func TestR14_TwoResumeAtOnce(t *testing.T) {
	m := measure(t)
	for i := range max(kills(t)/2, 10) {
		rnd := rand.New(rand.NewPCG(2, uint64(i)))
		point := 1 + rnd.IntN(m.points)
		dir := scene(t)
		if !wait(t, start(t, dir, point, 0, 0)) {
			t.Fatalf("no worker was killed at point %d", point)
		}
		takeOver := 250 * time.Millisecond
		if i%2 == 1 {
			takeOver = 0 // each takes the other for dead, over and over
		}
		a, b := start(t, dir, 0, takeOver, later), start(t, dir, 0, takeOver, later, envListens+"=1")
		if wait(t, a) || wait(t, b) {
			t.Fatal("a worker died without a kill")
		}
		messages, ok := look(t, dir)
		ok = checkReads(t, dir) && ok
		if diff := cmp.Diff(m.messages, messages); diff != "" || !ok {
			t.Errorf("killed at point %d, taken over after %v: the conversation ends otherwise (-unkilled +killed):\n%s", point, takeOver, diff)
		}
	}
}
