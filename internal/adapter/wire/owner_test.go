package wire

import (
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
)

func TestOwner(t *testing.T) {
	o := NewOwner("api", "host.example:80", "m-1")
	for owner, want := range map[string][2]bool{
		o.String():                        {true, true},
		"api|host.example:80|m-1":         {true, true},
		"api|host.example:80":             {true, true}, // stored before owners named the model
		"api|host.example:80|m-2":         {false, true},
		"api|host.example:80|":            {false, true},
		"api|host.example:8080|m-1":       {false, false},
		"api|host.example":                {false, false},
		"api2|host.example:80|m-1":        {false, false},
		"":                                {false, false},
		"api|host.example:80|m-1 or more": {false, true},
	} {
		s := provider.State{Owner: owner}
		if got := [2]bool{o.Made(s), o.MadeByServer(s)}; got != want {
			t.Errorf("%q: %v, want %v", owner, got, want)
		}
	}
}

// TestOwnersAreStorable has names that cannot be stored unchanged: the stored ones still
// differ, and name the server.
func TestOwnersAreStorable(t *testing.T) {
	long := strings.Repeat("x", 250)
	a, b := NewOwner("openai.responses", long, long+"1"), NewOwner("openai.responses", long, long+"\xff")
	if a == b || len(a.String()) > 256 {
		t.Errorf("%s and %s", a, b)
	}
	s := provider.State{Owner: b.String()}
	if a.Made(s) || !a.MadeByServer(s) || NewOwner("openai.responses", long+"x", "m").MadeByServer(s) {
		t.Errorf("%s is not told apart from %s", s.Owner, a)
	}
}
