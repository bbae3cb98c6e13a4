package golden

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
)

// fileName returns a path for a test's name that every file system accepts. Different names
// have different paths.
func fileName(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = safeName(part)
	}
	return strings.Join(parts, "/")
}

// maxName leaves room for an extension within the 255 bytes of most file systems.
const maxName = 200

func safeName(part string) string {
	var b strings.Builder
	for i, c := range part {
		ok := unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("_-+=@,#()", c) ||
			c == '.' && i > 0 && i < len(part)-1
		if ok && c != unicode.ReplacementChar {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	s := b.String()
	if isReserved(s) {
		s = "%" + s
	}
	if s == "" {
		s = "%"
	}
	if len(s) > maxName {
		sum := sha256.Sum256([]byte(part))
		s = strings.ToValidUTF8(s[:maxName-13], "") + "%" + hex.EncodeToString(sum[:6])
	}
	return s
}

// isReserved reports whether s is the name of a device on Windows.
func isReserved(s string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(s), ".")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && base[3] >= '0' && base[3] <= '9'
}
