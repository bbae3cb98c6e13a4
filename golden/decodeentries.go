package golden

import (
	"encoding/json"
	"strings"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

func (d *decoder) user(n *node) *transcript.Input {
	in := &transcript.Input{
		Message: &provider.Message{Role: provider.RoleUser},
		Subject: d.input.Subject, Limits: d.input.Limits,
	}
	if _, ok := d.entry(n, 0, 0); !ok {
		return in
	}
	for _, kid := range n.kids {
		switch kid.key {
		case "subject":
			in.Subject = d.value(kid)
		case "limits":
			words := in.Limits.Words
			in.Limits = transcript.Limits{Words: words}
			d.limits(kid, &in.Limits)
		case "words":
			in.Limits.Words = d.value(kid)
		case "settings":
			in.Settings = new(provider.Settings)
			if err := json.Unmarshal([]byte(d.value(kid)), in.Settings); err != nil {
				d.fail(kid, "the settings cannot be read: %v", err)
			}
		case "answer":
			in.Answer = d.answer(kid)
		default:
			d.content(kid, n, in.Message)
		}
	}
	d.input = in
	return in
}

func (d *decoder) answer(n *node) *provider.OutputSchema {
	a := new(provider.OutputSchema)
	if d.shape(n, false, 1, 1) {
		var schema string
		a.Name = n.args[0]
		d.texts(n, map[string]*string{"description": &a.Description, "schema": &schema})
		a.Schema = json.RawMessage(schema)
	}
	return a
}

// counts reads "name value, name value", and has set take each.
func (d *decoder) counts(n *node, set func(name, value string) bool) {
	for word := range strings.SplitSeq(d.value(n), ", ") {
		name, value, _ := strings.Cut(word, " ")
		if !set(name, value) {
			d.fail(n, "there are no %q in %q", name, n.key)
		}
	}
}

func (d *decoder) limits(n *node, l *transcript.Limits) {
	d.counts(n, func(name, value string) bool {
		switch name {
		case "steps":
			l.Steps = int(d.atoi(n, value))
		case "calls":
			l.Calls = int(d.atoi(n, value))
		case "refusals":
			l.Refusals = int(d.atoi(n, value))
		case "tokens":
			l.Tokens = d.atoi(n, value)
		case "cost":
			l.Cost = d.money(n, value)
		case "active":
			l.Active = d.duration(n, value)
		default:
			return false
		}
		return true
	})
}

func (d *decoder) usage(n *node, u *provider.Usage) {
	of := map[string]*int64{
		"input": &u.Input, "cache_read": &u.CacheRead, "cache_write": &u.CacheWrite, "output": &u.Output, "reasoning": &u.Reasoning,
	}
	d.counts(n, func(name, value string) bool {
		if of[name] != nil {
			*of[name] = d.atoi(n, value)
		}
		return of[name] != nil
	})
}

// used reads what a failed call used.
func (d *decoder) used(kid, n *node, model *string, u *provider.Usage, cost **provider.Money) {
	switch kid.key {
	case "model":
		*model = d.value(kid)
	case "usage":
		d.usage(kid, u)
	case "cost":
		*cost = new(d.money(kid, d.value(kid)))
	default:
		d.unknown(kid, n)
	}
}

// other reads the entries that are about a call, or about nothing.
func (d *decoder) other(n *node) transcript.Body {
	switch n.key {
	case "attempt":
		return d.attempt(n)
	case "withdrawal":
		b := new(transcript.Withdrawal)
		if args, ok := d.entry(n, 2, 2); ok {
			b.From = int(d.atoi(n, args[1]))
			var reason string
			d.texts(n, map[string]*string{"reason": &reason})
			b.Reason = provider.ErrorKind(reason)
			if args[0] != "from" {
				d.fail(n, "a withdrawal reads %q", "withdrawal from 3 <time>")
			}
		}
		return b
	case "intent":
		b := new(transcript.Intent)
		if args, ok := d.entry(n, 3, 4); ok {
			b.Ref, _ = d.ref(n, args[0])
			b.Attempt = int(d.atoi(n, args[2]))
			b.Void = len(args) > 3
			if args[1] != "attempt" || b.Void && args[3] != "void" {
				d.fail(n, "an intent reads %q or %q", "intent c1 attempt 1 <time>", "intent c1 attempt 1 void <time>")
			}
		}
		for _, kid := range n.kids {
			d.unknown(kid, n)
		}
		return b
	case "result":
		return d.result(n)
	case "decision":
		b := new(transcript.Decision)
		if args, ok := d.entry(n, 2, 2); ok {
			b.Ref, _ = d.ref(n, args[0])
			b.Verdict = transcript.Verdict(args[1])
			d.texts(n, map[string]*string{"args": &b.Args, "text": &b.Text, "by": &b.By})
		}
		return b
	case "resume":
		b := new(transcript.Resume)
		if _, ok := d.entry(n, 0, 0); ok {
			d.texts(n, map[string]*string{"by": &b.By})
		}
		return b
	case "end":
		b := new(transcript.End)
		if args, ok := d.entry(n, 1, 1); ok {
			b.Outcome = transcript.Outcome(args[0])
			d.texts(n, map[string]*string{"why": &b.Why, "words": &b.Words})
		}
		return b
	}
	b := &transcript.Unknown{Raw: json.RawMessage(d.value(n))}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(b.Raw, &head); err != nil || head.Type == "" {
		d.fail(n, "an entry of an unknown kind is a JSON object with a %q", "type")
	}
	b.Type = head.Type
	return b
}

func (d *decoder) texts(n *node, of map[string]*string) {
	for _, kid := range n.kids {
		if of[kid.key] == nil {
			d.unknown(kid, n)
			continue
		}
		*of[kid.key] = d.value(kid)
	}
}

func (d *decoder) attempt(n *node) *transcript.Attempt {
	b := new(transcript.Attempt)
	args, ok := d.entry(n, 2, 2)
	if !ok {
		return b
	}
	b.Kind = provider.ErrorKind(args[0])
	d.took(n, args[1])
	for _, kid := range n.kids {
		switch kid.key {
		case "error":
			b.Error = d.value(kid)
		case "provider":
			b.Provider = d.value(kid)
		default:
			d.used(kid, n, &b.Model, &b.Usage, &b.Cost)
		}
	}
	return b
}

// took checks the mask of a duration.
func (d *decoder) took(n *node, arg string) {
	if arg != maskTook {
		d.fail(n, "the line must end with %s %s, which stand for the duration and the time", maskTook, maskTime)
	}
}

func (d *decoder) result(n *node) *transcript.Result {
	b := new(transcript.Result)
	args, ok := d.entry(n, 4, 4)
	if !ok {
		return b
	}
	c := transcript.Call{}
	b.Ref, c = d.ref(n, args[0])
	b.Status = transcript.Status(args[2])
	if args[1] != c.Tool {
		d.fail(n, "the result is one of %q, and call %s is one of %q", args[1], args[0], c.Tool)
	}
	d.took(n, args[3])
	told := false
	for _, kid := range n.kids {
		switch kid.key {
		case "error":
			b.Err = d.value(kid)
		case "content":
			d.only(kid, "none")
			told = true
		default:
			if p := d.part(kid, n); p != nil {
				b.Content = append(b.Content, p)
			}
		}
	}
	if !told && b.Content == nil && b.Status == transcript.StatusRefused && c.Refused != "" {
		b.Content = []provider.Part{provider.Text{Text: c.Refused}}
	}
	return b
}

// ref finds a call by its id, or by its place (as in "@3.0").
func (d *decoder) ref(n *node, id string) (transcript.Ref, transcript.Call) {
	var ref transcript.Ref
	if place, ok := strings.CutPrefix(id, "@"); ok {
		if err := ref.UnmarshalText([]byte(place)); err != nil {
			d.fail(n, "%v", err)
		}
	} else if ref, ok = d.ids[id]; !ok {
		d.fail(n, "no call has the id %q", id)
	}
	return ref, d.calls[ref]
}
