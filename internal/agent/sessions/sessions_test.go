package sessions

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/testkit/effort"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// stateOf returns the state of a session with those entries.
func stateOf(id string, bodies ...transcript.Body) *State {
	k := transcript.Track(transcript.Transcript{ID: id})
	for _, b := range bodies {
		k.Add(transcript.Entry{Body: b})
	}
	return NewState(k)
}

func keep(s *Set, st *State) { s.Keep(st, st.Tracker.Len()) }

func TestClaim(t *testing.T) {
	var s Set
	if last, ok := s.Claim("a"); last != nil || !ok {
		t.Errorf("%v, %t", last, ok)
	}
	if _, ok := s.Claim("a"); ok {
		t.Error("claimed twice")
	}
	if _, ok := s.Claim("b"); !ok {
		t.Error("another session is claimed, too")
	}
	st := stateOf("a", &transcript.Resume{})
	keep(&s, st)
	s.Release("a")
	if last, ok := s.Claim("a"); last != st || !ok {
		t.Errorf("%v, %t", last, ok)
	}
	s.Release("a")
	if last, ok := s.Claim("a"); last != nil || !ok {
		t.Errorf("a state that was handed out is still there: %v, %t", last, ok)
	}
}

func TestWhatTheStoreMayNotHoldIsNotKept(t *testing.T) {
	var s Set
	st := stateOf("a", &transcript.Resume{}, &transcript.Resume{})
	s.Keep(st, 1)
	if last, _ := s.Claim("a"); last != nil {
		t.Error("it is kept")
	}
}

func TestTheStateUsedLongestAgoIsDropped(t *testing.T) {
	var s Set
	for i := range maxStates {
		keep(&s, stateOf(fmt.Sprint(i)))
	}
	last, _ := s.Claim("0")
	keep(&s, last)
	s.Release("0")
	keep(&s, stateOf("more"))
	for id, want := range map[string]bool{"0": true, "1": false, "2": true, "more": true} {
		if last, _ := s.Claim(id); (last != nil) != want {
			t.Errorf("session %s is kept: %t, want %t", id, last != nil, want)
		}
	}
}

// The bound holds for what the states take in memory, in conversations of several kinds.
func TestTheBoundOfMemory(t *testing.T) {
	effort.Cost(t)
	encode := func(m *provider.Message) ([]byte, error) { // as an adapter does
		return provider.MarshalParts(m.Parts)
	}
	turns := map[string]func() []transcript.Body{
		"short texts": func() []transcript.Body {
			return []transcript.Body{
				&transcript.Input{Message: provider.User("Hi")},
				&transcript.Output{Message: provider.Assistant(provider.Text{Text: "Hello."}), Finish: provider.FinishStop},
				&transcript.End{Outcome: transcript.OutcomeDone},
			}
		},
		"long texts": func() []transcript.Body {
			return []transcript.Body{
				&transcript.Input{Message: provider.User(strings.Repeat("Hi", 5000))},
				&transcript.Output{Message: provider.Assistant(provider.Text{Text: strings.Repeat("Hello", 2000)}), Finish: provider.FinishStop},
				&transcript.End{Outcome: transcript.OutcomeDone},
			}
		},
		"calls": func() []transcript.Body {
			out := &transcript.Output{Message: provider.Assistant(), Finish: provider.FinishToolCalls}
			for i := range 8 {
				id := strings.Repeat(fmt.Sprint(i), 20)
				out.Message.Parts = append(out.Message.Parts, provider.ToolCall{ID: id, Name: "look", Args: strings.Repeat(" ", 100) + "{}"})
				out.Calls = append(out.Calls, transcript.Call{ID: id, Tool: "look", Args: "{}"})
			}
			return []transcript.Body{&transcript.Input{Message: provider.User("Hi")}, out}
		},
	}
	for name, turn := range turns {
		t.Run(name, func(t *testing.T) {
			before := heap()
			var s Set
			for n := 0; n == s.recent.Len(); n++ { // until one is dropped
				st := stateOf(fmt.Sprint(n))
				for st.Tracker.Len() < 300 || st.size < maxSize/30 && st.Tracker.Len() < 3000 {
					from := st.Tracker.Len()
					for _, b := range turn() {
						st.Tracker.Add(transcript.Entry{Body: b})
					}
					if out, ok := st.Tracker.Transcript().Entries[from+1].Body.(*transcript.Output); ok {
						for i := range out.Calls {
							st.Tracker.Add(transcript.Entry{Body: &transcript.Result{
								Ref: transcript.Ref{Entry: from + 1, Index: i}, Status: transcript.StatusOK, Content: []provider.Part{provider.Text{Text: strings.Repeat("r", 100)}},
							}})
						}
						if len(out.Calls) > 0 {
							st.Tracker.Add(transcript.Entry{Body: &transcript.End{Outcome: transcript.OutcomeDone}})
						}
					}
					st.measure()
				}
				for _, m := range st.Tracker.Messages() {
					if _, err := m.Encoded("test", encode); err != nil {
						t.Fatal(err)
					}
				}
				st.CallIDs.Own(st.Tracker.Messages(), provider.Assistant(provider.ToolCall{ID: "x"}))
				keep(&s, st)
			}
			if s.size > maxSize || s.size < maxSize/2 {
				t.Errorf("the size is %d of %d", s.size, maxSize)
			}
			if used := heap() - before; used > int64(s.size) {
				t.Errorf("%d bytes are in use, estimated as %d", used, s.size)
			}
			runtime.KeepAlive(&s)
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestAStateLargerThanTheBoundIsNotKept(t *testing.T) {
	var s Set
	keep(&s, stateOf("small"))
	keep(&s, stateOf("large", &transcript.Unknown{Raw: make([]byte, maxSize)}))
	if last, _ := s.Claim("large"); last != nil {
		t.Error("it is kept")
	}
	if last, _ := s.Claim("small"); last == nil {
		t.Error("it took the room of another")
	}
}

// The size of a state is right after each run, and counts each entry once.
func TestMeasure(t *testing.T) {
	st := stateOf("a", &transcript.Resume{By: "anna"})
	st.measure()
	st.Tracker.Add(transcript.Entry{Body: &transcript.End{Reason: "why"}})
	st.measure()
	st.measure()
	whole := stateOf("a", &transcript.Resume{By: "anna"}, &transcript.End{Reason: "why"})
	if whole.measure(); st.size != whole.size {
		t.Errorf("%d in steps, %d at once", st.size, whole.size)
	}
}

// Each text of an entry counts: a field that is added later, too.
func TestEachTextCounts(t *testing.T) {
	const length = 10000
	for _, b := range []transcript.Body{
		&transcript.Input{}, &transcript.Output{Calls: make([]transcript.Call, 1)}, &transcript.Attempt{}, &transcript.Intent{}, &transcript.Result{},
		&transcript.Decision{}, &transcript.Resume{}, &transcript.End{}, &transcript.Withdrawal{}, &transcript.Unknown{},
		&transcript.Input{Settings: new(provider.Settings)}, &transcript.Input{OutputSchema: new(provider.OutputSchema)},
	} {
		fillIn(t, b, reflect.ValueOf(b).Elem(), fmt.Sprintf("%T", b), length)
	}
	for _, p := range []provider.Part{provider.Text{}, provider.Reasoning{}, provider.Media{}, provider.ToolCall{}, provider.ToolResult{}, provider.ServerCall{}, provider.Native{}} {
		v := reflect.New(reflect.TypeOf(p)).Elem()
		result := &transcript.Result{Content: make([]provider.Part, 1)}
		fillParts(t, result, v, length)
	}
}

// fillIn fills each text below v in turn, and checks that the size of b grows by it.
func fillIn(t *testing.T, b transcript.Body, v reflect.Value, path string, length int) {
	set := func(field reflect.Value, long any) {
		before, old := sizeOfBody(b), reflect.New(field.Type()).Elem()
		old.Set(field)
		field.Set(reflect.ValueOf(long).Convert(field.Type()))
		if sizeOfBody(b) < before+length {
			t.Errorf("%s does not count", path)
		}
		field.Set(old)
	}
	switch {
	case !v.CanSet():
	case v.Type() == reflect.TypeFor[*provider.Message]():
		v.Set(reflect.ValueOf(new(provider.Message)))
		fillIn(t, b, v.Elem(), path, length)
	case v.Kind() == reflect.Pointer && !v.IsNil():
		fillIn(t, b, v.Elem(), path, length)
	case v.Kind() == reflect.String:
		set(v, strings.Repeat("x", length))
	case v.Type() == reflect.TypeFor[[]string]():
		set(v, []string{strings.Repeat("x", length)})
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		set(v, make([]byte, length))
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			fillIn(t, b, v.Index(i), path, length)
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fillIn(t, b, v.Field(i), path+"."+v.Type().Field(i).Name, length)
		}
	}
}

func fillParts(t *testing.T, result *transcript.Result, part reflect.Value, length int) {
	for i := range part.NumField() {
		field := part.Field(i)
		if field.Kind() == reflect.Struct { // its State
			field = field.FieldByName("Data")
		}
		old := reflect.New(field.Type()).Elem()
		switch {
		case field.Kind() == reflect.String:
			field.SetString(strings.Repeat("x", length))
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Uint8:
			field.SetBytes(make([]byte, length))
		case field.Type() == reflect.TypeFor[[]provider.Part]():
			field.Set(reflect.ValueOf([]provider.Part{provider.Text{Text: strings.Repeat("x", length)}}))
		default:
			continue
		}
		result.Content[0] = part.Interface().(provider.Part)
		if sizeOfBody(result) < length {
			t.Errorf("%s.%s does not count", part.Type(), part.Type().Field(i).Name)
		}
		field.Set(old)
	}
}
