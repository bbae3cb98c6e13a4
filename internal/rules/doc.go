// Package rules holds the tests of package funcall: a test for each rule of the design,
// named by its number (TestR07_…), the faults that it survives, the corpus of stored
// transcripts, and conversations over every API against its strict server.
package rules
