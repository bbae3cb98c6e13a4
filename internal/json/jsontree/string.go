package jsontree

import (
	"math/bits"
	"unicode/utf8"
)

// AppendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD.
func AppendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0 // of what is not appended yet
	for i := plain(s); i < len(s); i += plain(s[i:]) {
		switch c := s[i]; {
		case c == '"', c == '\\':
			dst = append(append(dst, s[start:i]...), '\\')
			start = i // c follows with the text after it
			i++
			continue
		case c < ' ':
			dst = appendControl(append(dst, s[start:i]...), c)
			i++
			start = i
			continue
		}
		for i < len(s) && s[i] >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[start:i]...)
				dst = append(dst, "\uFFFD"...)
				start = i + 1
			}
			i += n
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendControl appends the escape of a control character.
func appendControl(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// plain returns the length of the text at the beginning of s that is ASCII and needs no
// escape. It looks at eight bytes at a time.
func plain[T string | []byte](s T) int {
	const each = 0x0101010101010101
	i := 0
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		x := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, slash := x^'"'*each, x^'\\'*each // a byte that is equal becomes 0
		// The highest bit of a byte: it is not ASCII, or a subtraction went below 0. The
		// lowest such byte is exact, as no lower one has borrowed from it.
		if odd := (x | (x - ' '*each) | (quote - each) | (slash - each)) & (0x80 * each); odd != 0 {
			return i + bits.TrailingZeros64(odd)/8
		}
	}
	for i < len(s) && s[i] >= ' ' && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}
