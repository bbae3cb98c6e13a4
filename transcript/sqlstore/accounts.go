package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/funcall/funcall/transcript"
)

// accountSQL holds the statements for accounts. reserve adds to an account unless that has
// reached its bound, and then changes no row.
type accountSQL struct{ reserve, settle, spent string }

var sqliteAccounts = accountSQL{
	reserve: `INSERT INTO funcall_accounts (key, tokens, cost, touched) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (key) DO UPDATE SET ` + added("funcall_accounts") + `
		WHERE (?5 <= 0 OR tokens < ?5) AND (?6 <= 0 OR cost < ?6)`,
	settle: `INSERT INTO funcall_accounts (key, tokens, cost, touched) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (key) DO UPDATE SET ` + added("funcall_accounts"),
	spent: `SELECT tokens, cost FROM funcall_accounts WHERE key = ?`,
}

var postgresAccounts = accountSQL{
	reserve: `INSERT INTO funcall_accounts AS a (key, tokens, cost, touched) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET ` + added("a") + `
		WHERE ($5::bigint <= 0 OR a.tokens < $5) AND ($6::bigint <= 0 OR a.cost < $6)`,
	settle: `INSERT INTO funcall_accounts AS a (key, tokens, cost, touched) VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE SET ` + added("a"),
	spent: `SELECT tokens, cost FROM funcall_accounts WHERE key = $1`,
}

// added returns the assignments that add the excluded row to that of the table. A sum out of
// range becomes the nearest number, as in [transcript.Spend.Plus]: SQLite would make it a REAL,
// which the column does not take, and Postgres would refuse it.
func added(table string) string {
	sum := func(column string) string {
		const largest, smallest = "9223372036854775807", "(-9223372036854775807 - 1)" // Postgres has no literal for it
		have, more := table+"."+column, "excluded."+column
		return column + " = CASE" +
			" WHEN " + more + " > 0 AND " + have + " > " + largest + " - " + more + " THEN " + largest +
			" WHEN " + more + " < 0 AND " + have + " < " + smallest + " - " + more + " THEN " + smallest +
			" ELSE " + have + " + " + more + " END"
	}
	return sum("tokens") + ", " + sum("cost") + ", touched = excluded.touched"
}

// errFull rolls back a reservation of which one account is full.
var errFull = errors.New("the account is full")

// Reserve implements [transcript.Ledger].
func (s *Store) Reserve(ctx context.Context, accounts []transcript.Account, amount transcript.Spend) (full string, err error) {
	// Transactions that lock rows in one order do not wait for each other in a circle.
	accounts = slices.SortedFunc(slices.Values(accounts), func(a, b transcript.Account) int { return strings.Compare(a.Key, b.Key) })
	touched := time.Now().UTC().Format(timeFormat)
	key := ""
	err = s.writer.Do(ctx, func(tx *sql.Tx) error {
		for _, a := range accounts {
			if key = a.Key; !validKey(key) {
				return errKey
			}
			res, err := tx.ExecContext(ctx, s.dialect.d.accounts.reserve, key, amount.Tokens, int64(amount.Cost), touched, a.Bound.Tokens, int64(a.Bound.Cost))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			if n == 0 {
				return errFull
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, errFull):
		return key, nil
	case err != nil:
		return "", fmt.Errorf("sqlstore: reserve from account %.60q: %w", key, err)
	}
	return "", nil
}

// Settle implements [transcript.Ledger].
func (s *Store) Settle(ctx context.Context, keys []string, amount transcript.Spend) error {
	touched := time.Now().UTC().Format(timeFormat)
	key := ""
	err := s.writer.Do(ctx, func(tx *sql.Tx) error {
		for _, key = range slices.Sorted(slices.Values(keys)) { // as in Reserve
			if !validKey(key) {
				return errKey
			}
			if _, err := tx.ExecContext(ctx, s.dialect.d.accounts.settle, key, amount.Tokens, int64(amount.Cost), touched); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sqlstore: settle account %.60q: %w", key, err)
	}
	return nil
}

// Spent implements [transcript.Ledger].
func (s *Store) Spent(ctx context.Context, key string) (spent transcript.Spend, err error) {
	if err = errKey; validKey(key) {
		err = s.db.QueryRowContext(ctx, s.dialect.d.accounts.spent, key).Scan(&spent.Tokens, (*int64)(&spent.Cost))
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return transcript.Spend{}, fmt.Errorf("sqlstore: read account %.60q: %w", key, err)
	}
	return spent, nil
}

// maxKey is the longest key of an account in bytes, since the databases cannot index much longer
// ones.
const maxKey = 2500

var errKey = fmt.Errorf("invalid key: must be UTF-8 without NUL, 1 to %d bytes", maxKey)

func validKey(key string) bool {
	return key != "" && len(key) <= maxKey && utf8.ValidString(key) && !strings.Contains(key, "\x00")
}
