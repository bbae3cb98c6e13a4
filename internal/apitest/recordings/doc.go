// Package recordings tests the adapters with recorded traffic of the real
// APIs. It has tests alone. They run if the environment variable
// FUNCALL_RECORDINGS names a folder with the recordings, which are not part of
// the project: one gzip file an API, of JSON Lines.
//
// Each recorded reply is served on loopback to its adapter, with emit and
// without, and what the adapter returns is compared with what a plain reader of
// the test makes of the same bytes. The plain readers use encoding/json and
// share no code with the adapters.
package recordings
