// Package providertest helps to test with language models and without one.
//
// [Script] is a model that says what the test wrote down for it. It takes the
// place of a real one in the tests of everything that is built on a
// [provider.Provider], and it reports, in words, where the code under test
// asked for something else than the test expected. Streamed, it says as soon
// as it can that a call is complete ([provider.DeltaCallEnd]).
//
// [Conformance] is the other side: the suite that every Provider must pass, so that
// what holds for the script holds in production. [Faults] is a second suite for the
// adapters among them: a table of failures of servers and networks.
package providertest
