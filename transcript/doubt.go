package transcript

import "slices"

// A doubt is a call that was begun, and of which nobody knows whether it was
// done. It holds until the same is known to be done.
type doubt struct {
	ref             Ref
	tool, args, key string
}

// Doubts returns the calls of the conversation that may or may not have been
// done, in their order. A call is none any more once another of the same tool
// with the same arguments, which had its key, is answered.
func (k *Tracker) InDoubt() []Ref {
	var refs []Ref
	for _, d := range k.doubts {
		refs = append(refs, d.ref)
	}
	return refs
}

// doubtOf is the doubt about an earlier call that was to do the same, or nil.
func (k *Tracker) doubtOf(s *slot) *doubt {
	if len(k.doubts) == 0 || s.call.Class == ClassReadOnly {
		return nil
	}
	args := s.canonicalArgs()
	i := slices.IndexFunc(k.doubts, func(d doubt) bool { return d.tool == s.call.Tool && d.args == args })
	if i < 0 {
		return nil
	}
	return &k.doubts[i]
}

// doubted keeps the list of doubts, as the call at ref is answered.
func (k *Tracker) doubted(ref Ref, s *slot) {
	if s.call.Class == ClassReadOnly || s.result.Status != StatusInDoubt && s.result.Status != StatusOK {
		return
	}
	known := k.doubtOf(s)
	switch {
	case s.result.Status == StatusInDoubt && known == nil:
		k.doubts = append(k.doubts, doubt{ref, s.call.Tool, s.canonicalArgs(), k.key(ref, s)})
	case s.result.Status == StatusOK && known != nil:
		over := *known
		// Who was asked about another call stays asked: that this one was done is no
		// word on that one.
		for i := range k.slots {
			if o := &k.slots[i]; o.result == nil && o.begun == 0 && o.call.Class != ClassIdempotent && k.doubtOf(o) == known {
				o.asked = k.asks(o)
			}
		}
		k.doubts = slices.DeleteFunc(k.doubts, func(d doubt) bool { return d == over })
	}
}

// key is the idempotency key of a call: its own, or that of an earlier one which
// may have done the same.
func (k *Tracker) key(ref Ref, s *slot) string {
	if s.key != "" { // it was begun with that
		return s.key
	}
	if d := k.doubtOf(s); d != nil {
		return d.key
	}
	return Key(k.t.ID, ref)
}

// args are the arguments that the tool is given.
func (s *slot) args() string {
	if s.decision != nil && s.decision.Args != "" {
		return s.decision.Args
	}
	return s.call.Args
}

// canonicalArgs returns the canonical form of args. It is kept, as every look at
// the call compares it.
func (s *slot) canonicalArgs() string {
	if args := s.args(); s.compared != args {
		s.compared, s.canonical = args, canonical(args)
	}
	return s.canonical
}
