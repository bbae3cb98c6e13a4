package sqlshop

import (
	"context"
	"database/sql"
	"fmt"
)

// migrate makes and fills the tables if the file is new, and brings those of an earlier version
// up to date.
func (s *Shop) migrate(ctx context.Context) error {
	return s.writer.Do(ctx, func(tx *sql.Tx) error {
		var have int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
			return err
		}
		statements := ""
		switch have {
		case schemaVersion:
			return nil
		case 0:
			statements = tables + itemTables + itemTriggers
		case 1:
			statements = fromVersion1
		default:
			return fmt.Errorf("the file has version %d, this program supports up to %d: upgrade github.com/funcall/funcall", have, schemaVersion)
		}
		if _, err := tx.ExecContext(ctx, statements+fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
			return err
		}
		if have == 0 {
			return seed(ctx, tx, s.data)
		}
		return nil
	})
}

// fromVersion1 migrates tables in which a line was returned with all its pieces or not at all,
// and products had a folded name.
const fromVersion1 = `
DROP INDEX products_name;
ALTER TABLE products DROP COLUMN folded_name;
ALTER TABLE orders ADD COLUMN earlier_returns TEXT;
CREATE INDEX returns_order ON returns (order_id);
ALTER TABLE items RENAME TO items_1;
ALTER TABLE returned_items RENAME TO returned_items_1;
` + itemTables + `
INSERT INTO items SELECT order_id, line, name, sku, qty, price, returned * qty FROM items_1;
INSERT INTO returned_items
	SELECT r.order_id, r.line, r.return, i.qty FROM returned_items_1 r JOIN items_1 i USING (order_id, line);
DROP TABLE returned_items_1;
DROP TABLE items_1;
UPDATE returns SET answer = json_set(answer, '$.quantities_accepted', json((
	SELECT json_group_array(pieces ORDER BY line) FROM returned_items WHERE return = number)));
` + itemTriggers
