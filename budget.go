package funcall

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/funcall/funcall/internal/agent/limits"
	"github.com/funcall/funcall/internal/agent/storable"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// A Budget bounds what several runs spend together, in tokens, money or both; see [WithBudget].
// Budgets with the same Name, PerSubject and Every are one budget, also those of other agents
// over the same store.
type Budget struct {
	// Name is 1 to 100 bytes of UTF-8 without NUL.
	Name string
	// PerSubject gives each [Subject] a budget of its own. A run without a subject then does not
	// begin.
	PerSubject bool
	// Every is the length of a window, after which the budget begins anew: 24*time.Hour for a
	// day, 7*24*time.Hour for a week. Windows are in UTC; a week begins on Monday. 0 means one
	// window for all time. A run spends the window in which it began, by Config.Now.
	Every time.Duration
	// Tokens bounds the sum of input and output tokens. 0 means no bound.
	Tokens int64
	// Cost bounds the cost of the model calls. It needs a price, like Limits.Cost. 0 means no
	// bound.
	Cost provider.Money
}

// maxBudgetName bounds the name of a budget, in bytes.
const maxBudgetName = 100

// check returns the mistakes of the budget.
func (b Budget) check() error {
	errs := []error{
		storable.CheckID("budget name", b.Name),
		limits.NotNegative("Tokens", b.Tokens), limits.NotNegative("Cost", int64(b.Cost)),
	}
	if b.Every < 0 {
		errs = append(errs, fmt.Errorf("Every is %v; it must not be negative, and 0 means one window for all time", b.Every))
	}
	if b.Name == "" {
		errs = append(errs, errors.New("the budget has no name"))
	}
	if len(b.Name) > maxBudgetName {
		errs = append(errs, fmt.Errorf("the name has %d bytes; at most %d are taken", len(b.Name), maxBudgetName))
	}
	if b.Tokens == 0 && b.Cost == 0 {
		errs = append(errs, errors.New("the budget has no bound; set Tokens or Cost"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("budget %.60q: %w", b.Name, err)
	}
	return nil
}

// is reports whether both are one budget.
func (b Budget) is(other Budget) bool {
	return b.Name == other.Name && b.PerSubject == other.PerSubject && b.Every == other.Every
}

// account returns the account that a run of the subject spends if it begins at that time. Its key
// is name/window/subject. Only the subject, which comes last, can hold a slash.
func (b Budget) account(subject string, now time.Time) (transcript.Account, error) {
	if b.PerSubject && subject == "" {
		return transcript.Account{}, fmt.Errorf("funcall: the budget %q is per subject, and the run has none; set Subject", b.Name)
	}
	window := ""
	if b.Every > 0 {
		window = now.UTC().Truncate(b.Every).Format(time.RFC3339Nano) + "+" + b.Every.String()
	}
	if !b.PerSubject {
		subject = ""
	}
	key := url.PathEscape(b.Name) + "/" + window + "/" + subject
	return transcript.Account{Key: key, Bound: transcript.Spend{Tokens: b.Tokens, Cost: b.Cost}}, nil
}

// budgetName returns the name of the budget whose account has that key. An engine may have made
// another key, which is then the name.
func budgetName(key string) string {
	escaped, _, _ := strings.Cut(key, "/")
	if name, err := url.PathUnescape(escaped); err == nil {
		return name
	}
	return key
}
