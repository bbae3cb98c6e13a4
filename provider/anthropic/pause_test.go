package anthropic_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/anthropic"
)

// answers returns a client of a server that gives the replies in turn, the last one for ever.
func answers(replies ...string) (*http.Client, *[]string) {
	sent := new([]string)
	return &http.Client{Transport: adaptertest.RoundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		reply := replies[min(len(*sent), len(replies)-1)]
		*sent = append(*sent, string(body))
		status := 200
		if strings.HasPrefix(reply, `{"type":"error"`) {
			status = 529
		}
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(reply))}, err
	})}, sent
}

// A turn that the API paused is sent back as it is, and the model goes on. Other turns that
// paused are truncated.
func TestPausedTurns(t *testing.T) {
	const search, found = `{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"a"}}`, `{"type":"web_search_tool_result","tool_use_id":"s1","content":[{"type":"web_search_result","title":"b","url":"c"}]}`
	part := func(index, block string) string {
		return begin(index, block) + event(`{"type":"content_block_stop","index":`+index+`}`)
	}
	stream := func(blocks, why string) string { return event(started) + blocks + reason(why) + event(stopped) }
	says := begin("0", `{"type":"text","text":""}`) + delta("0", `{"type":"text_delta","text":"Rain."}`)
	for _, streamed := range []bool{false, true} {
		paused, late, done := doc(search, "pause_turn"), doc(found, "pause_turn"), doc(`{"type":"text","text":"Rain."}`, "end_turn")
		if streamed {
			paused, late, done = stream(part("0", search), "pause_turn"), stream(part("0", found), "pause_turn"), stream(says, "end_turn")
		}
		var deltas []provider.Delta
		emit := func(d provider.Delta) { deltas = append(deltas, d) }
		if !streamed {
			emit = nil
		}
		ask := func(replies ...string) (*provider.Response, []string, error) {
			hc, sent := answers(replies...)
			resp, err := anthropic.New("claude-test", anthropic.HTTPClient(hc)).Generate(t.Context(), &provider.Request{Messages: []*provider.Message{provider.User("Weather?")}}, emit)
			return resp, *sent, err
		}
		one, _, err := ask(done)
		if err != nil {
			t.Fatal(err)
		}
		deltas = nil
		resp, sent, err := ask(paused, late, done)
		if err != nil || resp.Finish != provider.FinishStop || resp.Message.Text() != "Rain." || len(resp.Message.Parts) != 3 || len(sent) != 3 {
			t.Fatalf("streamed %t: %+v after %d requests, %v", streamed, resp, len(sent), err)
		}
		if resp.Usage.WithoutTools() != one.Usage || len(resp.Attempts) != 2 {
			t.Errorf("streamed %t: used %+v after %+v", streamed, resp.Usage, resp.Attempts)
		}
		for _, a := range resp.Attempts {
			if a.Then != provider.ThenContinue || a.Kind != "" || a.Provider != "anthropic" || a.Model != one.Model || a.Usage.WithoutTools() != one.Usage || a.Cost != nil || a.Duration <= 0 {
				t.Errorf("streamed %t: attempt %+v", streamed, a)
			}
		}
		for n, turn := range []string{search, search + "," + found} {
			if plain := strings.ReplaceAll(sent[n+1], `,"cache_control":{"type":"ephemeral"}`, ""); !strings.Contains(plain, `]},{"role":"assistant","content":[`+turn+`]}]`) {
				t.Errorf("streamed %t, request %d: %s", streamed, n+1, plain)
			}
		}
		// The deltas of a call are as if there were no pause.
		if want := "[server_start server_end text]"; streamed && fmt.Sprint(kinds(deltas)) != want {
			t.Errorf("emitted %v, want %s", kinds(deltas), want)
		}
		if calls := resp.Message.ServerCalls(); streamed && (len(calls) != 1 || deltas[1].ID != "s1" || deltas[1].Name != "web_search" || !reflect.DeepEqual(*deltas[1].Server, calls[0]) || calls[0].Input != "a") {
			t.Errorf("the end was %+v of %+v, want %+v", deltas[1], deltas[1].Server, calls)
		}
		// The API never ends it.
		if resp, sent, err = ask(paused); err != nil || resp.Finish != provider.FinishLength || len(sent) != 9 {
			t.Errorf("streamed %t: %+v after %d requests, %v", streamed, resp, len(sent), err)
		}
		// A call of a function waits for its result.
		if resp, sent, err = ask(strings.Replace(late, found, `{"type":"tool_use","id":"t1","name":"f","input":{}}`, 1)); err != nil || resp.Finish != provider.FinishLength || len(sent) != 1 {
			t.Errorf("streamed %t: %+v after %d requests, %v", streamed, resp, len(sent), err)
		}
		// It fails while it is paused. What came before counts, and each request has its own cost: a
		// refusal is free, and that of a reply that breaks off is unknown.
		for reply, free := range map[string]bool{`{"type":"error","error":{"type":"overloaded_error","message":"later"}}`: true, "": false} {
			_, _, err = ask(paused, late, reply)
			e, ok := errors.AsType[*provider.Error](err)
			if !ok || e.Usage != (provider.Usage{}) || e.Emitted != streamed || (e.Cost != nil) != free || len(e.Attempts) != 2 || e.Duration <= 0 {
				t.Fatalf("streamed %t: %+v", streamed, err)
			}
			made := provider.AttemptsOf(err, 0, provider.ThenGiveUp)
			if made[0].Usage.WithoutTools() != one.Usage || made[1].Then != provider.ThenContinue || made[2].Kind != e.Kind || (made[2].Cost != nil) != free {
				t.Errorf("streamed %t: %+v", streamed, made)
			}
		}
	}
}

func kinds(deltas []provider.Delta) (list []provider.DeltaKind) {
	for _, d := range deltas {
		list = append(list, d.Kind)
	}
	return list
}
