package providertest

import (
	"testing"

	"github.com/funcall/funcall/provider"
)

// TestCloneRequestKeepsTheSubset copies a request that may call only some tools: a tool of both
// lists is one tool in the copy, and no tool of the original.
func TestCloneRequestKeepsTheSubset(t *testing.T) {
	req := request()
	req.AllTools, req.Tools = req.Tools, req.Tools[1:]
	c := cloneRequest(req)
	if len(c.AllTools) != 2 || len(c.Tools) != 1 || c.Tools[0] != c.AllTools[1] || c.Tools[0].Name != "check_inventory" {
		t.Errorf("%v of %v", c.Tools, c.AllTools)
	}
	if c.AllTools[0] == req.AllTools[0] || c.Tools[0] == req.Tools[0] {
		t.Error("the copy shares tools with the original")
	}
	if c := cloneRequest(&provider.Request{}); c.Tools != nil || c.AllTools != nil {
		t.Errorf("no tools became %v of %v", c.Tools, c.AllTools)
	}
}
