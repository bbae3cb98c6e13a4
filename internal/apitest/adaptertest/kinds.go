package adaptertest

import (
	"net/http"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

// A Kind is a failure as a server words it.
type Kind struct {
	Name   string
	Status int
	Body   string
	Want   provider.ErrorKind
	// OnlyStatus says that the server does not report it with status 200, or that
	// its status alone tells the kind.
	OnlyStatus bool
	Header     [2]string
}

// Kinds has a server fail in the words of other servers: with a status, as a document
// with status 200, and as an event of a stream.
func Kinds(t *testing.T, api providertest.FaultConfig, kinds []Kind) {
	for _, k := range kinds {
		t.Run(k.Name, func(t *testing.T) {
			k.check(t, api, "with its status", k.Status, "application/json", k.Body)
			if !k.OnlyStatus {
				k.check(t, api, "as a document", http.StatusOK, "application/json", k.Body)
				k.check(t, api, "in a stream", http.StatusOK, "text/event-stream", api.StreamHead+"data: "+k.Body+"\n\n")
			}
		})
	}
}

func (k Kind) check(t *testing.T, api providertest.FaultConfig, way string, status int, contentType, body string) {
	t.Helper()
	says := Says(status, contentType, body)
	address := Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if k.Header[0] != "" {
			w.Header().Set(k.Header[0], k.Header[1])
		}
		says(w, r)
	})
	_, err := api.NewProvider(nil, address, "key-0123456789").Generate(t.Context(), Question, nil)
	if e := Failure(t, err); e.Kind != k.Want || e.Status != status {
		t.Errorf("%s: want %s: %v", way, k.Want, e)
	}
}
