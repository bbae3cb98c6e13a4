// Package repotest holds the tests of the repository: what its documentation shows
// compiles, every export has an example, imports follow the arrows of the design, and the
// root's files use earlier ones alone.
package repotest
