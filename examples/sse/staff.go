package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// messages sends the customer the present conversation, such as the answer after a
// decision.
func (s *server) messages(w http.ResponseWriter, r *http.Request) {
	customer, ok := s.customer(r)
	if !ok {
		refuse(w, notSignedIn)
		return
	}
	t, err := s.agent.Session(r.PathValue("ticket"), ecommerce.Customer(customer)).Transcript(r.Context())
	if err != nil {
		refuse(w, refusalOf(err))
		return
	}
	type message struct {
		Role provider.Role `json:"role"`
		Text string        `json:"text"`
	}
	list := []message{}
	for _, m := range t.Messages() {
		if text := m.Text(); text != "" && m.Role != provider.RoleTool {
			list = append(list, message{m.Role, text})
		}
	}
	reply(w, list)
}

// pending sends the staff the calls that wait for a decision, with their arguments and the
// reason. The customer sees neither.
func (s *server) pending(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.staff(r); !ok {
		refuse(w, notSignedIn)
		return
	}
	t, err := s.agent.Session(r.PathValue("ticket")).Transcript(r.Context())
	if err != nil {
		refuse(w, refusalOf(err))
		return
	}
	list := transcript.Track(t).Pending()
	reply(w, append([]transcript.PendingCall{}, list...))
}

// decide receives a decision on a pending call, and continues the run. Only the stored call
// counts: of the call in the request, the place and the digest are compared with it.
func (s *server) decide(w http.ResponseWriter, r *http.Request) {
	who, ok := s.staff(r)
	if !ok {
		refuse(w, notSignedIn)
		return
	}
	var in struct {
		Call    transcript.PendingCall `json:"call"`
		Approve bool                   `json:"approve"`
		Reason  string                 `json:"reason"`
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDecision))
	if err != nil || json.Unmarshal(body, &in) != nil {
		refuse(w, &refusal{status: http.StatusBadRequest, Error: `send {"call": the pending call, "approve": true or false, "reason": "for a denial"}`})
		return
	}
	decision := funcall.Deny(in.Call, in.Reason, funcall.By(who))
	if in.Approve {
		decision = funcall.Approve(in.Call, funcall.By(who))
	}
	res, err := s.agent.Session(r.PathValue("ticket")).Decide(r.Context(), decision)
	if err != nil {
		refuse(w, refusalOf(err))
		return
	}
	reply(w, done(res))
}

// maxDecision bounds a decision, in bytes. It holds the arguments of the call.
const maxDecision = 1 << 20

var notSignedIn = &refusal{status: http.StatusUnauthorized, Error: "please sign in"}

func reply(w http.ResponseWriter, data any) {
	w.Header().Set("Content-Type", "application/json")
	b, err := json.Marshal(data)
	if err != nil {
		refuse(w, refusalOf(err))
		return
	}
	fmt.Fprintln(w, string(b))
}
