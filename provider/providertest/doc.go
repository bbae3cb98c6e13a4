// Package providertest has test doubles for language models, and test suites for Providers.
//
// [Script] is a [provider.Provider] that answers with turns written in the test, in place of a
// real model. It fails the test if the code under test sends a request that the test did not
// expect. A stream announces each complete call at once ([provider.DeltaCallEnd]). [EveryTool]
// is a model that calls each tool that it is offered.
//
// [Conformance] is a test suite for any Provider: what code can rely on with a Script, it can
// rely on in production. [Faults] is a test suite for adapters: failures of servers and
// networks.
package providertest
