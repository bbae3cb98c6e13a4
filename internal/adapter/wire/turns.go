package wire

import "github.com/funcall/funcall/provider"

// Turns writes a conversation for an API in which two sides take turns: the
// user, whose side the tools and the system are on as well, and the model.
// Messages of the user's side that stand in a row become one; so the results of
// a turn's calls stand together with what the user says then. The user begins,
// and ends, and tells the model to go on where it spoke twice.
type Turns struct {
	First, ThenUser, ThenModel, End []byte // how messages begin, and the last ends
	Silence, GoOn                   []byte // what a side without words says, and what the user at the end, each with a comma ahead
}

// Append adds the conversation to the pieces of a body. The encoder returns the elements of
// one message, each with a comma ahead, or nothing. Places are where the elements of messages
// stand in the list.
func (t *Turns) Append(list [][]byte, d *Draft, e Encoder[provider.Message]) (_ [][]byte, places []int, err error) {
	list = append(list, t.First)
	places = make([]int, 0, len(d.Messages))
	byModel, comma := false, false
	for i, m := range d.Messages {
		elements, err := d.Message(i, e)
		if err != nil {
			return nil, nil, err
		}
		if len(elements) == 0 {
			continue // nothing of it has a form in this API
		}
		turn := m.Role == provider.RoleAssistant
		if turn && byModel { // joined, what it thought the second time would stand behind words
			list, _ = AddElement(append(list, t.ThenUser), t.GoOn, false)
			list, comma = append(list, t.ThenModel), false
		}
		if turn != byModel {
			if !comma {
				list, _ = AddElement(list, t.Silence, false)
			}
			next := t.ThenUser
			if turn {
				next = t.ThenModel
			}
			list, byModel, comma = append(list, next), turn, false
		}
		list, comma = AddElement(list, elements, comma)
		places = append(places, len(list)-1)
	}
	switch {
	case byModel:
		list, _ = AddElement(append(list, t.ThenUser), t.GoOn, false)
	case !comma:
		list, _ = AddElement(list, t.Silence, false)
	}
	return append(list, t.End), places, nil
}
