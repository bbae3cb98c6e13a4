// Package prices has a table of the list prices of common models, to begin with. Providers
// change their prices, and charge others for batches, regions and contracts. If money depends
// on it, check the table and keep your own; see [provider.Prices].
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
