//go:build unix

package killtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
	"github.com/funcall/funcall/transcript/sqlstore/sqlite"
)

// envAlternates has a process send the messages that it reads, a line each, and write what the
// model answers.
const envAlternates = "FUNCALL_KILLTEST_ALTERNATES"

// alternate is what such a process does.
func alternate(dir string) error {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "transcripts.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	repeat := func(_ context.Context, req *provider.Request, _ func(provider.Delta)) (*provider.Response, error) {
		text := strconv.Itoa(len(req.Messages)) + " " + req.Messages[len(req.Messages)-1].Text()
		return &provider.Response{Message: provider.Assistant(provider.Text{Text: text}), Finish: provider.FinishStop}, nil
	}
	agent, err := funcall.New(provider.Func(repeat), funcall.Config{Store: store})
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		res, err := agent.Session(session).Send(ctx, lines.Text())
		if err != nil {
			return err
		}
		fmt.Println(res.Text())
	}
	return lines.Err()
}

// Two processes take turns in one session: none of them is refused, though what each keeps of
// the session is stale whenever it is its turn.
func TestR05_TwoProcessesAlternate(t *testing.T) {
	t.Parallel()
	dir := scene(t)
	messages := 1000
	if testing.Short() {
		messages = 50
	}
	var answers []*bufio.Scanner
	var inputs []io.WriteCloser
	var processes []*exec.Cmd
	for range 2 {
		cmd := command(t, dir, envAlternates+"=1")
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		inputs, answers, processes = append(inputs, in), append(answers, bufio.NewScanner(out)), append(processes, cmd)
	}
	var want []string
	for i := range messages {
		text := fmt.Sprint("message ", i)
		want = append(want, text)
		if _, err := fmt.Fprintln(inputs[i%2], text); err != nil {
			t.Fatal(err)
		}
		if !answers[i%2].Scan() || answers[i%2].Text() != fmt.Sprint(2*i+1, " ", text) {
			t.Fatalf("%s was answered with %q, %v", text, answers[i%2].Text(), answers[i%2].Err())
		}
	}
	for i, cmd := range processes {
		inputs[i].Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "transcripts.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tr, err := store.Load(t.Context(), session)
	if err != nil {
		t.Fatal(err)
	}
	if err := transcript.Validate(tr); err != nil {
		t.Error(err)
	}
	var got []string
	for _, e := range tr.Entries {
		if in, ok := e.Body.(*transcript.Input); ok {
			got = append(got, in.Message.Text())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the messages (-sent +stored):\n%s", diff)
	}
}
