package transcript

import "slices"

// InDoubt returns the in-doubt calls of the conversation in the order in which they became in
// doubt. When a call of the same tool with the same arguments succeeds, which reuses the key,
// the earlier call is no longer in doubt.
func (k *Tracker) InDoubt() []Ref {
	var refs []Ref
	for _, d := range k.doubts {
		refs = append(refs, d.ref)
	}
	return refs
}

// doubtOf returns the in-doubt call of the same tool with the same arguments, or nil.
func (k *Tracker) doubtOf(s *slot) *slot {
	if len(k.doubts) == 0 || s.call.Class == ClassReadOnly {
		return nil
	}
	args := s.canonicalArgs()
	i := slices.IndexFunc(k.doubts, func(d *slot) bool { return d.call.Tool == s.call.Tool && d.canonicalArgs() == args })
	if i < 0 {
		return nil
	}
	return k.doubts[i]
}

// updateDoubts updates the list of in-doubt calls after the result of s.
func (k *Tracker) updateDoubts(s *slot) {
	if s.call.Class == ClassReadOnly || s.result.Status != StatusInDoubt && s.result.Status != StatusOK {
		return
	}
	known := k.doubtOf(s)
	switch {
	case s.result.Status == StatusInDoubt && known == nil:
		s.key = k.key(s)
		k.doubts = append(k.doubts, s)
	case s.result.Status == StatusOK && known != nil:
		// Another call that needs approval because of this doubt still needs it: the success
		// of s says nothing about that call.
		for o := range k.calls {
			if o.result == nil && o.begun == 0 && o.call.Class != ClassIdempotent && k.doubtOf(o) == known {
				o.asked = k.approvalReason(o)
			}
		}
		k.doubts = slices.DeleteFunc(k.doubts, func(d *slot) bool { return d == known })
	}
}

// key returns the idempotency key of a call: its own, or that of the in-doubt call that it
// repeats.
func (k *Tracker) key(s *slot) string {
	if s.key != "" { // attempts keep the key of the first
		return s.key
	}
	if d := k.doubtOf(s); d != nil {
		return d.key
	}
	return Key(k.t.ID, s.ref)
}

// decide stores a decision, which may edit the arguments.
func (s *slot) decide(d *Decision) { s.decision, s.canonical = d, "" }

// args returns the arguments that the tool gets.
func (s *slot) args() string {
	if s.decision != nil && s.decision.Args != "" {
		return s.decision.Args
	}
	return s.call.Args
}

// canonicalArgs returns the canonical form of args. It is cached, since it is compared after
// each entry.
func (s *slot) canonicalArgs() string {
	if s.canonical == "" {
		s.canonical = canonical(s.args())
	}
	return s.canonical
}
