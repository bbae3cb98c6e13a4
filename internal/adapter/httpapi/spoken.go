package httpapi

import "strings"

// maxSpoken bounds how much of a message is read, in bytes.
const maxSpoken = 1000

// gone marks where spoken left something out.
const gone = "\x00"

// spoken returns the server's own words in a message, in lower case and with single spaces.
// Servers repeat parts of the request in quotation marks, so spoken leaves out the text
// between the first and the last mark of a kind: a text with marks inside cannot be told from
// several texts. If the last mark lacks its pair, the message was truncated, and the result
// ends there. A single word in marks, such as the name of a field, stays: it cannot hold a
// phrase.
func spoken(message string) string {
	message = withoutOutput(message)
	var b strings.Builder
	for i := 0; i < len(message) && b.Len() < maxSpoken; {
		mark := markAt(message, i)
		if mark == "" {
			b.WriteByte(message[i])
			i++
			continue
		}
		i += len(mark)
		end := closing(mark)
		if n := wordUntil(message[i:], end); n > 0 {
			b.WriteString(message[i : i+n])
			i += n + len(end)
			continue
		}
		b.WriteString(gone)
		if isCut(message[i:], mark) {
			break
		}
		i += strings.LastIndex(message[i:], end) + len(end)
	}
	return strings.ToLower(strings.Join(strings.Fields(b.String()), " "))
}

// isCut reports whether the text after a mark lacks the matching mark.
func isCut(text, mark string) bool {
	end := closing(mark)
	if end != mark {
		return strings.Count(text, mark) >= strings.Count(text, end)
	}
	return strings.Count(text, end)%2 == 0
}

// wordUntil returns the length of the single word that a mark ends, or 0 if the text before
// the mark is not a single word.
func wordUntil(text, end string) int {
	n := strings.Index(text[:min(len(text), maxWord)], end)
	if n <= 0 || text[n-1] == '\\' || strings.ContainsAny(text[:n], " \t\r\n") {
		return 0
	}
	return n
}

// maxWord bounds a word in quotation marks.
const maxWord = 80

// markAt returns the quotation mark at message[i], or "". An apostrophe is not a quotation
// mark. A letter b before the mark belongs to it, as in Python's bytes.
func markAt(message string, i int) string {
	switch c := message[i]; c {
	case '"', '`':
		return message[i : i+1]
	case '\'':
		if isApostrophe(message, i) {
			return ""
		}
		return message[i : i+1]
	}
	if strings.HasPrefix(message[i:], "“") {
		return "“"
	}
	return ""
}

// isApostrophe reports whether the mark at message[i] follows a letter, or a place or a name,
// as in messages[0]'s.
func isApostrophe(message string, i int) bool {
	if i == 0 {
		return false
	}
	switch before, behind := message[i-1], message[i+1:]; {
	case isLetter(before):
		return !isBytes(message, i)
	case before == ']', before == ')', '0' <= before && before <= '9':
		return strings.HasPrefix(behind, "s ")
	}
	return false
}

func closing(mark string) string {
	if mark == "“" {
		return "”"
	}
	return mark
}

// isBytes reports whether the mark at message[i] opens Python's form of bytes.
func isBytes(message string, i int) bool {
	return i > 0 && message[i-1] == 'b' && (i == 1 || !isLetter(message[i-2]))
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80 }

// withoutOutput cuts off the output of a model, which llama.cpp repeats without marks.
func withoutOutput(message string) string {
	const parsing = "failed to parse input at pos"
	if i := strings.Index(lower(message[:min(len(message), 2*maxSpoken)]), parsing); i >= 0 {
		return message[:i+len(parsing)]
	}
	return message
}

// passedOn returns the report of another server that a message passes on: JSON that is not
// quoted, or quoted as Python's bytes. JSON that a server could not parse does not count.
func passedOn(message string) string {
	for i := range min(len(message), maxSpoken) {
		switch {
		case message[i] == '{' && strings.Contains(lower(message[:i]), "parse"):
			return ""
		case message[i] == '{':
			return message[i:]
		case markAt(message, i) != "" && !isBytes(message, i):
			return ""
		}
	}
	return ""
}
