package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// roleVariable is the environment variable that makes a process of this program the server
// (roleServer) or a worker (a job in JSON).
const (
	roleVariable = "FUNCALL_BENCH_ROLE"
	roleServer   = "server"
)

// A process runs this program once more, in a role. It ends at the end of its input, so it
// does not outlive this process.
type process struct {
	role string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

func startProcess(ctx context.Context, role string) (*process, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("the process of role %s cannot be started: %w", role, err)
	}
	return &process{role: role, cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

// line reads a line that the process prints.
func (p *process) line() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the process of role %s printed no result, see its error above: %w", p.role, err)
	}
	return strings.TrimSpace(line), nil
}

// stop ends the process.
func (p *process) stop() error {
	return errors.Join(p.in.Close(), p.cmd.Wait())
}

// startServer starts the server and returns its address. That of a row has the row's name as
// its path.
func startServer(ctx context.Context) (p *process, url string, err error) {
	if p, err = startProcess(ctx, roleServer); err != nil {
		return nil, "", err
	}
	if url, err = p.line(); err != nil {
		return nil, "", errors.Join(err, p.stop())
	}
	return p, url, nil
}

func startWorker(ctx context.Context, j job) (*process, error) {
	text, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	return startProcess(ctx, string(text))
}

// measure has a worker do n operations.
func (p *process) measure(n int) (f figures, err error) {
	if _, err := fmt.Fprintln(p.in, n); err != nil {
		return f, fmt.Errorf("the process of role %s has ended, see its error above: %w", p.role, err)
	}
	line, err := p.line()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal([]byte(line), &f)
}
