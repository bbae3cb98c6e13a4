package anthropic_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
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
	const search, found = `{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"a"}}`, `{"type":"web_search_tool_result","tool_use_id":"s1","content":[]}`
	part := func(index, block string) string {
		return begin(index, block) + event(`{"type":"content_block_stop","index":`+index+`}`)
	}
	stream := func(blocks, why string) string { return event(started) + blocks + reason(why) + event(stopped) }
	says := begin("0", `{"type":"text","text":""}`) + delta("0", `{"type":"text_delta","text":"Rain."}`)
	for _, streamed := range []bool{false, true} {
		paused, done := doc(search+","+found, "pause_turn"), doc(`{"type":"text","text":"Rain."}`, "end_turn")
		if streamed {
			paused, done = stream(part("0", search)+part("1", found), "pause_turn"), stream(says, "end_turn")
		}
		var deltas []provider.DeltaKind
		emit := func(d provider.Delta) { deltas = append(deltas, d.Kind) }
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
		resp, sent, err := ask(paused, paused, done)
		if err != nil || resp.Finish != provider.FinishStop || resp.Message.Text() != "Rain." || len(resp.Message.Parts) != 5 || len(sent) != 3 {
			t.Fatalf("streamed %t: %+v after %d requests, %v", streamed, resp, len(sent), err)
		}
		if want := one.Usage.Add(one.Usage).Add(one.Usage); resp.Usage.Tokens() != want {
			t.Errorf("streamed %t: used %+v, want %+v", streamed, resp.Usage, want)
		}
		for n, body := range sent[1:] {
			turn := strings.TrimSuffix(strings.Repeat(search+","+found+",", n+1), ",")
			if plain := strings.ReplaceAll(body, `,"cache_control":{"type":"ephemeral"}`, ""); !strings.Contains(plain, `]},{"role":"assistant","content":[`+turn+`]}]`) {
				t.Errorf("streamed %t, request %d: %s", streamed, n+1, body)
			}
		}
		if want := "[server_start server_end server_start server_end text]"; streamed && fmt.Sprint(deltas) != want {
			t.Errorf("emitted %v, want %s", deltas, want)
		}
		// The API never ends it.
		if resp, sent, err = ask(paused); err != nil || resp.Finish != provider.FinishLength || len(sent) != 9 {
			t.Errorf("streamed %t: %+v after %d requests, %v", streamed, resp, len(sent), err)
		}
		// A call of a function waits for its result.
		if resp, sent, err = ask(strings.Replace(paused, found, `{"type":"tool_use","id":"t1","name":"f","input":{}}`, 1)); err != nil || resp.Finish != provider.FinishLength || len(sent) != 1 {
			t.Errorf("streamed %t: %+v after %d requests, %v", streamed, resp, len(sent), err)
		}
		// It fails while it is paused. What came before counts.
		_, _, err = ask(paused, `{"type":"error","error":{"type":"overloaded_error","message":"later"}}`)
		e, ok := errors.AsType[*provider.Error](err)
		if !ok || e.Kind != provider.KindOverloaded || e.Usage.Tokens() != one.Usage || e.Emitted != streamed {
			t.Errorf("streamed %t: %+v", streamed, err)
		}
	}
}
