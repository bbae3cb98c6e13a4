package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// checkPaged checks that a Lister selects by subject, and yields a list in pages: each session
// once, in the order of the Cursors, also if several have the same time.
func checkPaged(ctx context.Context, s transcript.Store) error {
	list, ok := optional[transcript.Lister](s)
	if !ok {
		return nil
	}
	const sessions = 220
	var all, annas []string
	for i := range sessions {
		id, subject := fmt.Sprintf("s%03d", i), "bert"
		if i%3 == 0 {
			subject = "anna"
			annas = append(annas, id)
		}
		all = append(all, id)
		e := transcript.Entry{Time: minute(i / 7), Body: &transcript.Input{Message: provider.User("hi"), Subject: subject}}
		if err := s.Append(ctx, unnamed(id, 0, e)); err != nil {
			return fmt.Errorf("appending to %q: %w", id, err)
		}
	}
	for _, c := range []struct {
		filter transcript.Filter
		want   []string
	}{
		{transcript.Filter{}, all},
		{transcript.Filter{Subject: "anna"}, annas},
		{transcript.Filter{Subject: "anna' OR ''='"}, nil},
		{transcript.Filter{Subject: "anna", Outcome: transcript.OutcomeDone}, nil},
		{transcript.Filter{Subject: "anna", UpdatedBefore: minute(10)}, annas[:24]},
	} {
		for _, limit := range []int{-1, 1, 7, 100, len(c.want)} {
			if err := pages(ctx, list, c.filter, limit, c.want); err != nil {
				return err
			}
		}
	}
	return checkPagesWhileUpdated(ctx, s, list, all)
}

func minute(n int) time.Time { return began.Add(time.Duration(n) * time.Minute) }

// pages reads a list page by page.
func pages(ctx context.Context, list transcript.Lister, f transcript.Filter, limit int, want []string) error {
	f.Limit = limit
	var got []string
	for {
		page := 0
		for sum, err := range list.List(ctx, f) {
			if err != nil {
				return fmt.Errorf("List(%+v): %w", f, err)
			}
			if want := (transcript.Cursor{UpdatedAt: sum.UpdatedAt, ID: sum.ID}); want.Compare(sum.Cursor) != 0 {
				return fmt.Errorf("List(%+v) yields the cursor %+v, want %+v", f, sum.Cursor, want)
			}
			got, f.After = append(got, sum.ID), sum.Cursor
			page++
		}
		if limit > 0 && page > limit {
			return fmt.Errorf("List(%+v) yields %d sessions", f, page)
		}
		if limit <= 0 || page < limit || len(got) > len(want) {
			break
		}
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the pages of List(%+v) have %d sessions %q, want %d %q", f, len(got), got, len(want), want)
	}
	return nil
}

// checkPagesWhileUpdated updates the last session of a page while the page is read: it moves to
// the end of the list, and none is left out.
func checkPagesWhileUpdated(ctx context.Context, s transcript.Store, list transcript.Lister, all []string) error {
	const last = "s004"
	f := transcript.Filter{Limit: 5}
	var got []string
	for page := f.Limit; page == f.Limit && len(got) <= 2*len(all); {
		page = 0
		for sum, err := range list.List(ctx, f) {
			if err != nil {
				return fmt.Errorf("List(%+v): %w", f, err)
			}
			if len(got) == 0 {
				late := transcript.Entry{Time: minute(1000), Body: &transcript.End{Outcome: transcript.OutcomeFailed}}
				if err := s.Append(ctx, unnamed(last, 1, late)); err != nil {
					return err
				}
			}
			got, f.After = append(got, sum.ID), sum.Cursor
			page++
		}
	}
	each := slices.Compact(slices.Sorted(slices.Values(got)))
	if !slices.Equal(each, all) || got[len(got)-1] != last {
		return fmt.Errorf("pages with %q updated while the first of them is read have %d of %d sessions: %q; want all, and that one at the end", last, len(each), len(all), got)
	}
	return nil
}
