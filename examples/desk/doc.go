// Desk is the support desk that docs/guide.md builds step by step. A test does all that the guide
// says, and ends with these files.
//
//	go run ./examples/desk say sarah t-1 "Where is my order A-1001?"
//	go run ./examples/desk say sarah t-1 "It leaks. Please refund 20 dollars."
//
// It keeps tickets in desk.db and refunds in payments.jsonl. Without OPENAI_API_KEY, four rules stand
// in for a model.
package main
