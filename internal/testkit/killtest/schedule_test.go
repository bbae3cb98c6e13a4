//go:build unix

package killtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/postgres"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// The environment variables of a worker of a schedule, beside envDir.
const (
	envSeed     = "FUNCALL_KILLTEST_SEED"
	envWorker   = "FUNCALL_KILLTEST_WORKER"
	envSession  = "FUNCALL_KILLTEST_SESSION"
	envPostgres = "FUNCALL_KILLTEST_POSTGRES" // "" for SQLite
)

// longest ends a schedule that hangs. No other one takes so long.
const longest = 5 * time.Minute

// A closingStore is a store of a worker.
type closingStore interface {
	transcript.Store
	Close() error
}

func openStore(ctx context.Context, dir, dsn string) (closingStore, error) {
	if dsn != "" {
		return postgres.Open(ctx, dsn)
	}
	return sqlite.Open(ctx, filepath.Join(dir, "transcripts.db"))
}

// playLife is what the process of a schedule's worker does.
func playLife(dir string) int {
	seed, _ := strconv.ParseUint(os.Getenv(envSeed), 10, 64)
	n, _ := strconv.Atoi(os.Getenv(envWorker))
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	p := &player{schedule: newSchedule(seed), worker: n, path: filepath.Join(dir, "s"), session: os.Getenv(envSession)}
	var places atomic.Int64
	p.place = func() {
		at := int(places.Add(1))
		for _, f := range p.lives[n].faults {
			switch {
			case f.at != at:
			case f.kind == killed:
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {} // until it has taken effect
			case f.kind == stopped:
				_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			}
		}
	}
	store, err := openStore(ctx, dir, os.Getenv(envPostgres))
	if err == nil {
		err = errors.Join(p.play(ctx, store), store.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A stage is where a schedule is played.
type stage struct {
	t *testing.T
	schedule
	dir, dsn, session string
	backend           *backend
	deaths, stops     atomic.Int64
}

// live runs one worker until it is dead. It calls stands once, as soon as the worker is
// stopped or dead.
func (s *stage) live(n int, stands func()) {
	defer stands()
	defer s.backend.leaves(n)
	self, err := os.Executable()
	if err != nil {
		s.t.Error(err)
		return
	}
	said, err := os.Create(filepath.Join(s.dir, fmt.Sprintf("worker%d", n)))
	if err != nil {
		s.t.Error(err)
		return
	}
	defer said.Close()
	cmd := exec.Command(self, "-test.run=^$")
	cmd.Env = append(os.Environ(), envDir+"="+s.dir, envSeed+"="+strconv.FormatUint(s.seed, 10), envWorker+"="+strconv.Itoa(n),
		envSession+"="+s.session, envPostgres+"="+s.dsn)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		s.t.Error(err)
		return
	}
	pid := cmd.Process.Pid
	var mu sync.Mutex // held to send a signal, so that the process is not waited for meanwhile
	dead := false
	signal := func(sig syscall.Signal) {
		mu.Lock()
		defer mu.Unlock()
		if !dead {
			_ = syscall.Kill(pid, sig)
		}
	}
	var lasts []time.Duration // of its stops
	for _, f := range s.lives[n].faults {
		switch f.kind {
		case killedLater:
			defer time.AfterFunc(f.after, func() { signal(syscall.SIGKILL) }).Stop()
		case stoppedLater, stopped:
			lasts = append(lasts, f.lasts)
			if f.kind == stoppedLater {
				defer time.AfterFunc(f.after, func() { signal(syscall.SIGSTOP) }).Stop()
			}
		}
	}
	for {
		status, err := waitFor(pid, &mu, &dead)
		switch {
		case err != nil:
			s.t.Errorf("worker %d cannot be waited for: %v", n, err)
			return
		case status.Stopped():
			s.stops.Add(1)
			stands()
			time.Sleep(lasts[0])
			lasts = append(lasts[1:], lasts[0])
			signal(syscall.SIGCONT)
			continue
		case status.Signaled() && status.Signal() == syscall.SIGKILL:
			s.deaths.Add(1)
		case status.ExitStatus() != 0:
			text, _ := os.ReadFile(said.Name())
			s.t.Errorf("worker %d failed: %s", n, text)
		}
		return
	}
}

// waitFor waits until the process is stopped or dead. It sets dead before another process
// can have the same pid.
func waitFor(pid int, mu *sync.Mutex, dead *bool) (status syscall.WaitStatus, err error) {
	for {
		mu.Lock()
		var got int
		got, err = syscall.Wait4(pid, &status, syscall.WUNTRACED|syscall.WNOHANG, nil)
		*dead = *dead || err == nil && got == pid && !status.Stopped()
		mu.Unlock()
		if got == pid || err != nil && err != syscall.EINTR {
			return status, err
		}
		time.Sleep(time.Millisecond)
	}
}

// play plays the schedule.
func (s *stage) play() {
	var all sync.WaitGroup
	var before sync.WaitGroup // workers that neither stand still nor are dead
	for n, l := range s.lives {
		if l.alone {
			before.Wait()
		} else if n > 0 {
			time.Sleep(l.moment)
		}
		before.Add(1)
		all.Go(func() { s.live(n, sync.OnceFunc(before.Done)) })
	}
	all.Wait()
}

// seeds returns the seeds of the schedules to play: from FUNCALL_SEED on, as many as
// FUNCALL_KILLS says, half of them on each store.
func seeds(t *testing.T) (from uint64, n int) {
	s := os.Getenv("FUNCALL_SEED")
	if s == "" {
		return 1, kills(t)
	}
	from, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("FUNCALL_SEED=%q is no number", s)
	}
	if os.Getenv("FUNCALL_KILLS") == "" {
		return from, 1
	}
	return from, kills(t)
}

// Workers take over from each other. At random they are killed or stopped, or their
// consumers are slow. No message and no effect is lost, and no effect is done twice. A
// schedule that fails says how to play it again.
func TestR14_RandomSchedules(t *testing.T) {
	from, n := seeds(t)
	var sum tally
	for _, db := range []string{"sqlite", "postgres"} {
		t.Run(db, func(t *testing.T) {
			dsn := ""
			if db == "postgres" {
				dsn = newPostgres(t)
			}
			for seed := from; seed < from+uint64(max(n/2, 1)); seed++ {
				t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
					t.Parallel()
					playSchedule(t, newSchedule(seed), db, dsn, &sum)
				})
			}
		})
	}
	t.Log(&sum)
	// Workers that start no effect and ask no backend would pass: check that they did.
	if n >= 100 && (sum.done < n || sum.ask == 0 || sum.voids == 0) {
		t.Errorf("in %d schedules %d effects were done, the backend was asked %d times, %d intents were void", n, sum.done, sum.ask, sum.voids)
	}
}

// newPostgres returns the address of an empty schema on the test's server.
func newPostgres(t *testing.T) string {
	dsn := os.Getenv("FUNCALL_TEST_POSTGRES")
	if dsn == "" {
		t.Skip("FUNCALL_TEST_POSTGRES names no server; .ci/postgres starts one")
	}
	admin, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("funcall_killtest_%d", os.Getpid())
	if _, err := admin.ExecContext(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP SCHEMA "+name+" CASCADE"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	dsn += " search_path=" + name
	store, err := postgres.Open(t.Context(), dsn) // makes the tables
	if err != nil {
		t.Fatal(err)
	}
	store.Close()
	return dsn
}

func playSchedule(t *testing.T, sched schedule, db, dsn string, sum *tally) {
	dir, err := os.MkdirTemp("", "kill") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if dsn == "" {
		made, err := template()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
			t.Fatal(err)
		}
	}
	s := &stage{t: t, schedule: sched, dir: dir, dsn: dsn, session: "ticket-" + strconv.FormatUint(sched.seed, 10)}
	if s.backend, err = newBackend(filepath.Join(dir, "s"), sched.backendFault); err != nil {
		t.Fatal(err)
	}
	s.play()
	if err := s.backend.close(); err != nil {
		t.Error(err)
	}
	store, err := openStore(t.Context(), dir, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tr, err := store.Load(t.Context(), s.session)
	if err != nil {
		t.Fatal(err)
	}
	v := newVerdict(tr, sched, s.backend)
	for _, what := range v.wrong() {
		t.Error(what)
	}
	if t.Failed() {
		t.Logf("to play it again: FUNCALL_SEED=%d go test -count=1 -run 'TestR14_RandomSchedules/%s' ./internal/testkit/killtest", sched.seed, db)
		t.Logf("%s%s", sched, v)
	}
	sum.add(s, v)
}

// A tally counts what happened in all schedules.
type tally struct {
	mu                                                  sync.Mutex
	schedules, deaths, stops, done, intents, voids, ask int
	status                                              map[transcript.Status]int
}

func (c *tally) add(s *stage, v *verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedules++
	c.deaths += int(s.deaths.Load())
	c.stops += int(s.stops.Load())
	c.done += len(s.backend.done)
	c.ask += s.backend.asks
	for _, e := range v.tr.Entries {
		switch b := e.Body.(type) {
		case *transcript.Intent:
			if c.intents++; b.Void {
				c.intents--
				c.voids++
			}
		case *transcript.Result:
			if c.status == nil {
				c.status = map[transcript.Status]int{}
			}
			c.status[b.Status]++
		}
	}
}

func (c *tally) String() string {
	return fmt.Sprintf("%d schedules: %d workers killed, stopped %d times; %d effects done, the backend asked %d times; %d intents, %d void; results %v",
		c.schedules, c.deaths, c.stops, c.done, c.ask, c.intents, c.voids, c.status)
}
