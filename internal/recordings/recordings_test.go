package recordings

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/adaptertest"
	"github.com/funcall/funcall/provider"
)

// An exchange is one recorded request and the reply to it.
type exchange struct {
	ID          string          `json:"id"`
	File        string          `json:"file"`        // the conversation that it is of
	Interaction int             `json:"interaction"` // its place there, from 0
	Host        string          `json:"host"`
	Request     json.RawMessage `json:"request"` // null if it was not recorded
	Status      int             `json:"status"`
	ContentType string          `json:"content_type"`
	Stream      bool            `json:"stream"`
	Body        string          `json:"body"`
	Expect      json.RawMessage `json:"expect"` // for some APIs: how a plain reader took the body
}

// load reads the recordings of one API. It skips the test if there are none.
func load(t *testing.T, file string) []exchange {
	t.Helper()
	dir := os.Getenv("FUNCALL_RECORDINGS")
	if dir == "" {
		t.Skip("FUNCALL_RECORDINGS names no folder with recordings")
	}
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	var all []exchange
	for d := json.NewDecoder(z); d.More(); {
		var e exchange
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		t.Fatalf("%s is empty", file)
	}
	return all
}

// An answer is what a reply says, whatever the API.
type answer struct {
	Text   string
	Calls  []call
	Finish provider.FinishReason
	Usage  provider.Usage
	// Error is the kind of the failure that the reply reports. The other fields
	// are zero then.
	Error provider.ErrorKind
}

// A call is one tool call of an answer.
type call struct{ ID, Name, Args string }

// An expectation replaces what the plain reader says of one exchange, with the
// reason for which the adapter is right.
type expectation struct {
	why  string
	want answer
}

// replay serves each recorded reply to its adapter and compares the result with
// what read makes of the same bytes. Known holds the exchanges of which read is
// not to be believed, by ID.
func replay(t *testing.T, all []exchange, dial func(e exchange, address string) provider.Provider, read func(*testing.T, exchange) answer, known map[string]expectation) {
	for id := range known {
		if !slices.ContainsFunc(all, func(e exchange) bool { return e.ID == id }) {
			t.Errorf("there is no exchange %q", id)
		}
	}
	for _, e := range all {
		t.Run(strings.ReplaceAll(e.ID, "/", "_"), func(t *testing.T) {
			want, why := read(t, e), "as the plain reader has it"
			if k, ok := known[e.ID]; ok {
				want, why = k.want, k.why
			}
			p := dial(e, adaptertest.Serve(t, adaptertest.Says(e.Status, e.ContentType, e.Body)))
			for _, streamed := range []bool{false, true} {
				if _, got := ask(t, p, streamed); !cmp.Equal(want, got) {
					t.Errorf("streamed %v: the adapter differs (-want, %s, +got):\n%s\nThe reply begins: %.600s", streamed, why, cmp.Diff(want, got), e.Body)
				}
			}
		})
	}
}

// ask asks p once. The response is nil if p failed.
func ask(t *testing.T, p provider.Provider, streamed bool) (*provider.Response, answer) {
	t.Helper()
	var deltas []provider.Delta
	var emit func(provider.Delta)
	if streamed {
		emit = func(d provider.Delta) { deltas = append(deltas, d) }
	}
	resp, err := p.Generate(t.Context(), adaptertest.Question, emit)
	if err != nil {
		e := adaptertest.Failure(t, err)
		t.Logf("the error: %v", err)
		return nil, answer{Error: e.Kind}
	}
	if streamed {
		adaptertest.CheckDeltas(t, resp, deltas)
	}
	got := answer{Text: resp.Message.Text(), Finish: resp.Finish, Usage: resp.Usage}
	for _, c := range resp.Message.ToolCalls() {
		got.Calls = append(got.Calls, call{c.ID, c.Name, c.Args})
	}
	return resp, got
}
