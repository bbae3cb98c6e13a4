package adaptertest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/adapter/sse"
	"github.com/funcall/funcall/provider"
)

const laidOut = `{"a": [1,-2.5e3,true,null,{}],"b\"\\":"x: {\" y","c":{"d":[[]]}}`

// Every layout holds the same value, and differs from the others.
func TestLayouts(t *testing.T) {
	var want any
	if err := json.Unmarshal([]byte(laidOut), &want); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, l := range Layouts {
		var got any
		text := l.Document(laidOut)
		if err := json.Unmarshal([]byte(text), &got); err != nil || !reflect.DeepEqual(want, got) {
			t.Errorf("%v: %v in %s", l, err, text)
		}
		seen[text] = true

		r := new(sse.Reader)
		r.Reset(strings.NewReader(l.Events("event: x\r\ndata: " + laidOut + "\r\n\r\ndata: [DONE]\r\n\r\n")))
		ev, err := r.Next()
		if err != nil || string(ev.Name) != "x" || string(ev.Data) != text {
			t.Errorf("%v: the event %q has the data %q, %v", l, ev.Name, ev.Data, err)
		}
		if ev, err = r.Next(); err != nil || string(ev.Data) != "[DONE]" {
			t.Errorf("%v: the mark became %q, %v", l, ev.Data, err)
		}
	}
	if len(seen) != len(Layouts) {
		t.Errorf("there are %d different layouts, want %d", len(seen), len(Layouts))
	}
}

// Says and Replay serve one layout after the other, so that Ask sees each of them.
func TestEachRequestHasTheNextLayout(t *testing.T) {
	const contentType = "application/json"
	served := map[string]func() (*http.Response, error){}
	address := Serve(t, Says(200, contentType, laidOut))
	served["Says"] = func() (*http.Response, error) { return http.Get(address) }
	client := Replay(contentType, laidOut)
	served["Replay"] = func() (*http.Response, error) { return client.Get("http://localhost/") }
	for name, get := range served {
		for _, l := range append(Layouts, Layouts...) {
			resp, err := get()
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(body) != l.Document(laidOut) {
				t.Errorf("%s: want it %v, got %s, %v", name, l, body, err)
			}
		}
	}
}

// Ask notices an answer that differs by its layout.
func TestAskComparesLayouts(t *testing.T) {
	asked := 0
	p := provider.Func(func(context.Context, *provider.Request, func(provider.Delta)) (*provider.Response, error) {
		asked++
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: strings.Repeat("a", asked/3)}), Finish: provider.FinishStop}, nil
	})
	f := &failures{TB: t}
	if Ask(t.Context(), f, p, false); f.n != 1 {
		t.Errorf("the third answer differs, and %d failures are reported", f.n)
	}
}

// failures counts what a check reports.
type failures struct {
	testing.TB
	n int
}

func (f *failures) Errorf(string, ...any) { f.n++ }
