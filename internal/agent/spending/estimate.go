// Package spending estimates what model calls spend, and enters it in the accounts of a run.
package spending

import (
	"cmp"
	"slices"

	"github.com/funcall/funcall/internal/agent/attempts"
	"github.com/funcall/funcall/internal/agent/costs"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// What an estimate counts if nothing else is known. The documentation of funcall.Budget states
// these numbers.
const (
	bytesOfToken  = 3
	tokensOfMedia = 2000
	maxOutput     = 4096
)

// Known is what is known of the requests before. The zero value knows nothing.
type Known struct {
	// Usage is that of the conversation's last response. It counts the first Messages of the
	// messages.
	Usage    *provider.Usage
	Messages int
	// Head has what stood ahead of the messages then. Nil means what stands there now.
	Head *provider.Request
}

// Estimate returns what a model call may spend. It measures what no usage has counted: the
// messages that are new, and what the rest has grown by.
func Estimate(book costs.Book, req *provider.Request, known Known) transcript.Spend {
	var input int64
	messages := req.Messages
	if known.Usage != nil {
		input = min(known.Usage.Total(), storable.MaxTokens) + tokens(growth(req, known.Head))
		messages = messages[min(known.Messages, len(messages)):]
	} else {
		input = tokens(fixed(req, sent(req)))
	}
	for _, m := range messages {
		text, media := measure(m.Parts)
		input += tokens(text) + int64(media)*tokensOfMedia
	}
	output := min(int64(cmp.Or(max(req.MaxOutputTokens, 0), maxOutput)), storable.MaxTokens)
	return transcript.Spend{Tokens: input + output, Cost: book.AtMost(provider.Usage{Input: input, Output: output})}
}

func tokens(bytes int) int64 { return (int64(bytes) + bytesOfToken - 1) / bytesOfToken }

// sent returns the tools that are sent at most: an API that can restrict a list is sent all.
func sent(req *provider.Request) []*provider.Tool {
	if req.AllTools != nil {
		return req.AllTools
	}
	return req.Tools
}

// fixed returns the size of what stands ahead of the messages, with those tools.
func fixed(req *provider.Request, tools []*provider.Tool) int {
	n := len(req.System)
	for _, t := range tools {
		n += len(t.Name) + len(t.Description) + len(t.Schema)
	}
	if o := req.OutputSchema; o != nil {
		n += len(o.Name) + len(o.Description) + len(o.Schema)
	}
	return n
}

// growth returns how many more bytes stand ahead of the messages than in the earlier request. If
// other tools may be called now, only those that could be called then were sent for certain.
func growth(req, earlier *provider.Request) int {
	if earlier == nil {
		return 0
	}
	had := earlier.Tools
	if slices.Equal(had, req.Tools) {
		had = sent(req)
	}
	return max(0, fixed(req, sent(req))-fixed(earlier, had))
}

// measure returns the bytes of text in parts, and the number of media.
func measure(parts []provider.Part) (text, media int) {
	for _, p := range parts {
		switch p := p.(type) {
		case provider.Text:
			text += len(p.Text)
		case provider.Reasoning:
			text += len(p.Text)
		case provider.ToolCall:
			text += len(p.Name) + len(p.Args)
		case provider.ToolResult:
			inner, more := measure(p.Parts)
			text, media = text+inner, media+more
		case provider.ServerCall:
			text += len(p.Input) + len(p.Output) + len(p.State.Data)
		case provider.Native:
			text += len(p.State.Data)
		case provider.Media:
			media++
		}
	}
	return text, media
}

// Spent returns what a call of Generate spent, with the attempts of wrappers. For each attempt,
// the estimate stands for the tokens or the cost that are unknown. A failed attempt that cost
// nothing had no tokens; a response that cost nothing had those of a model that is free.
func Spent(book costs.Book, estimate transcript.Spend, resp *provider.Response, err error) (sum transcript.Spend) {
	var made []provider.Attempt
	if err != nil {
		made = provider.AttemptsOf(err, 0, provider.ThenGiveUp)
	} else {
		made = append(resp.Attempts[:len(resp.Attempts):len(resp.Attempts)], provider.Attempt{Model: resp.Model, Usage: resp.Usage, Cost: resp.Cost})
	}
	kept := attempts.Storable(book, made)
	for i, m := range kept {
		spent := estimate
		failed := err != nil || i < len(kept)-1
		if free := failed && m.Cost != nil && *m.Cost == 0; free || m.Usage.WithoutTools() != (provider.Usage{}) {
			spent.Tokens = m.Usage.Total()
		}
		if m.Cost != nil {
			spent.Cost = *m.Cost
		}
		sum = sum.Plus(spent)
	}
	return sum
}
