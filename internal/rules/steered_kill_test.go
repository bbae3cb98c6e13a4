//go:build !race

// What these tests kill are processes, which the race detector makes ten times slower and sees
// nothing of.

package rules_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// The environment variables of the process that is killed.
const (
	envSteeredAPI    = "FUNCALL_STEERED_API"     // its index
	envSteeredServer = "FUNCALL_STEERED_SERVER"  // its address
	envSteeredStore  = "FUNCALL_STEERED_STORE"   // the database
	envSteeredCalls  = "FUNCALL_STEERED_CALLS"   // how many model calls each run makes before the kill
	envSteeredStream = "FUNCALL_STEERED_STREAMS" // whether they are streamed
)

// killedRuns are the runs that are killed: those of steeredRuns, and some for which the agent
// that resumes them lacks what they need.
func killedRuns() []steeredRun {
	return append(steeredRuns(),
		steeredRun{tools: []string{"fetch"}},
		steeredRun{tools: []string{"fetch"}, choice: transcript.ToolChoice{Mode: provider.ToolsRequired, EveryStep: true}},
		steeredRun{choice: transcript.ToolChoice{Mode: provider.ToolsNamed, Name: "fetch", EveryStep: true}},
		steeredRun{tools: []string{"fetch", "look"}, choice: transcript.ToolChoice{Mode: provider.ToolsNamed, Name: "fetch"}},
	)
}

// resumingTools are the tools of the agent that resumes the runs: in another order, one more,
// and without "fetch".
var resumingTools = []string{"close", "added", "orders/list.all", "look"}

// A halting provider makes some model calls of each run, and then halts it.
type halting struct {
	provider.Provider
	calls  int
	halted chan bool
}

func (h halting) Generate(ctx context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	made := 0
	for _, m := range req.Messages {
		if m.Role == provider.RoleAssistant {
			made++
		}
	}
	if made == h.calls {
		h.halted <- true
		select {}
	}
	return h.Provider.Generate(ctx, req, emit)
}

// TestSteeredWorker is the process that TestSteeredRunsAreKilled starts. It kills itself once
// every run has come to the place of the kill.
func TestSteeredWorker(t *testing.T) {
	if os.Getenv(envSteeredStore) == "" {
		t.Skip("only for the processes of TestSteeredRunsAreKilled")
	}
	index, _ := strconv.Atoi(os.Getenv(envSteeredAPI))
	calls, _ := strconv.Atoi(os.Getenv(envSteeredCalls))
	store, err := sqlite.Open(t.Context(), os.Getenv(envSteeredStore))
	if err != nil {
		t.Fatal(err)
	}
	model := halting{steeredAPIs[index].dial(os.Getenv(envSteeredServer)), calls, make(chan bool)}
	agent, err := funcall.New(model, funcall.Config{Instructions: steeredInstructions, Tools: steeredToolsOf(steeredTools), Store: store})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	for i, run := range killedRuns() {
		session, own := run.options()
		go func() {
			chat := agent.Session(fmt.Sprint("s", i), session...)
			var err error
			if os.Getenv(envSteeredStream) == "true" {
				for _, failed := range chat.Stream(t.Context(), "Hi", own...) {
					err = failed
				}
			} else {
				_, err = chat.Send(t.Context(), "Hi", own...)
			}
			ended <- err
		}()
		select {
		case <-model.halted:
		case err := <-ended:
			t.Fatalf("%v ended before the kill: %v", run, err)
		}
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	t.Fatal(err, <-ended)
}

// TestSteeredRunsAreKilled kills the process of runs, before their first model call and
// between the first and the second. An agent with other instructions, tools and options
// resumes them. Its requests have the instructions and the choice that the runs began with,
// and those of their tools that it has.
func TestSteeredRunsAreKilled(t *testing.T) {
	runs := killedRuns()
	for index, api := range steeredAPIs {
		if !slices.Contains([]string{"chat", "responses", "anthropic that thinks", "gemini"}, api.name) {
			continue // the others differ only in what is sent to them
		}
		for _, stream := range []bool{false, true} {
			for before := range 2 { // model calls before the kill
				t.Run(fmt.Sprintf("%s/streamed=%v/%d calls before", api.name, stream, before), func(t *testing.T) {
					t.Parallel()
					var killed, resumed []providertest.Turn
					for _, run := range runs {
						turns := make([]providertest.Turn, 2)
						turns[0], turns[1] = run.turns(api)
						killed, resumed = append(killed, turns[:before]...), append(resumed, turns[before:]...)
					}
					server := api.serve(append(killed, resumed...)...)
					address, path := server.Start(t), filepath.Join(t.TempDir(), "transcripts.db")
					worker := exec.Command(os.Args[0], "-test.run=^TestSteeredWorker$")
					worker.Env = append(os.Environ(), envSteeredAPI+"="+strconv.Itoa(index), envSteeredServer+"="+address, envSteeredStore+"="+path,
						envSteeredCalls+"="+strconv.Itoa(before), envSteeredStream+"="+strconv.FormatBool(stream))
					if out, err := worker.CombinedOutput(); err == nil || worker.ProcessState.Exited() {
						t.Fatalf("the worker was not killed: %v\n%s", err, out)
					}
					if n := len(server.Requests()); n != before*len(runs) {
						t.Fatalf("%d requests before the kill, want %d", n, before*len(runs))
					}

					store, err := sqlite.Open(t.Context(), path)
					if err != nil {
						t.Fatal(err)
					}
					defer store.Close()
					other := []funcall.RunOption{funcall.WithInstructions("Be rude."), funcall.WithTools("added"), funcall.WithToolChoiceEveryStep(provider.ToolsRequired)}
					agent := newAgent(t, api.dial(address), funcall.Config{Instructions: "Be quick.", Tools: steeredToolsOf(resumingTools), RunOptions: other, Store: store, TakeoverAfter: 1})
					for i, run := range runs {
						seen := len(server.Requests())
						chat := agent.Session(fmt.Sprint("s", i), other...)
						finish(t, stream, func() (*funcall.Result, error) { return chat.Resume(t.Context()) }, chat.StreamResume(t.Context()))
						requests := server.Requests()[seen:]
						if len(requests) != 2-before {
							t.Fatalf("%v: %d requests", run, len(requests))
						}
						for j, body := range requests {
							if diff := cmp.Diff(run.request(api, steeredTools, resumingTools, before+j), api.read(t, body)); diff != "" {
								t.Errorf("%v, model call %d (-want +got):\n%s\n%s", run, before+j, diff, body)
							}
						}
					}
				})
			}
		}
	}
}
