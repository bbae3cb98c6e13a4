package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// A site is the service on loopback. over receives a value for each completed request.
type site struct {
	t     *testing.T
	url   string
	store *transcript.Memory
	over  chan struct{}
	*http.Client
}

func serve(t *testing.T, model provider.Provider, heartbeat time.Duration) *site {
	s := &site{t: t, store: new(transcript.Memory), over: make(chan struct{}, 64)}
	cfg := config(ecommerce.NewMock(ecommerce.Latency(0)))
	cfg.Store = s.store
	agent, err := funcall.New(model, cfg)
	if err != nil {
		t.Fatal(err)
	}
	routes := (&server{agent: agent, customer: demoCustomer, staff: demoStaff, heartbeat: heartbeat}).routes()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		routes.ServeHTTP(w, r)
		s.over <- struct{}{}
	}))
	s.url, s.Client = web.URL, web.Client()
	t.Cleanup(web.Close)
	return s
}

// post sends a message with that token.
func (s *site) post(ctx context.Context, who, ticket, body string) *http.Response {
	s.t.Helper()
	return s.request(ctx, http.MethodPost, who, "/tickets/"+ticket+"/messages", body)
}

func (s *site) request(ctx context.Context, method, who, path, body string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+who)
	resp, err := s.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// said posts a message and returns the status and the whole reply.
func (s *site) said(who, ticket, body string) (status int, reply string) {
	s.t.Helper()
	return s.read(s.post(s.t.Context(), who, ticket, body))
}

// read returns the status and the whole of a reply.
func (s *site) read(resp *http.Response) (status int, reply string) {
	s.t.Helper()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestARunIsStreamed(t *testing.T) {
	s := serve(t, offline.New(offline.Pace(0)), time.Minute)
	resp := s.post(t.Context(), "sarah", "t-1", `{"text":"Where is ORD-78342?"}`)
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := string(b)
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HTTP %d, %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	for _, want := range []string{
		"event: tool_start\ndata: {\"tool\":\"get_order_status\"}\n\n",
		"event: tool_end\ndata: {\"tool\":\"get_order_status\",\"status\":\"ok\"}\n\n",
		"event: text\ndata: \"Order \"\n\n",
		"event: done\ndata: {\"outcome\":\"done\",\"text\":\"Order ORD-78342 is in transit",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "FS8945612378945\",") { // tool results are not sent to the browser
		t.Errorf("a tool's result was sent:\n%s", got)
	}
}

func TestRefusals(t *testing.T) {
	s := serve(t, offline.New(offline.Pace(0)), time.Minute)
	if status, reply := s.said("sarah", "t-1", `{"text":"Hello"}`); status != http.StatusOK {
		t.Fatalf("HTTP %d: %s", status, reply)
	}
	for _, c := range []struct {
		name, who, ticket, body string
		status                  int
	}{
		{"not signed in", "mallory", "t-1", `{"text":"Hello"}`, http.StatusUnauthorized},
		{"another customer's ticket", "james", "t-1", `{"text":"What did she say?"}`, http.StatusNotFound},
		{"an odd ticket", "sarah", "T_1", `{"text":"Hello"}`, http.StatusNotFound},
		{"no JSON", "sarah", "t-1", `Hello`, http.StatusBadRequest},
		{"no text", "sarah", "t-1", `{"text":" "}`, http.StatusBadRequest},
		{"too long", "sarah", "t-1", `{"text":"` + strings.Repeat("a", maxBody) + `"}`, http.StatusRequestEntityTooLarge},
	} {
		if status, reply := s.said(c.who, c.ticket, c.body); status != c.status || !strings.HasPrefix(reply, `{"error":"`) {
			t.Errorf("%s: HTTP %d, want %d: %s", c.name, status, c.status, reply)
		}
	}
}

func TestErrorsOfARun(t *testing.T) {
	for _, c := range []struct {
		name   string
		turn   providertest.Turn
		status int
		retry  string
		reply  string
	}{
		{
			"before anything was said",
			providertest.Fail(&provider.Error{Kind: provider.KindRateLimited, Message: "secret words", RetryAfter: 1500 * time.Millisecond}),
			http.StatusServiceUnavailable, "2", `{"error":"too many questions at once","retry_after":2}` + "\n",
		},
		{
			"the model is gone",
			providertest.Fail(&provider.Error{Kind: provider.KindUnavailable, Message: "secret words"}),
			http.StatusBadGateway, "", `{"error":"no answer could be had, please try again"}` + "\n",
		},
		{
			"the message is refused",
			providertest.Fail(&provider.Error{Kind: provider.KindFiltered, Message: "secret words"}),
			http.StatusUnprocessableEntity, "", `{"error":"this message cannot be answered, please change it"}` + "\n",
		},
		{
			"in the middle of the answer",
			providertest.Say("It is on").FailAfter(2, &provider.Error{Kind: provider.KindOverloaded, Message: "secret words"}),
			http.StatusOK, "", "event: text\ndata: \"It \"\n\nevent: text\ndata: \"is \"\n\n" +
				"event: error\ndata: {\"error\":\"too many questions at once\",\"retry_after\":1}\n\n",
		},
		{
			"nothing but a cut answer",
			providertest.Say("").WithFinish(provider.FinishLength),
			http.StatusBadGateway, "", `{"error":"no answer could be had, please try again"}` + "\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, providertest.NewScript(t, c.turn), time.Minute)
			resp := s.post(t.Context(), "sarah", "t-1", `{"text":"Hello"}`)
			b, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != c.status || resp.Header.Get("Retry-After") != c.retry || string(b) != c.reply {
				t.Errorf("HTTP %d, Retry-After %q, %v\n got %q\nwant %q", resp.StatusCode, resp.Header.Get("Retry-After"), err, b, c.reply)
			}
		})
	}
}

func TestRefusalOf(t *testing.T) {
	for err, want := range map[error]int{
		funcall.ErrPending: http.StatusConflict,
		&provider.Error{Kind: provider.KindInvalidMedia}:   http.StatusUnprocessableEntity,
		&provider.Error{Kind: provider.KindContextTooLong}: http.StatusUnprocessableEntity,
		fmt.Errorf("store: %w", errors.New("disk full")):   http.StatusInternalServerError,
	} {
		if got := refusalOf(err); got.status != want || strings.Contains(got.Error, "disk") {
			t.Errorf("%v: HTTP %d %q", err, got.status, got.Error)
		}
	}
}

// While a message is being answered, another is refused. If the customer disconnects, the run is
// canceled, and the ticket accepts messages again.
func TestOneRunAtATimeAndDisconnect(t *testing.T) {
	s := serve(t, providertest.NewScript(t, providertest.Say("It is on").HangAfter(1), providertest.Say("Yes.")), time.Millisecond)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	lines := bufio.NewScanner(s.post(ctx, "sarah", "t-1", `{"text":"Where is it?"}`).Body)
	beats := 0
	for beats < 3 && lines.Scan() { // the model is silent, and the stream sends heartbeats
		if lines.Text() == ": still here" {
			beats++
		}
	}
	if beats < 3 {
		t.Fatalf("%d heartbeats, then %v", beats, lines.Err())
	}
	if status, reply := s.said("sarah", "t-1", `{"text":"Are you there?"}`); status != http.StatusConflict {
		t.Errorf("HTTP %d: %s", status, reply)
	}
	<-s.over // of the second
	leave()
	<-s.over // of the first
	tr, err := s.store.Load(t.Context(), "t-1")
	if err != nil {
		t.Fatal(err)
	}
	if outcome, _ := transcript.Track(tr).Outcome(); outcome != transcript.OutcomeCanceled {
		t.Errorf("the run is %s", outcome)
	}
	status, reply := s.said("sarah", "t-1", `{"text":"Are you there?"}`)
	if status != http.StatusOK || !strings.Contains(reply, `{"outcome":"done","text":"Yes."}`) {
		t.Errorf("HTTP %d: %s", status, reply)
	}
}
