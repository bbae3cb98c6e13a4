// Package prices has a table of what common models cost. It is a beginning, for
// trying things out: providers change their prices when they like, have others
// for batches, regions and contracts, and bill by their own books. Check it, and
// keep your own, where money depends on it; see [provider.Prices].
package prices

import (
	_ "embed"
	"encoding/json"

	"github.com/funcall/funcall/provider"
)

// Date is when the table was written, from the providers' list prices.
const Date = "2025-10-01"

//go:embed prices.json
var table []byte

// Published returns the table. It is the caller's to change.
func Published() provider.Prices {
	var p provider.Prices
	if err := json.Unmarshal(table, &p); err != nil {
		panic(err) // cannot be: a test reads it
	}
	return p
}
