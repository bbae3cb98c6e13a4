package killtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/transcript"
)

// The kinds of effects, by what their tool says of itself and their backend does.
const (
	asked     = "asked"     // has Reconcile; its backend knows keys, and does not honor them
	keyless   = "keyless"   // an effect without a key and without Reconcile
	ignored   = "ignored"   // an effect that gives its key to a backend that ignores it
	honored   = "honored"   // Idempotent, and its backend honors the key
	unhonored = "unhonored" // Idempotent, and its backend does not
)

// A request is what a tool sends to the backend.
type request struct {
	Op      string         `json:"op"` // opDo, opAsk or opClaim
	Kind    string         `json:"kind"`
	ID      string         `json:"id"` // of the effect: the argument of the call
	Key     string         `json:"key"`
	Ref     transcript.Ref `json:"ref"`
	Attempt int            `json:"attempt"`
	Worker  int            `json:"worker"`
	Message int            `json:"message"` // of opClaim
	// Looked is the last look at the clock by the tool's goroutine before the tool
	// started, and Until when the tool's context is done, by the wall clock.
	Looked time.Time `json:"looked"`
	Until  time.Time `json:"until"`
}

const (
	opDo    = "do"
	opAsk   = "ask"   // whether the key's effect was done
	opClaim = "claim" // whether the worker may send that message
)

// A reply is what the backend answers.
type reply struct {
	OK   bool `json:"ok"`
	Late bool `json:"late"` // it arrived after Until, and was refused
}

// A backend does what tools ask for. It outlives the workers, and remembers every
// request.
type backend struct {
	path   string
	listen net.Listener
	faults func(n int) backendFault // of the n-th request
	serves sync.WaitGroup

	mu      sync.Mutex
	arrived []request // of opDo
	done    []request // those that did something
	asks    int
	claims  map[int]int // message to worker
	gone    map[int]bool
}

// A backendFault is what goes wrong with one request.
type backendFault struct {
	before, after time.Duration // how long it takes until the effect, and from there to the answer
	lost          bool          // the answer does not arrive
}

func newBackend(path string, faults func(n int) backendFault) (*backend, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	b := &backend{path: path, listen: l, faults: faults, claims: map[int]int{}, gone: map[int]bool{}}
	b.serves.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b.serves.Go(func() { b.serve(c) })
		}
	})
	return b, nil
}

// close returns when no request is served any more.
func (b *backend) close() error {
	err := b.listen.Close()
	b.serves.Wait()
	return err
}

func (b *backend) serve(c net.Conn) {
	defer c.Close()
	var r request
	if json.NewDecoder(c).Decode(&r) != nil {
		return // a worker that was killed
	}
	var f backendFault
	if r.Op == opDo {
		b.mu.Lock()
		b.arrived = append(b.arrived, r)
		f = b.faults(len(b.arrived))
		b.mu.Unlock()
		time.Sleep(f.before)
	}
	answer := b.answer(r)
	time.Sleep(f.after)
	if !f.lost {
		_ = json.NewEncoder(c).Encode(answer)
	}
}

func (b *backend) answer(r request) reply {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := false
	for _, d := range b.done {
		known = known || d.Key == r.Key
	}
	switch {
	case r.Op == opAsk:
		b.asks++
		return reply{OK: known}
	case r.Op == opClaim:
		w, claimed := b.claims[r.Message]
		if !claimed || w == r.Worker || b.gone[w] {
			b.claims[r.Message] = r.Worker
			return reply{OK: true}
		}
		return reply{}
	// If a request is sent in time and arrives late, only a backend that honors the key
	// can know that another attempt was made (docs/durable.md). So this one refuses it.
	case r.Kind == asked && time.Now().After(r.Until):
		return reply{Late: true}
	case r.Kind == honored && known:
		return reply{OK: true}
	}
	b.done = append(b.done, r)
	return reply{OK: true}
}

// leaves says that a worker is dead: what it claimed is free.
func (b *backend) leaves(worker int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone[worker] = true
}

var errLate = errors.New("refused: it is late")

// ask sends one request to the backend at path. It sends it even if the context is done
// already, and waits for the answer until then.
func ask(ctx context.Context, path string, r request) (bool, error) {
	c, err := net.Dial("unix", path)
	if err != nil {
		return false, err // nothing was sent
	}
	defer c.Close()
	if err := json.NewEncoder(c).Encode(r); err != nil {
		return false, funcall.InDoubt(err)
	}
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	var answer reply
	if err := json.NewDecoder(c).Decode(&answer); err != nil {
		return false, funcall.InDoubt(fmt.Errorf("the reply was lost: %w", err))
	}
	if answer.Late {
		return false, errLate
	}
	return answer.OK, nil
}
