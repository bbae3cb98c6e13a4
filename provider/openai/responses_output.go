package openai

import "slices"

// output reads the items of a whole response. Items that had events are known; servers may
// give them other indexes or IDs here.
func (a *items) output() {
	seen := make(map[*item]bool, len(a.list))
	next := 0 // the place of a new item
	for i := range a.scan.Array() {
		raw := a.scan.Raw()
		if a.err != nil || a.scan.Err() != nil {
			return
		}
		e := &event{item: raw, index: int64(i), hasIndex: true}
		if a.identify(e); len(e.itemKind) == 0 {
			continue
		}
		it := a.listed(e, seen)
		if it == nil {
			if it = a.begin(e, e.newItem()); it == nil {
				return
			}
			a.move(it, next)
		}
		seen[it] = true
		next = slices.Index(a.list, it) + 1
		if !it.done {
			a.done(it, raw)
		}
	}
}

// listed returns the known item for one in the output, or nil: by ID, or else by index, or
// else with the same text or without an index. Each item is listed once.
func (a *items) listed(e *event, seen map[*item]bool) *item {
	find := func(same func(*item) bool) *item {
		i := slices.IndexFunc(a.list, func(it *item) bool { return it.kind == string(e.itemKind) && !seen[it] && same(it) })
		if i < 0 {
			return nil
		}
		return a.list[i]
	}
	if len(seen) == len(a.list) {
		return nil
	}
	sameID := func(it *item) bool {
		return it.callID != "" && it.callID == string(e.callID) || it.id != "" && it.id == string(e.id)
	}
	if it := find(sameID); it != nil {
		return it
	}
	sameIndex := func(it *item) bool { return it.hasIndex && it.index == e.index }
	if it := find(sameIndex); it != nil {
		return it
	}
	text := ""
	if kind := string(e.itemKind); kind != "function_call" {
		text = a.readText(kind, e.item)
	}
	return find(func(it *item) bool {
		if differ(it.callID, string(e.callID)) {
			return false
		}
		return !it.hasIndex || text != "" && (text == it.whole || text == it.text.String())
	})
}

// move moves the last item, which is new, to its place. Texts and calls stay: they were
// emitted in their order.
func (a *items) move(it *item, to int) {
	if it.kind == "message" || it.kind == "function_call" {
		return
	}
	a.list = slices.Insert(a.list[:len(a.list)-1], to, it)
}
