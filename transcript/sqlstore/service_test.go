package sqlstore_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/sqlshop"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// The desk of the example, over HTTP: a pending call is listed, decided once, and run once.
func TestDesk(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	shop, err := sqlshop.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	agent, err := funcall.New(providertest.NewScript(t, providertest.Call("process_return", `{"order_id":"ORD-78342","reason":"defective"}`), providertest.Say("It is done.")),
		funcall.Config{Tools: ecommerce.Tools(shop, ecommerce.ApproveOver(10000)), Store: store})
	if err != nil {
		t.Fatal(err)
	}
	if res, err := agent.Session("ticket-1", ecommerce.Customer("CUST-9821")).Send(t.Context(), "Return it."); err != nil || res.Outcome != transcript.OutcomeWaiting {
		t.Fatal(res.Outcome, err)
	}
	d := &desk{agent, store.Store, func(r *http.Request) string { return r.Header.Get("X-User") }}
	listed := func() (list []transcript.PendingCall) {
		w := httptest.NewRecorder()
		d.list(w, httptest.NewRequest("GET", "/", nil))
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
			t.Fatal(err, w.Body)
		}
		return list
	}
	list := listed()
	if len(list) != 1 || list[0].Session != "ticket-1" || !strings.Contains(list[0].Reason, "115.97") {
		t.Fatalf("%+v", list)
	}
	decide := func(p transcript.PendingCall) int {
		body, err := json.Marshal(map[string]any{"Call": p, "Approve": true})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.Header.Set("X-User", "anna")
		w := httptest.NewRecorder()
		d.decide(w, r)
		return w.Code
	}
	forged := list[0]
	forged.Digest = "0"
	if code := decide(forged); code != http.StatusConflict {
		t.Errorf("a forged decision: %d", code)
	}
	if code := decide(list[0]); code != http.StatusOK {
		t.Errorf("the decision: %d", code)
	}
	if code := decide(list[0]); code != http.StatusConflict {
		t.Errorf("the decision again: %d", code)
	}
	if made, err := shop.Returns(t.Context()); err != nil || len(made) != 1 || len(listed()) != 0 {
		t.Errorf("%d returns, %v, and %d calls wait", len(made), err, len(listed()))
	}
}

func TestPickUp(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	agent, err := funcall.New(providertest.NewScript(t, providertest.Say("Here I am.")), funcall.Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	in, err := agent.NewInput(t.Context(), "s", "Hello?")
	if err != nil {
		t.Fatal(err)
	}
	newer := &transcript.Unknown{Type: "settlement", Needs: "1.65535", Raw: []byte(`{"at":"2026-03-01T12:00:00Z","type":"settlement","needs":"1.65535"}`)}
	for id, b := range map[string]struct {
		age   time.Duration
		lease time.Duration
		body  transcript.Body
	}{"dead": {time.Second, time.Millisecond, in}, "alive": {time.Hour, time.Hour, in}, "newer": {2 * time.Hour, 0, newer}} {
		if err := store.Append(t.Context(), transcript.Batch{Session: id, Writer: "another", LeaseFor: b.lease, Entries: []transcript.Entry{{Time: time.Now().Add(-b.age), Body: b.body}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := pickUp(t.Context(), agent, store); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]transcript.Outcome{"dead": transcript.OutcomeDone, "alive": transcript.OutcomeOpen, "newer": transcript.OutcomeOpen} {
		tr, err := store.Load(t.Context(), id)
		if o, _ := transcript.Track(tr).Outcome(); err != nil || o != want {
			t.Errorf("%s: %s, %v", id, o, err)
		}
	}
}
