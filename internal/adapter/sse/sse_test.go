package sse

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/internal/testkit/effort"
)

// readAll lists a stream's events as "name:data", and the final error.
func readAll(src io.Reader) ([]string, error) {
	r := NewReader(src)
	var got []string
	for {
		ev, err := r.Next()
		if err != nil {
			return got, err
		}
		s := string(ev.Name) + ":" + string(ev.Data)
		if ev.Partial {
			s += " (partial)"
		}
		got = append(got, s)
	}
}

func TestReader(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"plain", "data: a\n\ndata: b\n\n", []string{":a", ":b"}},
		{"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", []string{":a", ":b"}},
		{"CR", "data: a\r\rdata: b\r\r", []string{":a", ":b"}},
		{"mixed line ends", "data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", []string{":a", ":b", ":c"}},
		{"byte order mark", "\ufeffdata: a\n\n", []string{":a"}},
		{"only one byte order mark", "\ufeff\ufeffdata: a\n\ndata: b\n\n", []string{":b"}},
		{"comments", ": PROCESSING\n\n:\n:x\ndata: a\n: y\n\n", []string{":a"}},
		{"event, id and retry", "event: error\nid: 7\nretry: 10\ndata: a\n\ndata: b\n\n", []string{"error:a", ":b"}},
		{"a name without data is forgotten", "event: x\n\ndata: a\n\n", []string{":a"}},
		{"several lines", "data: a\ndata:\ndata\ndata:  b\n\n", []string{":a\n\n\n b"}},
		{"empty data", "data:\n\ndata\n\n", []string{":", ":"}},
		{"no space", "data:{\"a\":1}\n\n", []string{`:{"a":1}`}},
		{"unknown fields", "datas: x\nfoo\nDATA: y\ndata: a\n\n", []string{":a"}},
		{"no blank line at the end", "data: a\n\ndata: b\n", []string{":a", ":b (partial)"}},
		{"no line end at the end", "data: a\n\ndata: [DONE]", []string{":a", ":[DONE] (partial)"}},
		{"a long line", "data: " + strings.Repeat("x", 1<<20) + "\n\n", []string{":" + strings.Repeat("x", 1<<20)}},
		{"nothing", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, src := range map[string]io.Reader{
				"at once":     strings.NewReader(c.in),
				"by the byte": iotest.OneByteReader(strings.NewReader(c.in)),
				"data+EOF":    iotest.DataErrReader(strings.NewReader(c.in)),
			} {
				got, err := readAll(src)
				if diff := cmp.Diff(c.want, got); diff != "" || err != io.EOF {
					t.Errorf("%s: %v\n%.500s", name, err, diff)
				}
			}
		})
	}
}

func TestReaderDoesNotWaitForMore(t *testing.T) {
	for _, in := range []string{"data: a\n\n", "data: a\r\r", "data: a\r\n\r"} {
		pr, pw := io.Pipe()
		go func() { pw.Write([]byte(in)) }() // the pipe stays open
		r := NewReader(pr)
		if ev, err := r.Next(); err != nil || string(ev.Data) != "a" {
			t.Errorf("%q: %q, %v", in, ev.Data, err)
		}
		pr.Close()
	}
}

func TestReaderErrors(t *testing.T) {
	broken := errors.New("broken")
	got, err := readAll(io.MultiReader(strings.NewReader("data: a\n\ndata: b"), iotest.ErrReader(broken)))
	if len(got) != 1 || err != broken {
		t.Errorf("an event that was cut off by an error: %q, %v", got, err)
	}
	long := io.MultiReader(strings.NewReader("data: "), endless{})
	if _, err := readAll(long); err != ErrTooLong {
		t.Errorf("an endless line: %v", err)
	}
	if _, err := readAll(silent{}); err != io.ErrNoProgress {
		t.Errorf("a reader without progress: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

// TestReset reads several streams with one Reader: no part of one appears in the next, and the
// buffer of a long event is not kept.
func TestReset(t *testing.T) {
	var r Reader
	for _, c := range []struct{ in, want string }{
		{"data: a\r\rdata: more", ":a"},
		{"\n\ufeffdata: x\n\ndata: b\n\n", ":b"},
		{"data: " + strings.Repeat("x", 1<<20) + "\n\n", ":" + strings.Repeat("x", 1<<20)},
		{"\ufeffevent: e\ndata: c\n\nevent: f\n", "e:c"},
		{"data: d\n\n", ":d"},
	} {
		r.Reset(strings.NewReader(c.in))
		if held := len(r.buf) + cap(r.name) + cap(r.data); held > 100<<10 {
			t.Errorf("%d bytes are kept", held)
		}
		ev, err := r.Next()
		if got := string(ev.Name) + ":" + string(ev.Data); err != nil || got != c.want {
			t.Errorf("got %.50q, %v, want %.50q", got, err, c.want)
		}
	}
	r.Reset(iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := r.Next(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
}

func TestEventsAllocateNothing(t *testing.T) {
	const events = 2000
	stream := strings.Repeat("event: delta\ndata: {\"text\":\"hello\"}\n\n", events)
	n := testing.AllocsPerRun(5, func() {
		r := NewReader(strings.NewReader(stream))
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	})
	if n > 10 {
		t.Errorf("%v allocations for %d events", n, events)
	}
}

// TestLinesAreFoundOnce has a long line enlarge the buffer, and very many short lines that end
// in CR: searching the whole buffer for each would not finish in the time of a test.
func TestLinesAreFoundOnce(t *testing.T) {
	effort.Cost(t)
	const size = 8 << 20
	events, err := readAll(strings.NewReader(":" + strings.Repeat("x", size) + "\r" + strings.Repeat("\r", size) + "data: a\r\r"))
	if len(events) != 1 || err != io.EOF {
		t.Errorf("%d events, %v", len(events), err)
	}
}

// FuzzReader compares a stream read at once with the same stream read byte by byte.
func FuzzReader(f *testing.F) {
	f.Add("data: a\r\n\r\n: c\rdata\n\nevent: x\ndata:b")
	f.Add("\ufeffdata: a\n\n")
	f.Fuzz(func(t *testing.T, in string) {
		once, err1 := readAll(strings.NewReader(in))
		bytes, err2 := readAll(iotest.OneByteReader(strings.NewReader(in)))
		if diff := cmp.Diff(once, bytes); diff != "" || err1 != io.EOF || err2 != io.EOF {
			t.Fatalf("%v, %v\n%s", err1, err2, diff)
		}
	})
}
