package offline

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// untold are properties that people ask for, and that the specifications may not have.
var untold = []struct {
	name, key string
	asked     *regexp.Regexp
}{
	{"colors", "color", colorWord},
	{"weight", "weight", regexp.MustCompile(`(?i)\bweigh|\bheavy\b`)},
}

// cannotTell returns a sentence for each property that the question asks for and that the
// specifications do not have.
func cannotTell(question string, specs map[string]string) string {
	var b strings.Builder
	for _, u := range untold {
		if _, told := specs[u.key]; !told && u.asked.MatchString(question) {
			fmt.Fprintf(&b, " I cannot tell its %s: please ask our staff.", u.name)
		}
	}
	return b.String()
}

// report describes a product, or some parts of its information.
func (p product) report(question string, parts []string) string {
	tells := func(part string) bool { return len(parts) == 0 || slices.Contains(parts, part) }
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)", p.Name, p.SKU)
	if p.Price != "" && tells(pricePart) {
		fmt.Fprintf(&b, " costs %s", money(p.Price))
	}
	b.WriteString(".")
	if p.Description != "" && len(parts) == 0 {
		b.WriteString(" " + strings.TrimSuffix(p.Description, ".") + ".")
	}
	if len(p.Specs) > 0 && tells(specsPart) {
		b.WriteString(" Specifications: " + p.specs() + ".")
	}
	if w := p.Warranty; w != nil && tells(warrantyPart) {
		fmt.Fprintf(&b, " Warranty: %s. It covers: %s. %s.", w.Type, w.Coverage, w.Process)
	}
	if s := p.Shipping; s != nil && tells(shippingPart) {
		fmt.Fprintf(&b, " Shipping: %s. Standard costs %s, express %s, next day %s; it is free from %s on.",
			list(s.Methods), money(s.Costs.Standard), money(s.Costs.Express), money(s.Costs.NextDay), money(s.FreeFrom))
	}
	b.WriteString(cannotTell(question, p.Specs))
	return b.String()
}

func (p product) specs() string {
	var specs []string
	for _, k := range slices.Sorted(maps.Keys(p.Specs)) {
		specs = append(specs, strings.ReplaceAll(k, "_", " ")+": "+p.Specs[k])
	}
	return strings.Join(specs, "; ")
}
