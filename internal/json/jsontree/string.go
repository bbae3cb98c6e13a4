package jsontree

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// AppendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD.
//
// It copies eight bytes, up to the first that needs more, and looks for a longer run only behind
// eight plain ones: a text that is JSON itself has a quote every few bytes, and a copy of each
// part between two quotes would cost more.
func AppendString[T string | []byte](dst []byte, s T) []byte {
	if cap(dst)-len(dst) < len(s)+len(`""`) {
		dst = slices.Grow(dst, len(s)+len(s)/4+len(`""`)) // of JSON, about every eighth character is escaped
	}
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			x := eight(s[i : i+8])
			dst = binary.LittleEndian.AppendUint64(dst, x)
			odd := special(x)
			if odd == 0 {
				i += 8
				if n := plainBlocks(s[i:]); n > 0 {
					dst = append(dst, s[i:i+n]...)
					i += n
				}
				continue
			}
			n := bits.TrailingZeros64(odd) / 8
			dst = dst[:len(dst)-8+n]
			i += n
		}
		switch c := s[i]; {
		case c == '"', c == '\\':
			dst = append(dst, '\\', c)
			i++
		case c < ' ':
			dst = appendControl(dst, c)
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			dst, i = appendWide(dst, s, i)
		}
	}
	return append(dst, '"')
}

// appendWide appends the characters at s[i:] that are not ASCII. It returns where they end.
func appendWide[T string | []byte](dst []byte, s T, i int) ([]byte, int) {
	start := i // of what is not appended yet
	for i < len(s) && s[i] >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			start = i + 1
		}
		i += n
	}
	return append(dst, s[start:i]...), i
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

// plainBlocks returns the length of the blocks of eight plain bytes at the beginning of s.
func plainBlocks[T string | []byte](s T) int {
	n := 0
	for n+8 <= len(s) && special(eight(s[n:n+8])) == 0 {
		n += 8
	}
	return n
}

// eight returns the eight bytes of s as a number, the first byte lowest.
func eight[T string | []byte](s T) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// special returns a number that is 0 if the eight bytes of x are ASCII and need no escape.
// Otherwise its lowest bit is the highest one of the first byte, from the lowest on, that is
// not or does.
func special(x uint64) uint64 {
	const each = 0x0101010101010101
	quote, slash := x^'"'*each, x^'\\'*each // a byte that is equal becomes 0
	// The highest bit of a byte: it is not ASCII, or a subtraction went below 0. The lowest
	// such byte is exact, as no lower one has borrowed from it.
	return (x | (x - ' '*each) | (quote - each) | (slash - each)) & (0x80 * each)
}
