package main

import (
	"cmp"
	"context"
	"fmt"
	"regexp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// rules is a model of four rules. It implements provider.Provider, as the clients of real
// models do.
type rules struct{}

var (
	orderID = regexp.MustCompile(`A-\d{4}`)
	dollars = regexp.MustCompile(`(\d+) dollars`)
)

// Generate returns the next turn of the conversation: a text, or a call of a tool.
func (rules) Generate(_ context.Context, req *provider.Request, emit func(provider.Delta)) (*provider.Response, error) {
	var said, order string
	for _, m := range req.Messages { // the whole conversation, oldest first
		if m.Role == provider.RoleUser {
			said = m.Text()
			order = cmp.Or(orderID.FindString(said), order)
		}
	}
	amount := dollars.FindStringSubmatch(said)
	var turn providertest.Turn
	switch last := req.Messages[len(req.Messages)-1]; {
	case last.Role == provider.RoleTool:
		turn = providertest.Say("Our system says: " + last.Parts[0].(provider.ToolResult).Text())
	case order == "":
		turn = providertest.Say("Which order is it about?")
	case amount != nil:
		turn = providertest.Call("refund", fmt.Sprintf(`{"order_id":%q,"cents":%s00}`, order, amount[1]))
	default:
		turn = providertest.Call("get_order", fmt.Sprintf(`{"order_id":%q}`, order))
	}
	if emit != nil { // the caller streams
		for piece := range providertest.Deltas(turn.Response, providertest.CutWords) {
			emit(piece)
		}
	}
	return turn.Response, nil
}
