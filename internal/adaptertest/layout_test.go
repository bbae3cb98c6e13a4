package adaptertest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/sse"
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
