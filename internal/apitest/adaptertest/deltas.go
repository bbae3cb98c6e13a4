package adaptertest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

// begun is a call as the deltas have it.
type begun struct{ id, name, args string }

// is reports whether the call of a response is this one. Its ID and its name may
// have come, or grown, after it began.
func (b begun) is(c provider.ToolCall) bool {
	return b.args == c.Args && (b.id == "" || b.id == c.ID) && strings.HasPrefix(c.Name, b.name)
}

// CheckDeltas checks that the deltas add up to the response. If the first call
// begins several times, the answer began anew, and the last time counts. A call
// that has neither a name nor arguments may be missing in the response.
func CheckDeltas(t testing.TB, resp *provider.Response, deltas []provider.Delta) {
	t.Helper()
	start, anew := lastStart(deltas)
	checkTexts(t, resp, deltas, anew)
	checkServer(t, resp, deltas)
	calls := resp.Message.ToolCalls()
	var list []begun
	ended := 0
	for _, d := range deltas[start:] {
		switch d.Kind {
		case provider.DeltaCallStart:
			if d.Call != len(list) {
				t.Errorf("call %d begins after %d others", d.Call, len(list))
			}
			list = append(list, begun{id: d.ID, name: d.Name})
		case provider.DeltaArgs:
			if d.Call < 0 || d.Call >= len(list) {
				t.Errorf("arguments %q are of call %d, and %d calls have begun", d.Text, d.Call, len(list))
				continue
			}
			list[d.Call].args += d.Text
			if d.Call < ended {
				t.Errorf("call %d goes on after its end, with %q", d.Call, d.Text)
			}
		case provider.DeltaCallEnd:
			if d.Call != ended || d.Call >= len(calls) {
				t.Errorf("the end %d is of call %d, and the response has %d calls", ended, d.Call, len(calls))
				continue
			}
			if c := calls[d.Call]; d.ID != c.ID || d.Name != c.Name || d.Text != c.Args {
				t.Errorf("the end of call %d is of %s:%s(%s), and the response has %s:%s(%s) there", d.Call, d.ID, d.Name, d.Text, c.ID, c.Name, c.Args)
			}
			ended++
		}
	}
	for _, c := range calls {
		i := slices.IndexFunc(list, func(b begun) bool { return b.is(c) })
		if i < 0 {
			t.Errorf("no deltas make the call %s:%s(%s) of the response", c.ID, c.Name, c.Args)
			continue
		}
		list = slices.Delete(list, i, i+1)
	}
	for _, b := range list {
		if b.name != "" || strings.Trim(b.args, "{} ") != "" {
			t.Errorf("the deltas make a call %s:%s(%s) that the response has not", b.id, b.name, b.args)
		}
	}
}

// checkTexts compares the text, and the reasoning. What was reasoned before the
// answer began anew is forgotten, so that the deltas may have more ahead.
func checkTexts(t testing.TB, resp *provider.Response, deltas []provider.Delta, anew bool) {
	t.Helper()
	var text, thought, want string
	for _, d := range deltas {
		switch d.Kind {
		case provider.DeltaText:
			text += d.Text
		case provider.DeltaReasoning:
			thought += d.Text
		}
	}
	for _, p := range resp.Message.Parts {
		if r, ok := p.(provider.Reasoning); ok {
			want += r.Text
		}
	}
	if text != resp.Message.Text() {
		t.Errorf("the deltas say %q, the response %q", text, resp.Message.Text())
	}
	if !strings.HasSuffix(thought, want) || want == "" && thought != "" && !anew {
		t.Errorf("the deltas reason %q, the response %q", thought, want)
	}
}

// checkServer checks that the server-side tools of the deltas are those of the response, and
// that each begins and ends at most once.
func checkServer(t testing.TB, resp *provider.Response, deltas []provider.Delta) {
	t.Helper()
	calls := resp.Message.ServerCalls()
	begun, ended := map[string]bool{}, map[string]bool{}
	for _, d := range deltas {
		if d.Kind != provider.DeltaServerStart && d.Kind != provider.DeltaServerEnd {
			continue
		}
		if d.Server == nil || d.Server.ID == "" || d.ID != d.Server.ID || d.Name != d.Server.Name {
			t.Errorf("%v of %q, %q: %+v", d.Kind, d.ID, d.Name, d.Server)
			continue
		}
		i := slices.IndexFunc(calls, func(c provider.ServerCall) bool { return c.ID == d.ID })
		switch end := d.Kind == provider.DeltaServerEnd; {
		case i < 0:
			t.Errorf("the response has no server call %q, which a delta has", d.ID)
		case begun[d.ID] != end || ended[d.ID]:
			t.Errorf("server call %q: %v out of order", d.ID, d.Kind)
		case end && !reflect.DeepEqual(*d.Server, calls[i]):
			t.Errorf("server call %q ends as %+v, and is %+v in the response", d.ID, *d.Server, calls[i])
		}
		begun[d.ID] = true
		ended[d.ID] = d.Kind == provider.DeltaServerEnd
	}
}

// lastStart returns where the first call begins for the last time, or 0, and
// whether it has begun before.
func lastStart(deltas []provider.Delta) (at int, anew bool) {
	begins := func(d provider.Delta) bool { return d.Kind == provider.DeltaCallStart && d.Call == 0 }
	for i, d := range slices.Backward(deltas) {
		if begins(d) {
			return i, slices.ContainsFunc(deltas[:i], begins)
		}
	}
	return 0, false
}
