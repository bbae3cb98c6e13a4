package adaptertest

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// texts are JSON strings, good and bad, that Alike puts in the place of TEXT in an event.
var texts = []string{
	`" hello"`, `""`, `" "`, `"\n"`, `"{\"a\":"`, `"1}"`, `"{}"`, `"é😀"`, `"\u00e9\ud83d\ude00"`, `"\ud83d"`, `"\ude00x"`,
	`"a\\"`, `"a\\\""`, `"a\"`, `"a\x"`, `"\u12"`, "\"\xff\"", "\"a\nb\"", "\"a\tb\"", `"a","b":"c"`, `"a`, `a"`, `null`, `7`, `{"a":"b"}`, `["a"]`, ``,
	`"` + strings.Repeat("long ", 1000) + `"`, `"` + strings.Repeat(`\"`, 100) + `"`,
}

// numbers are what Alike puts in the place of NUMBER.
var numbers = []string{"1", "2", "17", "-3", "0.5", "1e3", "01", "1.", "-", "", "null", `"4"`, "true"}

// Alike has a server send a stream of events in two forms: as they are, and with white space
// that makes each differ from the one before. An adapter may take advantage of an event that
// is like the one before, but reads the same from both forms. The stream is start, and then
// events as the program chooses them. Alike is the body of a fuzz target.
func Alike(t *testing.T, program []byte, start string, events []string, dial func(*http.Client) provider.Provider) {
	var plain, spaced strings.Builder
	plain.WriteString(start)
	spaced.WriteString(start)
	for i := range min(len(program)/4, 200) {
		step := program[4*i : 4*i+4]
		ev := events[int(step[0])%len(events)]
		ev = strings.ReplaceAll(ev, "TEXT", texts[int(step[1])%len(texts)])
		ev = strings.ReplaceAll(ev, "NUMBER", numbers[int(step[2])%len(numbers)])
		if step[3] > 230 && len(ev) > 0 { // a byte is lost
			at := int(step[2]) % len(ev)
			ev = ev[:at] + ev[at+1:]
		}
		ev = strings.ReplaceAll(ev, "\n", `","`) // a line ends an event
		plain.WriteString("data: " + ev + "\n\n")
		if i%2 == 1 && strings.HasPrefix(ev, "{") {
			ev = "{ " + ev[1:]
		}
		spaced.WriteString("data: " + ev + "\n\n")
	}
	want, wantErr := alike(t, spaced.String(), len(spaced.String()), dial)
	got, gotErr := alike(t, plain.String(), 1+int(uint(len(program))%700), dial)
	if gotErr != wantErr || !reflect.DeepEqual(got, want) {
		t.Errorf("the stream\n%s\ngot  %v, %s\nwant %v, %s", plain.String(), got, gotErr, want, wantErr)
	}
}

// alike returns the deltas and the response of a stream that comes in pieces of a size, and the
// kind of its error.
func alike(t *testing.T, body string, size int, dial func(*http.Client) provider.Provider) (all []string, kind provider.ErrorKind) {
	p := dial(&http.Client{Transport: RoundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(pieces{strings.NewReader(body), size})}, nil
	})})
	note := func(v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	resp, err := p.Generate(t.Context(), Question, func(d provider.Delta) { note(d) })
	if err == nil {
		resp.RequestID = ""
		note(resp)
		return all, ""
	}
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		t.Fatal(err)
	}
	note(e.Usage)
	return all, e.Kind
}

// pieces reads at most a number of bytes at a time.
type pieces struct {
	io.Reader
	size int
}

func (p pieces) Read(b []byte) (int, error) { return p.Reader.Read(b[:min(len(b), p.size)]) }

// Programs returns programs for Alike, the same in each run. Most of their events are like the
// one before.
func Programs() [][]byte {
	var list [][]byte
	for n := range 300 {
		r := rand.New(rand.NewPCG(uint64(n), 1))
		var program []byte
		var step [4]byte
		for range 1 + r.IntN(40) {
			if r.IntN(5) == 0 {
				step[0] = byte(r.IntN(256))
			}
			step[1], step[3] = byte(r.IntN(11)), 0
			if r.IntN(3) == 0 {
				step[2] = byte(r.IntN(4))
			}
			if r.IntN(12) == 0 {
				step[1], step[2], step[3] = byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))
			}
			program = append(program, step[:]...)
		}
		list = append(list, program)
	}
	return list
}
