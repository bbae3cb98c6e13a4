package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// server answers customers over HTTP: it receives a message and sends the run's events as
// server-sent events. The staff decides on pending calls.
type server struct {
	agent *funcall.Agent
	// customer returns the customer who is signed in, from authentication and never from the
	// conversation. It decides what the tools may show.
	customer func(*http.Request) (id string, ok bool)
	// staff returns the name of the staff member who is signed in.
	staff func(*http.Request) (name string, ok bool)
	// heartbeat is the silence after which a comment is sent, so that no proxy closes the
	// stream.
	heartbeat time.Duration
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /tickets/{ticket}/messages", s.message)
	mux.HandleFunc("GET /tickets/{ticket}/messages", s.messages)
	mux.HandleFunc("GET /staff/tickets/{ticket}/pending", s.pending)
	mux.HandleFunc("POST /staff/tickets/{ticket}/decisions", s.decide)
	return mux
}

// maxBody bounds a request, in bytes.
const maxBody = 16 << 10

var ticketID = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

func (s *server) message(w http.ResponseWriter, r *http.Request) {
	customer, ok := s.customer(r)
	if !ok {
		refuse(w, notSignedIn)
		return
	}
	text, refused := readMessage(w, r)
	if refused != nil {
		refuse(w, refused)
		return
	}
	out := newStream(w, s.heartbeat)
	defer out.close()
	// If the customer disconnects, the request's context is done and the run is
	// canceled. The conversation continues with the next message.
	chat := s.agent.Session(r.PathValue("ticket"), ecommerce.Customer(customer))
	for ev, err := range chat.Stream(r.Context(), text) {
		if err != nil {
			out.fail(refusalOf(err))
			return
		}
		if name, data := shown(ev); name != "" && !out.send(name, data) {
			return // the customer disconnected: leaving the loop cancels the run
		}
	}
}

// readMessage reads the customer's message, within maxBody.
func readMessage(w http.ResponseWriter, r *http.Request) (string, *refusal) {
	if !ticketID.MatchString(r.PathValue("ticket")) {
		return "", &refusal{status: http.StatusNotFound, Error: "there is no such ticket"}
	}
	var in struct {
		Text string `json:"text"`
	}
	// Read to the end: only then does the server detect a disconnect.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if errors.As(err, new(*http.MaxBytesError)) {
		return "", &refusal{status: http.StatusRequestEntityTooLarge, Error: "the message is too long"}
	}
	if err != nil || json.Unmarshal(body, &in) != nil || strings.TrimSpace(in.Text) == "" {
		return "", &refusal{status: http.StatusBadRequest, Error: `send {"text": "your message"}`}
	}
	return in.Text, nil
}

// shown returns the name and the data of an event for the browser. It leaves out arguments and
// results of tools: they may hold more than the answer tells.
func shown(ev funcall.Event) (name string, data any) {
	type tool struct {
		Tool   string `json:"tool"`
		Status string `json:"status,omitempty"`
	}
	switch ev.Kind {
	case funcall.EventText:
		return "text", ev.Text
	case funcall.EventToolStart:
		return "tool_start", tool{Tool: ev.Tool}
	case funcall.EventToolEnd:
		return "tool_end", tool{Tool: ev.Tool, Status: string(ev.Status)}
	case funcall.EventDone:
		return "done", done(ev.Result)
	}
	return "", nil
}

// done is the end of a run. If the run waits for a person, the text says so.
func done(res *funcall.Result) map[string]string {
	return map[string]string{"outcome": string(res.Outcome), "text": res.Text()}
}

// A refusal is an error that the customer sees.
type refusal struct {
	status     int
	Error      string `json:"error"`
	RetryAfter int    `json:"retry_after,omitempty"` // seconds
}

// refusalOf returns the refusal for the error of a run. Its text is the service's own: the
// error's text goes to the agent's log.
func refusalOf(err error) *refusal {
	switch e, ok := errors.AsType[*provider.Error](err); {
	case errors.Is(err, funcall.ErrBusy):
		return &refusal{http.StatusConflict, "your last message is still being answered", 2}
	case errors.Is(err, funcall.ErrPending):
		return &refusal{http.StatusConflict, "a colleague has to decide first", 0}
	case errors.Is(err, funcall.ErrStaleDecision), errors.Is(err, funcall.ErrNotPending), errors.Is(err, funcall.ErrExpired):
		return &refusal{http.StatusConflict, "the call changed or was decided: load it again", 0}
	case errors.Is(err, funcall.ErrWrongSubject), errors.Is(err, transcript.ErrDeleted): // as if the ticket did not exist
		return &refusal{http.StatusNotFound, "there is no such ticket", 0}
	case ok && (e.Kind == provider.KindRateLimited || e.Kind == provider.KindOverloaded):
		return &refusal{http.StatusServiceUnavailable, "too many questions at once", max(1, int(math.Ceil(e.RetryAfter.Seconds())))}
	case ok && (e.Kind == provider.KindFiltered || e.Kind == provider.KindInvalidMedia || e.Kind == provider.KindContextTooLong):
		return &refusal{http.StatusUnprocessableEntity, "this message cannot be answered, please change it", 0}
	case ok, errors.Is(err, funcall.ErrTruncated):
		return &refusal{http.StatusBadGateway, "no answer could be had, please try again", 0}
	}
	return &refusal{http.StatusInternalServerError, "something went wrong", 0}
}

func refuse(w http.ResponseWriter, r *refusal) {
	if r.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(r.RetryAfter))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	b, _ := json.Marshal(r) // strings and numbers can always be encoded
	fmt.Fprintln(w, string(b))
}
