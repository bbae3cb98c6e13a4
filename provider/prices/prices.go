// Package prices has a table of the list prices of common models, to begin with. Providers
// change their prices, and charge others for batches, regions and contracts. If money depends
// on it, check the table and keep your own; see [provider.Prices].
//
// The prices of uses of tools are those of openai.WebSearch and openai.FileSearch
// (https://openai.com/api/pricing), of anthropic.WebSearch
// (https://platform.claude.com/docs/en/about-claude/pricing), and of a prompt that
// gemini.GoogleSearch grounded (https://ai.google.dev/gemini-api/docs/pricing). A query of
// gemini.FileSearch is free; what it finds is charged as input
// (https://ai.google.dev/gemini-api/docs/file-search). Free allowances are not counted. A price
// is missing where a use has none: containers that run code are charged by time or session, and
// searches of some small models by tokens that the API does not report.
package prices

import (
	_ "embed"
	"encoding/json"

	"github.com/funcall/funcall/provider"
)

// Date is the date of the list prices in the table.
const Date = "2025-10-01"

//go:embed prices.json
var table []byte

// Published returns a copy of the table. The caller may change it.
func Published() provider.Prices {
	var p provider.Prices
	if err := json.Unmarshal(table, &p); err != nil {
		panic(err) // a test reads the table
	}
	return p
}
