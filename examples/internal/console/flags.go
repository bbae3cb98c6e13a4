package console

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/ecommerce"
	"github.com/funcall/funcall/transcript"
)

// Flags are the flags of all programs. A program adds its own to the embedded set before it calls
// Parse.
type Flags struct {
	*flag.FlagSet
	Ask, Customer            string
	JSON                     bool
	Provider, Model, BaseURL string

	// Chat is set by the program if it runs a chat.
	Chat bool
	// History is the file for the lines of a chat, or "". Programs with a line editor have
	// this flag.
	History string
	// Elsewhere maps flags of another program to that program's command.
	Elsewhere map[string]string
}

// NewFlags returns the flags of the program with that name.
func NewFlags(name string) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	f.StringVar(&f.Ask, "ask", "", "ask one `question`: print the answer to stdout, and the calls to stderr")
	f.StringVar(&f.Customer, "customer", "", "bind every conversation to a customer, such as CUST-9821; without it -ask and chats are the shop's staff")
	f.BoolVar(&f.JSON, "json", false, "print the transcripts to stdout as JSON Lines, and all else to stderr")
	f.StringVar(&f.Provider, "provider", offlineRules, "the model: offline (rules), or one that needs a key in the environment, such as OPENAI_API_KEY: "+vendorNames())
	f.StringVar(&f.Model, "model", "", "the `name` of the model, in place of the provider's default")
	f.StringVar(&f.BaseURL, "base-url", "", "the `address` of a server that speaks the provider's API, for openai such as http://localhost:11434/v1 (needs no key where it is this machine)")
	return f
}

// Parse parses args. If they ask for help, it prints the flags to stderr; the error is
// flag.ErrHelp then.
func (f *Flags) Parse(args []string, stderr io.Writer) error {
	var said strings.Builder
	f.SetOutput(&said)
	err := f.FlagSet.Parse(args)
	switch {
	case err == nil:
		f.Customer = strings.TrimSpace(f.Customer)
		return nil
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(stderr, said.String()) // there is no other place for the usage
		return err
	}
	if read := args[:len(args)-f.NArg()]; len(read) > 0 { // the last one could not be parsed
		name, _, _ := strings.Cut(strings.TrimLeft(read[len(read)-1], "-"), "=")
		if command, ok := f.Elsewhere[name]; ok {
			return fmt.Errorf("-%s is a flag of another program, which stores the conversations: use %s", name, command)
		}
	}
	return fmt.Errorf("%w: use -help for the flags", err)
}

// Given reports whether the flag of that name was among the arguments.
func (f *Flags) Given(name string) bool {
	given := false
	f.Visit(func(set *flag.Flag) { given = given || set.Name == name })
	return given
}

// Check returns the first mistake in the values, after Parse and the program have set them.
func (f *Flags) Check() error {
	_, known := f.vendor()
	switch {
	case f.Given("ask") && strings.TrimSpace(f.Ask) == "":
		return errors.New("-ask needs a question: pass one or omit the flag")
	case f.Given("ask") && f.Chat:
		return errors.New("-ask and -chat exclude each other: omit one of them")
	case f.History != "" && !f.Chat:
		return errors.New("-history needs a chat: omit it or -ask")
	case f.Given("customer") && f.Customer == "":
		return errors.New("-customer needs an id, such as CUST-9821")
	case f.Customer != "" && !slices.Contains(customers(), f.Customer):
		return fmt.Errorf("unknown customer %s: use one of %s", Clean(f.Customer), strings.Join(customers(), ", "))
	case f.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: pass a question with -ask, in quotes", f.Arg(0))
	case !f.Offline() && !known:
		return fmt.Errorf("unknown provider %q: use offline, %s", f.Provider, vendorNames())
	case f.Offline() && (f.Model != "" || f.BaseURL != ""):
		return errors.New("-model and -base-url need a -provider, such as openai")
	}
	return nil
}

// customers returns the IDs of the shop's customers.
func customers() []string {
	var ids []string
	for _, p := range ecommerce.ReferenceData().Profiles {
		ids = append(ids, p.CustomerID)
	}
	return ids
}

// Staff describes the caller without -customer.
const Staff = "The shop's own staff, who see every customer"

// Who describes the caller.
func (f *Flags) Who() string {
	if f.Customer == "" {
		return Staff
	}
	return "Customer " + f.Customer
}

// As returns the option that binds a session to the caller.
func (f *Flags) As() funcall.RunOption {
	if f.Customer == "" {
		return ecommerce.Operator()
	}
	return ecommerce.Customer(f.Customer)
}

// Out returns the writer of text for people.
func (f *Flags) Out(p Process) io.Writer {
	if f.JSON {
		return p.Stderr
	}
	return p.Stdout
}

// Print prints a transcript if -json asks for it.
func (f *Flags) Print(p Process, t transcript.Transcript) error {
	if !f.JSON {
		return nil
	}
	if err := transcript.Encode(p.Stdout, t); err != nil {
		return fmt.Errorf("writing the transcript: %w", err)
	}
	return nil
}
