package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// loop is the hand-written agent. It trusts the model: no schema, no limits,
// no deadlines, no transcript.
type loop struct {
	client *http.Client
	url    string
	system string
	tools  []loopTool
	stream func(text string) // nil: whole responses
}

type loopTool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	} `json:"function"`
	run func(ctx context.Context, args string) (string, error)
}

type loopMessage struct {
	Role       string     `json:"role"`
	Content    string     `json:"content"`
	ToolCalls  []loopCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`
}

type loopCall struct {
	Index    int    `json:"index"`
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

type loopRequest struct {
	Model    string        `json:"model"`
	Messages []loopMessage `json:"messages"`
	Tools    []loopTool    `json:"tools,omitempty"`
	Stream   bool          `json:"stream,omitempty"`
}

type loopResponse struct {
	Choices []struct {
		Message loopMessage `json:"message"`
		Delta   loopMessage `json:"delta"`
	} `json:"choices"`
}

// run asks until the model answers without calling a tool.
func (l *loop) run(ctx context.Context, history []loopMessage) (string, []loopMessage, error) {
	messages := append([]loopMessage{{Role: "system", Content: l.system}}, history...)
	for {
		answer, err := l.ask(ctx, messages)
		if err != nil {
			return "", nil, err
		}
		messages = append(messages, answer)
		if len(answer.ToolCalls) == 0 {
			return answer.Content, messages[1:], nil
		}
		results := make([]loopMessage, len(answer.ToolCalls))
		do := func(i int) {
			c := answer.ToolCalls[i]
			text, err := l.call(ctx, c)
			if err != nil {
				text = "error: " + err.Error()
			}
			results[i] = loopMessage{Role: "tool", ToolCallID: c.ID, Content: text}
		}
		if len(results) == 1 { // needs no goroutine
			do(0)
		} else {
			var wg sync.WaitGroup
			for i := range results {
				wg.Go(func() { do(i) })
			}
			wg.Wait()
		}
		messages = append(messages, results...)
	}
}

func (l *loop) call(ctx context.Context, c loopCall) (string, error) {
	for _, t := range l.tools {
		if t.Function.Name == c.Function.Name {
			return t.run(ctx, c.Function.Arguments)
		}
	}
	return "", fmt.Errorf("no tool %q", c.Function.Name)
}

func (l *loop) ask(ctx context.Context, messages []loopMessage) (loopMessage, error) {
	body, err := json.Marshal(loopRequest{Model: "m", Messages: messages, Tools: l.tools, Stream: l.stream != nil})
	if err != nil {
		return loopMessage{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return loopMessage{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := l.client.Do(req)
	if err != nil {
		return loopMessage{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return loopMessage{}, fmt.Errorf("status %s", resp.Status)
	}
	if l.stream != nil {
		return l.read(resp)
	}
	var r loopResponse
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		return loopMessage{}, err
	}
	return r.Choices[0].Message, nil
}

// read puts a streamed answer together.
func (l *loop) read(resp *http.Response) (loopMessage, error) {
	m := loopMessage{Role: "assistant"}
	var text strings.Builder
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !ok {
			continue
		}
		if string(data) == "[DONE]" {
			break
		}
		var r loopResponse
		if err := json.Unmarshal(data, &r); err != nil {
			return m, err
		}
		if len(r.Choices) == 0 {
			continue
		}
		d := r.Choices[0].Delta
		if d.Content != "" {
			text.WriteString(d.Content)
			l.stream(d.Content)
		}
		for _, c := range d.ToolCalls {
			for c.Index >= len(m.ToolCalls) {
				m.ToolCalls = append(m.ToolCalls, loopCall{})
			}
			at := &m.ToolCalls[c.Index]
			if c.ID != "" {
				at.ID, at.Type, at.Index, at.Function.Name = c.ID, "function", c.Index, c.Function.Name
			}
			at.Function.Arguments += c.Function.Arguments
		}
	}
	m.Content = text.String()
	return m, lines.Err()
}
