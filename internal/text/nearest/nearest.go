// Package nearest finds what was probably meant.
package nearest

import "strings"

// longest is the length in bytes over which a name is not compared.
const longest = 64

// Name returns the known name that name was probably meant to be: one that
// differs by case alone, by few letters, or by a piece at its start or end. It
// returns "" if no name is close. It is for error messages: nothing must act on it.
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
		if d := Distance(lower, l); d < least {
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

// Distance counts the letters to insert, delete, replace, or swap with the next one to get from
// a to b. Its time is the product of their lengths: bound them.
func Distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	var before []int // the row before last
	last := make([]int, len(to)+1)
	for j := range last {
		last[j] = j
	}
	for i := range from {
		row := make([]int, len(to)+1)
		row[0] = i + 1
		for j := range to {
			row[j+1] = min(last[j], last[j+1], row[j]) + 1
			if from[i] == to[j] {
				row[j+1] = min(row[j+1], last[j])
			}
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(to)]
}
