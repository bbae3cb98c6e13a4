package sessions

import (
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// What values take in memory beside their texts, in bytes: rounded up from what a heap profile
// shows. An entry has its body, and its part of the tracker's lists.
const (
	sizeOfTracker = 2048
	sizeOfEntry   = 512
	sizeOfPart    = 256
	sizeOfCall    = 512
)

// copies is how often the text of a message is in memory: as it was made, and as an adapter
// encodes it (provider.Message.Encoded).
const copies = 2

// measure brings the size up to date. It costs the entries that are new.
func (st *State) measure() {
	entries := st.Tracker.Transcript().Entries
	if st.sized == 0 {
		st.size = sizeOfTracker
	}
	for _, e := range entries[st.sized:] {
		n := sizeOfBody(e.Body)
		st.size += sizeOfEntry + n + n/8 // the allocator rounds sizes up
	}
	st.sized = len(entries)
}

// sizeOfBody returns the size of what the body refers to.
func sizeOfBody(b transcript.Body) int {
	switch b := b.(type) {
	case *transcript.Input:
		return sizeOfInput(b)
	case *transcript.Output:
		return sizeOfOutput(b)
	case *transcript.Attempt:
		return texts(string(b.Kind), b.Error, b.Provider, b.Model, b.RequestID, string(b.Then))
	case *transcript.Result:
		return texts(string(b.Status), b.ErrorText) + sizeOfParts(b.Content)
	case *transcript.Decision:
		return texts(b.Digest, string(b.Verdict), b.Args, b.Text, b.By)
	case *transcript.Resume:
		return len(b.By)
	case *transcript.End:
		return texts(string(b.Outcome), b.Reason) + copies*len(b.ClosingText)
	case *transcript.Withdrawal:
		return len(b.Reason)
	case *transcript.Unknown:
		return texts(b.Type, b.Needs) + len(b.Raw)
	}
	return 0
}

func sizeOfInput(in *transcript.Input) int {
	n := sizeOfMessage(in.Message) + texts(in.Subject, in.Limits.ClosingText, in.ConfigDigest)
	if s := in.Setup; s != nil {
		n += len(s.Instructions) + texts(s.Tools...)
	}
	if s := in.Steering; s != nil {
		n += texts(s.Instructions, string(s.ToolChoice.Mode), s.ToolChoice.Name, s.WaitingText) + texts(s.Tools...) + texts(s.StopAfter...)
		for _, b := range s.Budgets {
			n += len(b.Key)
		}
	}
	if o := in.OutputSchema; o != nil {
		n += texts(o.Name, o.Description) + len(o.Schema)
	}
	if s := in.Settings; s != nil {
		n += texts(s.Stop...) + len(s.ReasoningEffort) + len(s.Extra)
	}
	return n
}

func sizeOfOutput(out *transcript.Output) int {
	n := sizeOfMessage(out.Message) + texts(string(out.Finish), out.Model, out.RequestID, out.Limit, out.StructuredText) +
		copies*len(out.Refusal) + texts(out.Coercions...) + texts(out.Fallbacks...)
	for i := range out.Calls {
		c := &out.Calls[i]
		n += sizeOfCall + texts(c.ID, c.Tool, c.Digest, string(c.Class), c.Refusal, c.ApprovalReason, string(c.EndsWith)) +
			copies*len(c.Args) + texts(c.Coercions...) // the tracker keeps Args in canonical form, too
	}
	return n
}

func sizeOfMessage(m *provider.Message) int {
	return len(m.Role) + sizeOfState(m.State) + sizeOfParts(m.Parts)
}

// sizeOfParts returns the size of parts and of their encoding.
func sizeOfParts(parts []provider.Part) int {
	n := 0
	for _, p := range parts {
		n += sizeOfPart + copies*contentOf(p)
	}
	return n
}

func contentOf(p provider.Part) int {
	switch p := p.(type) {
	case provider.Text:
		return len(p.Text) + sizeOfState(p.State)
	case provider.Reasoning:
		return len(p.Text) + sizeOfState(p.State)
	case provider.Media:
		return texts(p.MIME, p.URL) + len(p.Data) + sizeOfState(p.State)
	case provider.ToolCall:
		return texts(p.ID, p.Name, p.Args, p.RawID) + sizeOfState(p.State)
	case provider.ToolResult:
		return texts(p.CallID, p.Name) + sizeOfParts(p.Parts)
	case provider.ServerCall:
		return texts(p.ID, p.Name, p.Input, p.Output) + sizeOfState(p.State)
	case provider.Native:
		return sizeOfState(p.State)
	}
	return 0
}

func sizeOfState(s provider.State) int { return len(s.Owner) + len(s.Data) }

// texts returns the length of the texts.
func texts(list ...string) int {
	n := 0
	for _, s := range list {
		n += len(s)
	}
	return n
}
