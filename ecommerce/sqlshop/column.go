package sqlshop

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"unicode"
)

// fold returns a form of the text that is equal for texts that strings.EqualFold reports as
// equal.
func fold(s string) string {
	folded := []rune(s)
	for i, r := range folded {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		folded[i] = least
	}
	return string(folded)
}

// asJSON is a column of JSON.
type asJSON struct{ v any }

// Value writes the column.
func (j asJSON) Value() (driver.Value, error) {
	b, err := json.Marshal(j.v)
	return string(b), err
}

// Scan reads the column.
func (j asJSON) Scan(column any) error {
	text, ok := column.(string)
	if !ok {
		return fmt.Errorf("unexpected type %T in a JSON column", column)
	}
	return json.Unmarshal([]byte(text), j.v)
}

// optional reads a column of JSON into v, unless it is NULL.
func optional(column sql.NullString, v any) error {
	if !column.Valid {
		return nil
	}
	return asJSON{v}.Scan(column.String)
}
