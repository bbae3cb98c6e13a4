package ecommerce

import (
	"cmp"
	"slices"
)

// chosenPieces are the pieces of one line of an order that a request returns.
type chosenPieces struct {
	line   int // the index in Order.Items
	pieces int // at least 1
}

// choosePieces returns the pieces to return, in the order of o's lines. If the request names no
// items, it returns all pieces that are left.
func choosePieces(o Order, req ReturnRequest) ([]chosenPieces, error) {
	switch {
	case req.Items == nil && len(req.Quantities) > 0:
		return nil, refuseReturn(o, "quantities are given without items_to_return: name the items that they belong to, or leave both out to return all.")
	case req.Items == nil:
		return allLeft(o)
	case len(req.Items) == 0:
		return nil, refuseReturn(o, "items_to_return is empty: name at least one item, or leave it out to return all.")
	case len(req.Quantities) > 0 && len(req.Quantities) != len(req.Items):
		return nil, refuseReturn(o, "The length of quantities is %d, that of items_to_return is %d: give one quantity for each item, or leave quantities out to return all pieces of the items.",
			len(req.Quantities), len(req.Items))
	}
	var list []chosenPieces
	seen := make(map[int]bool)
	for n, line := range req.Items {
		if line < 0 || line >= len(o.Items) {
			return nil, refuseReturn(o, "Order %s has no item %d: its %d items are counted from 0.", o.ID, line, len(o.Items))
		}
		item := o.Items[line]
		left := item.Qty - item.Returned
		pieces := left
		if len(req.Quantities) > 0 {
			pieces = req.Quantities[n]
		}
		switch {
		case seen[line]:
			return nil, refuseReturn(o, "Item %d is named twice: name it once, with the number of its pieces in quantities.", line)
		case left == 0:
			return nil, refuseReturn(o, "Item %d (%s) has already been returned.", line, item.Name)
		case pieces < 1 || pieces > left:
			return nil, refuseReturn(o, "The quantity %d of item %d (%s) is not possible: %d of its %d pieces are left; give a quantity from 1 to %d.",
				pieces, line, item.Name, left, item.Qty, left)
		}
		seen[line] = true
		list = append(list, chosenPieces{line, pieces})
	}
	slices.SortFunc(list, func(a, b chosenPieces) int { return cmp.Compare(a.line, b.line) })
	return list, nil
}

func allLeft(o Order) ([]chosenPieces, error) {
	var list []chosenPieces
	for i, item := range o.Items {
		if left := item.Qty - item.Returned; left > 0 {
			list = append(list, chosenPieces{i, left})
		}
	}
	if list == nil {
		return nil, refuseReturn(o, "Order %s has no items left to return.", o.ID)
	}
	return list, nil
}
