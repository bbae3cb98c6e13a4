package storable

import (
	"errors"
	"fmt"
	"strings"

	"github.com/funcall/funcall/provider"
)

// maxMessage bounds what a message of the caller holds, in bytes.
const maxMessage = 32 << 20

// Message makes a user's message of a text and attached parts.
func Message(text string, parts []provider.Part) (*provider.Message, error) {
	for i, p := range parts {
		switch p.(type) {
		case provider.Text, provider.Media:
		default:
			return nil, fmt.Errorf("attached part %d is a %T; a user's message holds Text and Media", i, p)
		}
	}
	more, other, err := Weigh(parts)
	if err != nil {
		return nil, fmt.Errorf("Attach: %w", err)
	}
	if size := len(text) + more + other; size > maxMessage {
		return nil, fmt.Errorf("the message holds %d bytes; at most %d are taken", size, maxMessage)
	}
	if parts, err = CheckMedia(parts); err != nil {
		return nil, fmt.Errorf("Attach: %w", err)
	}
	parts, _ = Parts(parts)
	if strings.TrimSpace(text) == "" && len(parts) == 0 {
		return nil, errors.New("the message is empty")
	}
	return provider.User(Text(text), parts...), nil
}
