package storable

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/funcall/funcall/provider"
)

// maxResponse bounds what one response may come to, in bytes, MaxCalls the calls in it,
// and MaxTokens what it counts, whatever the provider's adapter lets through.
const (
	maxResponse = 32 << 20
	MaxCalls    = 256
	MaxTokens   = 1 << 40 // so that sums do not overflow
)

// checkResponse returns an error if the response is one that no provider may return.
func checkResponse(r *provider.Response) *provider.Error {
	bad := func(format string, args ...any) *provider.Error {
		return &provider.Error{Kind: provider.KindMalformed, Message: fmt.Sprintf(format, args...)}
	}
	if r == nil || r.Message == nil {
		return bad("the provider returned neither a response nor an error")
	}
	if r.Message.Role != provider.RoleAssistant {
		return bad("the response has the role %.40q; a model's message has the role %q", r.Message.Role, provider.RoleAssistant)
	}
	calls := 0
	for i, p := range r.Message.Parts {
		switch p.(type) {
		case provider.Text, provider.Reasoning, provider.Media, provider.ServerCall, provider.Native:
		case provider.ToolCall:
			calls++
		default:
			return bad("part %d of the response is a %T, which a model's message cannot hold", i, p)
		}
	}
	text, other, err := Weigh(r.Message.Parts)
	if err = errors.Join(err, CheckState(r.Message.State)); err != nil {
		return bad("the response cannot be stored: %v", err)
	}
	switch size := text + other + len(r.Message.State.Data); {
	case size > maxResponse:
		return bad("the response holds %d bytes; at most %d are taken", size, maxResponse)
	case calls > MaxCalls:
		return bad("the response holds %d tool calls; at most %d are taken", calls, MaxCalls)
	}
	switch r.Finish {
	case provider.FinishStop, provider.FinishToolCalls, provider.FinishLength, provider.FinishFiltered:
	default:
		return bad("the provider returned the unknown finish reason %q", r.Finish)
	}
	if err := CheckUsage(r.Usage); err != nil {
		return bad("%v", err)
	}
	return nil
}

// CheckUsage rejects negative counts and counts whose sums might overflow.
func CheckUsage(u provider.Usage) error {
	for _, n := range []int64{u.Input, u.Output, u.CacheRead, u.CacheWrite, u.Reasoning, u.WebSearches, u.FileSearches, u.CodeExecutions} {
		if n < 0 || n > MaxTokens {
			return fmt.Errorf("usage %+v: a count is negative or too large", u)
		}
	}
	return nil
}

// Response returns the response fit to be stored: r itself if it is, else a copy, as r is the
// provider's. If r is not valid, or says nothing though a text is wanted, the error has what
// r says of its cost. streamed says whether the consumer has seen it.
func Response(r *provider.Response, wantsText, streamed bool) (*provider.Response, error) {
	e := checkResponse(r)
	if e == nil && wantsText && saysNothing(r) {
		e = &provider.Error{Kind: provider.KindMalformed, Message: "empty response: no text and no tool call; Resume asks again"}
	}
	if e == nil {
		return own(r), nil
	}
	if r == nil {
		return nil, e
	}
	if CheckUsage(r.Usage) == nil { // the model was paid for it all the same
		e.Model, e.RequestID, e.Usage, e.Cost = r.Model, r.RequestID, r.Usage, r.Cost
	}
	e.Attempts = r.Attempts
	e.Emitted = streamed && r.Message != nil && len(r.Message.Parts) > 0
	return nil, e
}

// own returns the valid response with texts that can be stored.
func own(r *provider.Response) *provider.Response {
	parts, mended := Parts(r.Message.Parts)
	model, requestID, rawFinish := Name(r.Model), Name(r.RequestID), Name(r.RawFinish)
	if !mended && model == r.Model && requestID == r.RequestID && rawFinish == r.RawFinish {
		return r
	}
	own := *r
	own.Model, own.RequestID, own.RawFinish = model, requestID, rawFinish
	if mended {
		own.Message = &provider.Message{Role: r.Message.Role, Parts: parts, State: r.Message.State}
	}
	return &own
}

// saysNothing reports whether a response is complete and no answer. Models sometimes end
// a turn without writing any, above all behind tool results.
func saysNothing(r *provider.Response) bool {
	return r.Finish.Complete() && !slices.ContainsFunc(r.Message.Parts, func(p provider.Part) bool {
		switch p := p.(type) {
		case provider.Text:
			return strings.TrimSpace(p.Text) != ""
		case provider.Reasoning:
			return false
		}
		return true
	})
}
