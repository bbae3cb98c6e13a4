package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/ecommerce/offline"
	"github.com/funcall/funcall/transcript"
)

// get reads a page with that token.
func (s *site) get(who, path string) (status int, reply string) {
	s.t.Helper()
	return s.read(s.request(s.t.Context(), http.MethodGet, who, path, ""))
}

// decide sends the staff's decision on a call.
func (s *site) decide(who, ticket string, call transcript.PendingCall, approve bool) (status int, reply string) {
	s.t.Helper()
	b, err := json.Marshal(map[string]any{"call": call, "approve": approve, "reason": "too many lately"})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.read(s.request(s.t.Context(), http.MethodPost, who, "/staff/tickets/"+ticket+"/decisions", string(b)))
}

// waiting sends a message whose call waits for the staff, and returns the call as the staff sees
// it.
func (s *site) waiting(ticket string) transcript.PendingCall {
	s.t.Helper()
	status, reply := s.said("sarah", ticket, `{"text":"Return ORD-70211, it is defective."}`)
	if want := `event: done` + "\n" + `data: {"outcome":"waiting","text":"` + ecommerce.WaitingText + `"}`; status != http.StatusOK || !strings.Contains(reply, want) {
		s.t.Fatalf("HTTP %d, no %s in:\n%s", status, want, reply)
	}
	if strings.Contains(reply, "over 100.00") { // the reason is for the staff
		s.t.Errorf("the customer reads:\n%s", reply)
	}
	status, reply = s.get("anna", "/staff/tickets/"+ticket+"/pending")
	var calls []transcript.PendingCall
	if err := json.Unmarshal([]byte(reply), &calls); err != nil || status != http.StatusOK || len(calls) != 1 {
		s.t.Fatalf("HTTP %d, %v: %s", status, err, reply)
	}
	if c := calls[0]; c.Tool != ecommerce.ToolReturn || c.Reason != "the refund of 162.98 for ORD-70211 is over 100.00" || c.Subject != "CUST-9821" {
		s.t.Errorf("the staff sees %+v", c)
	}
	return calls[0]
}

func TestAReturnWaitsForTheStaff(t *testing.T) {
	s := serve(t, offline.New(offline.Pace(0)), time.Minute)
	for _, c := range []struct {
		ticket  string
		approve bool
		answer  string
	}{
		{"t-1", false, "too many lately"},
		{"t-2", true, "Return RET-100001 of order ORD-70211 is under way"},
	} {
		call := s.waiting(c.ticket)
		if status, reply := s.said("sarah", c.ticket, `{"text":"And now?"}`); status != http.StatusConflict {
			t.Errorf("a message while the call waits: HTTP %d: %s", status, reply)
		}
		if status, reply := s.decide("anna", c.ticket, call, c.approve); status != http.StatusOK || !strings.Contains(reply, `"outcome":"done"`) || !strings.Contains(reply, c.answer) {
			t.Errorf("HTTP %d: %s", status, reply)
		}
		if status, reply := s.get("anna", "/staff/tickets/"+c.ticket+"/pending"); status != http.StatusOK || reply != "[]\n" {
			t.Errorf("after the decision: HTTP %d: %s", status, reply)
		}
		status, reply := s.get("sarah", "/tickets/"+c.ticket+"/messages")
		if status != http.StatusOK || !strings.HasPrefix(reply, `[{"role":"user","text":"Return ORD-70211, it is defective."},`) || !strings.Contains(reply, c.answer) {
			t.Errorf("the customer reads: HTTP %d: %s", status, reply)
		}
		tr, err := s.store.Load(t.Context(), c.ticket)
		if err != nil || !hasDecisionBy(tr, "anna") {
			t.Errorf("no decision by anna is stored: %v", err)
		}
	}
}

func hasDecisionBy(t transcript.Transcript, name string) bool {
	for _, e := range t.Entries {
		if d, ok := e.Body.(*transcript.Decision); ok && d.By == name {
			return true
		}
	}
	return false
}

func TestRefusedDecisions(t *testing.T) {
	s := serve(t, offline.New(offline.Pace(0)), time.Minute)
	call := s.waiting("t-1")
	forged := call
	forged.Digest = "0000"
	other := call
	other.Ref.Index = 7
	for _, c := range []struct {
		name, who string
		call      transcript.PendingCall
		status    int
	}{
		{"by the customer", "sarah", call, http.StatusUnauthorized},
		{"about a call that has changed", "anna", forged, http.StatusConflict},
		{"about no call", "anna", other, http.StatusConflict},
	} {
		if status, reply := s.decide(c.who, "t-1", c.call, true); status != c.status || !strings.HasPrefix(reply, `{"error":"`) {
			t.Errorf("%s: HTTP %d, want %d: %s", c.name, status, c.status, reply)
		}
	}
	for _, body := range []string{"", "yes", `{"call":{"args":"` + strings.Repeat("a", maxDecision) + `"}}`} {
		if status, reply := s.read(s.request(t.Context(), http.MethodPost, "anna", "/staff/tickets/t-1/decisions", body)); status != http.StatusBadRequest {
			t.Errorf("%.20q: HTTP %d: %s", body, status, reply)
		}
	}
	for path, who := range map[string]string{
		"/staff/tickets/t-1/pending": "sarah",
		"/tickets/t-1/messages":      "mallory",
	} {
		if status, reply := s.get(who, path); status != http.StatusUnauthorized {
			t.Errorf("%s for %s: HTTP %d: %s", path, who, status, reply)
		}
	}
	if status, reply := s.get("james", "/tickets/t-1/messages"); status != http.StatusNotFound {
		t.Errorf("another customer's ticket: HTTP %d: %s", status, reply)
	}
	if status, reply := s.get("sarah", "/tickets/t-1/messages"); status != http.StatusOK || strings.Contains(reply, "RET-") {
		t.Errorf("HTTP %d: %s", status, reply)
	}
}

// A deleted ticket looks like one of another customer, and nothing can be written to it.
func TestADeletedTicket(t *testing.T) {
	s := serve(t, offline.New(offline.Pace(0)), time.Minute)
	call := s.waiting("t-1")
	if err := s.store.Delete(t.Context(), "t-1"); err != nil {
		t.Fatal(err)
	}
	for name, answer := range map[string]func() (int, string){
		"a message":    func() (int, string) { return s.said("sarah", "t-1", `{"text":"Hello"}`) },
		"the messages": func() (int, string) { return s.get("sarah", "/tickets/t-1/messages") },
		"the calls":    func() (int, string) { return s.get("anna", "/staff/tickets/t-1/pending") },
		"a decision":   func() (int, string) { return s.decide("anna", "t-1", call, true) },
	} {
		if status, reply := answer(); status != http.StatusNotFound || !strings.HasPrefix(reply, `{"error":"there is no such ticket"`) {
			t.Errorf("%s: HTTP %d: %s", name, status, reply)
		}
	}
}
