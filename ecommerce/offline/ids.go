package offline

import (
	"regexp"
	"slices"
	"strings"
)

// The patterns of IDs and codes in a customer's words.
var (
	orderPattern    = regexp.MustCompile(`(?i)\bORD-\w+`)
	customerPattern = regexp.MustCompile(`(?i)\bCUST-\w+`)
	returnPattern   = regexp.MustCompile(`(?i)\bRET-\w+`)
	emailPattern    = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	skuPattern      = regexp.MustCompile(`(?i)\b[A-Z]{2,}(?:-[A-Z0-9]+)+\b`)
	upcPattern      = regexp.MustCompile(`\b\d{12,13}\b`)
	quotedPattern   = regexp.MustCompile(`"([^"]+)"`)
)

func findUpper(p *regexp.Regexp, text string) []string {
	var found []string
	for _, s := range p.FindAllString(text, -1) {
		if s = strings.ToUpper(s); !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	return found
}

func orderIDs(text string) []string { return findUpper(orderPattern, withoutEmails(text)) }

// customerKeys returns customer ids and e-mail addresses.
func customerKeys(text string) []string {
	keys := findUpper(customerPattern, withoutEmails(text))
	for _, s := range emailPattern.FindAllString(text, -1) {
		if !slices.Contains(keys, s) {
			keys = append(keys, s)
		}
	}
	return keys
}

// productCodes returns SKUs and UPCs. An SKU has a digit, unlike "USB-C".
func productCodes(text string) []string {
	text = withoutEmails(text)
	var codes []string
	for _, s := range findUpper(skuPattern, text) {
		if isSKU(s) {
			codes = append(codes, s)
		}
	}
	return append(codes, findUpper(upcPattern, text)...)
}

func isSKU(s string) bool {
	prefix, _, _ := strings.Cut(strings.ToUpper(s), "-")
	return strings.ContainsAny(s, "0123456789") && !slices.Contains([]string{"ORD", "CUST", "RET", "ZIP"}, prefix)
}

func withoutEmails(text string) string { return emailPattern.ReplaceAllString(text, " ") }

// masked replaces IDs and codes in the text: products by "SKU", everything else by "@".
func masked(text string) string {
	for _, p := range []*regexp.Regexp{emailPattern, orderPattern, customerPattern, returnPattern} {
		text = p.ReplaceAllString(text, "@")
	}
	text = upcPattern.ReplaceAllString(text, "SKU")
	return skuPattern.ReplaceAllStringFunc(text, func(s string) string {
		if isSKU(s) {
			return "SKU"
		}
		return s
	})
}
