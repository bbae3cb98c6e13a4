package wire

import "github.com/funcall/funcall/provider"

// Turns writes a conversation for an API in which user and model alternate. Tool results and
// system messages count as the user's. Adjacent messages of the user become one, so the
// results of a turn's calls are in one message with the user's next text. The conversation
// begins with the user, and ends with the user unless the draft goes on; between two messages of
// the model, the user says GoOn.
type Turns struct {
	First, ThenUser, ThenModel, End []byte // the beginnings of messages, and the end of the last
	Silence, GoOn                   []byte // the text of an empty message, and of an inserted user message, each with a comma before it
}

// Append adds the conversation to the pieces of a body. The encoder returns the elements of
// one message, each with a comma before it, or nothing. places are the indexes of the
// messages' elements in the list.
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
			continue // the API has no form for any of its parts
		}
		turn := m.Role == provider.RoleAssistant
		if turn && byModel { // joined, the second reasoning would follow text
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
	case byModel && d.GoesOn:
	case byModel:
		list, _ = AddElement(append(list, t.ThenUser), t.GoOn, false)
	case !comma:
		list, _ = AddElement(list, t.Silence, false)
	}
	return append(list, t.End), places, nil
}
