package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/funcall/funcall/provider"
)

// An Owner names the maker of a part's State: a model on a server that speaks an API. Other
// models cannot read its signatures and encrypted reasoning, even on the same server.
type Owner struct {
	server string // the API and the server
	name   string // these and the model
}

// NewOwner returns the owner for a model.
func NewOwner(api, host, model string) Owner {
	server := api + "|" + bounded(host)
	return Owner{server: server, name: server + "|" + bounded(model)}
}

// bounded shortens the name of an owner so that it can be stored.
func bounded(name string) string {
	const most = 100
	if len(name) <= most && utf8.ValidString(name) {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// String returns the Owner of the State of parts.
func (o Owner) String() string { return o.name }

// Made reports whether the model made s. Owners of older transcripts do not name the model;
// such a State counts as this model's, as it was sent to all models of the server.
func (o Owner) Made(s provider.State) bool { return s.Owner == o.name || s.Owner == o.server }

// MadeByServer reports whether a model on the server made s.
func (o Owner) MadeByServer(s provider.State) bool {
	rest, ok := strings.CutPrefix(s.Owner, o.server)
	return ok && (rest == "" || rest[0] == '|')
}
