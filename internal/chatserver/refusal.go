package chatserver

import (
	"fmt"

	"github.com/funcall/funcall/internal/jsontree"
)

// A refusal is an error in the API's form.
type refusal struct {
	status                    int
	message, typ, param, code string
}

func (r *refusal) Error() string { return r.message }

func (r *refusal) body() string {
	typ := r.typ
	if typ == "" {
		typ = "invalid_request_error"
	}
	return string(jsontree.Append(nil, map[string]any{"error": map[string]any{
		"message": r.message,
		"type":    typ,
		"param":   orNull(r.param),
		"code":    orNull(r.code),
	}}))
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func sprintf(format string, args ...any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}
