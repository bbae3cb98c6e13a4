// Package nearest finds what was probably meant, for error messages. Nothing
// acts on it.
package nearest

import "strings"

// longest is the length in bytes over which a name is not compared.
const longest = 64

// Name returns the known name that name was probably meant to be: one that
// differs by case alone, by few letters, or by a piece at its start or end. It
// returns "" if there is none.
func Name(name string, known []string) string {
	if name == "" || len(name) > longest {
		return ""
	}
	lower := strings.ToLower(name)
	best, least := "", 1+len(name)/3
	for _, k := range known {
		l := strings.ToLower(k)
		if strings.EqualFold(k, name) { // not the same as l == lower: ſ folds to s
			return k
		}
		if len(k) > longest {
			continue
		}
		if d := distance(lower, l); d < least {
			best, least = k, d
		}
	}
	if best != "" {
		return best
	}
	const short = 4 // below that, a piece says nothing
	for _, k := range known {
		if l := strings.ToLower(k); min(len(l), len(lower)) >= short && (strings.Contains(l, lower) || strings.Contains(lower, l)) {
			return k
		}
	}
	return ""
}

// distance counts the bytes to insert, delete or replace to get from a to b
// (the Levenshtein distance).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
