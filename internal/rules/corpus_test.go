package rules_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/sqldb/sqlstoretest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

// corpus holds transcripts as each version wrote them. They are read for ever: a
// folder is never changed, and a version that writes something new adds one, with
// FUNCALL_WRITE_CORPUS=1 go test -run TestR24_Corpus .
const corpus = "../../transcript/testdata/transcripts"

// What the conversations of the corpus show, each run by the agent itself.
var corpusScenes = map[string]func(s *corpusScene){
	"lookups": func(s *corpusScene) {
		s.turns(providertest.Calls(call("look", `{"id":"a"}`), call("look", `{"id":"z"}`), call("look", `{"id":"b","n":2.0}`), call("lock", `{}`)),
			providertest.Say("Here they are."), providertest.Say("You are welcome."))
		s.send("Look at a and b.", funcall.Attach(provider.Media{MIME: "image/png", Data: []byte{0, 1, 254, 255}}))
		s.send("Thanks! 日本語 \u2028 <&> \x00", funcall.WithLimits(transcript.Limits{Steps: 2, Tokens: 1 << 40, ActiveTime: time.Hour}))
	},
	"reasoning": func(s *corpusScene) {
		m := provider.Assistant(
			provider.Reasoning{Text: "Hm.", State: provider.State{Owner: "some/api", Data: json.RawMessage(`{"signature":"c2ln","n":9007199254740993}`)}},
			provider.Reasoning{Redacted: true, State: provider.State{Owner: "some/api", Data: json.RawMessage(`"b3BhcXVl"`)}},
			provider.Text{Text: "It is "}, provider.Native{State: provider.State{Owner: "some/api", Data: json.RawMessage(`{"type":"citation"}`)}}, provider.Text{Text: "so."},
			provider.ServerCall{ID: "s1", Name: "web_search", Input: "why", Output: "Because.", State: provider.State{Owner: "some/api", Data: json.RawMessage(`{"type":"search"}`)}})
		m.State = provider.State{Owner: "some/api", Data: json.RawMessage(`{"id":"msg_1"}`)}
		s.turns(providertest.Respond(&provider.Response{Message: m, Finish: provider.FinishStop, Usage: provider.Usage{Input: 100, CacheRead: 60, CacheWrite: 10, Output: 20, Reasoning: 15, WebSearches: 1}, Model: "model-1", RequestID: "req_1"}))
		temperature := 0.25
		s.send("Why?", funcall.WithSettings(provider.Settings{Temperature: &temperature, Extra: json.RawMessage(`{"n":9007199254740993}`)}))
	},
	"effects": func(s *corpusScene) {
		s.turns(providertest.Calls(call("pay", `{"id":"a"}`), call("put", `{"id":"a"}`), call("fail", `{"id":"a"}`), call("look", `{"id":"b"}`)), providertest.Say("done"))
		s.send("Pay.")
	},
	"in doubt": func(s *corpusScene) {
		s.turns(providertest.Call("lose", `{"id":"a"}`), providertest.Say("I do not know."))
		s.send("Pay.")
		s.turns(providertest.Call("lose", `{"id":"a","n":2}`))
		s.send("Again.") // which waits for a person
	},
	"reconciled": func(s *corpusScene) {
		s.turns(providertest.Calls(call("ask", `{"id":"a"}`), call("ask", `{"id":"b"}`)), providertest.Say("done"))
		s.send("Pay both.") // one had happened, one had not
	},
	"approvals": func(s *corpusScene) {
		s.turns(providertest.Calls(call("gift", `{"id":"a","n":1}`), call("gift", `{"id":"a","n":2}`), call("gift", `{"id":"a","n":3}`), call("gift", `{"id":"a","n":4}`)), providertest.Say("done"))
		s.send("Gifts, please.")
		s.decide(funcall.Deny(s.pending(1), "Not this one.", funcall.By("anna")))
		s.decide(funcall.ApproveWith(s.pending(0), `{"id":"b"}`, funcall.By("bert")))
		s.decide(funcall.Respond(s.pending(0), "Sent by hand.", funcall.By("anna")))
		s.decide(funcall.Approve(s.pending(0)))
	},
	"waiting": func(s *corpusScene) {
		s.turns(providertest.Calls(call("gift", `{"id":"a"}`), call("look", `{"id":"a"}`)))
		s.send("A gift, please.")
	},
	"expired": func(s *corpusScene) {
		s.turns(providertest.Call("gift", `{"id":"a"}`))
		s.send("A gift, please.")
		s.passes(49 * time.Hour)
		s.turns(providertest.Say("There was nobody."))
		s.send("Hello?")
	},
	"killed": func(s *corpusScene) {
		s.turns(providertest.Calls(call("put", `{"id":"a"}`), call("pay", `{"id":"b"}`)))
		s.crash(2)
		s.send("Pay.")
	},
	"resumed": func(s *corpusScene) {
		s.turns(providertest.Calls(call("put", `{"id":"a"}`), call("pay", `{"id":"b"}`)), providertest.Say("done"))
		s.crash(2)
		s.send("Pay.")
		s.crash(99)
		s.resume()
	},
	"failed": func(s *corpusScene) {
		s.turns(providertest.Fail(&provider.Error{Kind: provider.KindOverloaded, Status: 529, Message: "try later"}))
		s.send("Hello?")
	},
	"attempts": func(s *corpusScene) {
		s.turns(providertest.Fail(&provider.Error{Kind: provider.KindUnavailable, Message: "it broke off", Model: "model-1", RequestID: "req_1", Usage: provider.Usage{Input: 90, Output: 1}}),
			providertest.Fail(&provider.Error{Kind: provider.KindRateLimited, Status: 429, Cost: new(provider.Money)}), providertest.Say(""), providertest.Say("Hello."))
		s.send("Hello?")
		s.resume()
		s.resume()
	},
	"withdrawn": func(s *corpusScene) {
		s.turns(providertest.Say("Hello."), providertest.Call("put", `{"id":"a"}`), providertest.Fail(&provider.Error{Kind: provider.KindFiltered, Message: "not this"}),
			providertest.Fail(&provider.Error{Kind: provider.KindContextTooLong, Message: "too long"}), providertest.Say("You are welcome."), providertest.Say("Bye."))
		s.send("Hello?")
		s.send("Put a.")
		s.send("A long message.")
		s.send("Thanks.")
		if _, err := s.session().Withdraw(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		s.send("Good bye.")
	},
	"steered": func(s *corpusScene) {
		s.turns(providertest.Call("look", `{"id":"a"}`), providertest.Calls(call("pay", `{"id":"a"}`), call("put", `{"id":"a"}`)))
		s.send("Put a.", funcall.WithInstructions("It is Monday."), funcall.WithTools("put", "look"), funcall.StopAfter("put"), funcall.WithWaitingText("Please wait."),
			funcall.WithToolChoice(provider.ToolsNamed, "look"))
		s.turns(providertest.Fail(&provider.Error{Kind: provider.KindOverloaded, Status: 529, Message: "try later"}))
		s.send("Again.", funcall.WithTools(), funcall.WithBudget(funcall.Budget{Name: "shop", Tokens: 1 << 40}), funcall.WithToolChoiceEveryStep(provider.ToolsNone))
	},
	"at a limit": func(s *corpusScene) {
		s.turns(providertest.Call("look", `{"id":"a"}`), providertest.Call("look", `{"id":"b"}`))
		s.send("Look.", funcall.WithLimits(transcript.Limits{Steps: 1, ClosingText: "That was too much."}))
	},
	"cut": func(s *corpusScene) {
		s.turns(providertest.Respond(&provider.Response{Message: provider.Assistant(provider.Text{Text: "It is"}, call("look", `{"id":`)), Finish: provider.FinishLength}))
		s.send("Look.")
	},
	"handed over": func(s *corpusScene) {
		s.turns(providertest.Calls(call("escalate", `{"id":"a"}`), call("look", `{"id":"a"}`)))
		s.send("I want a person!")
	},
	"fenced answer": func(s *corpusScene) {
		s.turns(providertest.Say("<think>b, surely</think>\n```json\n{\"id\":\"b\"}\n```"))
		_, res, err := funcall.Generate[Item](s.t.Context(), s.session(), "Which one?")
		s.came(res, err)
	},
	"answer": func(s *corpusScene) {
		s.turns(providertest.Say(`{"id":"z"}`), providertest.Say(`{"id":"b"}`))
		_, res, err := funcall.Generate[Item](s.t.Context(), s.session(), "Which one?")
		s.came(res, err)
	},
}

func call(name, args string) provider.ToolCall { return provider.ToolCall{Name: name, Args: args} }

// A corpusScene is a conversation in the making.
type corpusScene struct {
	t     *testing.T
	store *transcript.Memory
	after int // appends, until it crashes
	model *providertest.Script

	mu    sync.Mutex
	clock time.Time
}

func (s *corpusScene) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(1500 * time.Millisecond)
	return s.clock
}

func (s *corpusScene) passes(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

func (s *corpusScene) turns(turns ...providertest.Turn) {
	s.model = providertest.NewScript(nil, turns...)
}
func (s *corpusScene) crash(after int) { s.after = after }

func (s *corpusScene) session() *funcall.Session {
	var store transcript.Store = s.store
	if s.after > 0 {
		store = &crashingStore{Store: s.store, after: s.after}
	}
	asked := 0 // a, b, and b again
	a, err := funcall.New(s.model, funcall.Config{
		Instructions: "You are brief.", Store: store, TakeoverAfter: time.Nanosecond,
		Prices: provider.Prices{"model-1": {Input: 1_000_000, Output: 2_000_000}},
		Now:    s.now,
		Tools: []funcall.Tool{
			tool("look", echo, funcall.ReadOnly()),
			tool("pay", echo), tool("put", echo, funcall.Idempotent()),
			tool("fail", func(context.Context, Item) (string, error) { return "", errors.New("db-3 is down") }, funcall.ReadOnly()),
			tool("lose", func(context.Context, Item) (string, error) {
				return "", funcall.InDoubt(errors.New("connection reset"))
			}),
			tool("ask", func(context.Context, Item) (string, error) {
				s.passes(time.Hour) // so that the attempt is over when the backend is asked
				return "", funcall.InDoubt(errors.New("connection reset"))
			},
				funcall.Reconcile(func(_ context.Context, _ string, i Item) (string, error) {
					if asked++; i.ID == "b" && asked == 2 {
						return "", funcall.ErrNotApplied
					}
					return "paid", nil
				})),
			tool("gift", echo, always("gifts are dear"), funcall.ApprovalTimeout(48*time.Hour)),
			tool("escalate", echo, funcall.EndsRun(transcript.OutcomeHandedOff)),
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Session("corpus", funcall.Subject("CUST-1"))
}

func (s *corpusScene) load() transcript.Transcript {
	t, err := s.store.Load(s.t.Context(), "corpus")
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

func (s *corpusScene) came(res *funcall.Result, err error) { s.t.Logf("%s %v", res.Outcome, err) }

func (s *corpusScene) send(text string, opts ...funcall.RunOption) {
	s.came(s.session().Send(s.t.Context(), text, opts...))
}
func (s *corpusScene) resume() { s.came(s.session().Resume(s.t.Context())) }

func (s *corpusScene) pending(i int) transcript.PendingCall {
	return transcript.Track(s.load()).Pending()[i]
}

func (s *corpusScene) decide(d transcript.Decision) {
	res, err := s.session().Decide(s.t.Context(), d)
	if err != nil {
		s.t.Fatal(err)
	}
	s.came(res, err)
}

// known is what every later version is to know of a transcript.
type known struct {
	Outcome  transcript.Outcome
	Why      string
	Next     transcript.ActionKind
	Calls    []string `json:",omitempty"`
	Pending  []transcript.PendingCall
	Doubts   []transcript.Ref
	Messages json.RawMessage
	Usage    provider.Usage
}

func knownOf(t *testing.T, tr transcript.Transcript) []byte {
	t.Helper()
	k := transcript.Track(tr)
	sum := k.Summary()
	act := k.Next()
	n := known{Outcome: sum.Outcome, Why: sum.Reason, Next: act.Kind, Pending: sum.Pending, Doubts: sum.InDoubt, Usage: k.Usage()}
	for _, w := range act.Calls {
		n.Calls = append(n.Calls, w.Ref.String()+" "+w.Key+" "+w.Call.Tool+" "+w.Call.Args)
	}
	var err error
	if n.Messages, err = json.Marshal(tr.Messages()); err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(n, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}

func TestR24_NewerEntries(t *testing.T) { sqlstoretest.NewerEntries(t, new(transcript.Memory)) }

func TestR24_Corpus(t *testing.T) {
	if os.Getenv("FUNCALL_WRITE_CORPUS") != "" {
		writeCorpus(t)
	}
	files, err := filepath.Glob(filepath.Join(corpus, "*", "*.jsonl"))
	if err != nil || len(files) < len(corpusScenes) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		stored, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := transcript.Decode(bytes.NewReader(stored))
		if err == nil {
			err = transcript.Validate(tr)
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		want, err := os.ReadFile(strings.TrimSuffix(file, ".jsonl") + ".known.json")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(knownOf(t, tr))); diff != "" {
			t.Errorf("%s is understood in another way (-then +now):\n%s", file, diff)
		}
		// Nothing of it is lost on the way through a newer version.
		var again bytes.Buffer
		if err := transcript.Encode(&again, tr); err != nil {
			t.Fatal(err)
		}
		_, then, _ := bytes.Cut(stored, []byte("\n"))
		_, now, _ := bytes.Cut(again.Bytes(), []byte("\n"))
		if !bytes.Contains(then, []byte(`"needs":`)) { // the first programs of 1.1 did not write it
			now = bytes.ReplaceAll(now, []byte(`"needs":"1.1",`), nil)
		}
		if diff := cmp.Diff(string(then), string(now)); diff != "" {
			t.Errorf("%s (-stored +stored again):\n%s", file, diff)
		}
	}
}

// writeCorpus writes what this version writes, once.
func writeCorpus(t *testing.T) {
	dir := filepath.Join(corpus, transcript.Version)
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatalf("what version %s wrote is there, and is never written again: %v", transcript.Version, err)
	}
	for name, play := range corpusScenes {
		t.Run(name, func(t *testing.T) {
			s := &corpusScene{t: t, store: new(transcript.Memory), clock: time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)}
			play(s)
			tr := s.load()
			var b bytes.Buffer
			if err := transcript.Encode(&b, tr); err != nil {
				t.Fatal(err)
			}
			base := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			if err := errors.Join(os.WriteFile(base+".jsonl", b.Bytes(), 0o600), os.WriteFile(base+".known.json", knownOf(t, tr), 0o600)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Every body, and every field of each, is in the corpus.
func TestR24_CorpusIsComplete(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus, transcript.Version, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	for _, want := range []string{
		`"type":"input"`, `"type":"output"`, `"type":"intent"`, `"type":"result"`, `"type":"decision"`, `"type":"resume"`, `"type":"end"`,
		`"subject":`, `"settings":`, `"answer":`, `"config_digest":`, `"tokens":`, `"active_ns":`, `"words":`,
		`"finish":"length"`, `"usage":`, `"cost":`, `"model":`, `"request_id":`, `"tools_off":true`, `"refused":`,
		`"digest":`, `"class":"effect"`, `"class":"idempotent"`, `"class":"read_only"`, `"fixes":`, `"ask":`, `"ask_until":`, `"within_ns":`, `"ends":`,
		`"attempt":2`, `"void":true`, `"error":`, `"took_ns":`,
		`"status":"ok"`, `"status":"failed"`, `"status":"refused"`, `"status":"denied"`, `"status":"skipped"`, `"status":"in_doubt"`,
		`"verdict":"approve"`, `"verdict":"deny"`, `"verdict":"answer"`, `"verdict":"expire"`, `"by":"anna"`,
		`"outcome":"done"`, `"outcome":"limit"`, `"outcome":"cut"`, `"outcome":"handed_over"`, `"outcome":"failed"`, `"outcome":"canceled"`,
		`"redacted":true`, `"state":`,
		`"type":"attempt"`, `"kind":"unavailable"`, `"duration_ns":`, `"type":"withdrawal"`, `"from":`, `"reason":"filtered"`,
		`"setup":`, `"steering":`, `"instructions":`, `"tools":[]`, `"tool_choice":`, `"every_step":true`, `"stop_after":`, `"budgets":`, `"web_searches":`, `"type":"server_call"`, `"waiting_text":`,
		`"limit":"steps"`, `"fixes":["thoughts"`,
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no transcript holds %s", want)
		}
	}
}
