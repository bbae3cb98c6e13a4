package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/provider"
)

// An Owner names who makes the State of parts: a model, behind a server that
// speaks an API. Signatures and encrypted reasoning mean nothing to another
// model, be it behind the same server.
type Owner struct {
	server string // the API and the server
	name   string // these and the model
}

// NewOwner returns the owner of what a model makes.
func NewOwner(api, host, model string) Owner {
	server := api + "|" + bounded(host)
	return Owner{server: server, name: server + "|" + bounded(model)}
}

// bounded keeps the name of an owner fit to be stored.
func bounded(name string) string {
	const most = 100
	if len(name) <= most && utf8.ValidString(name) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// String is what stands in the State of parts.
func (o Owner) String() string { return o.name }

// Made reports whether the model made s. Owners did not always name the model. A
// State from that time counts as this model's: it was sent to all of the server's.
func (o Owner) Made(s provider.State) bool { return s.Owner == o.name || s.Owner == o.server }

// MadeByServer reports whether a model behind the server made s.
func (o Owner) MadeByServer(s provider.State) bool {
	rest, ok := strings.CutPrefix(s.Owner, o.server)
	return ok && (rest == "" || rest[0] == '|')
}
