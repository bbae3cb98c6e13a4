// Package repotest holds the tests of the repository: what its documentation shows
// compiles, every export has an example, and imports follow the arrows of the design.
package repotest
