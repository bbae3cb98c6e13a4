package offline

import (
	"strings"
	"testing"
)

func TestPartsOf(t *testing.T) {
	for text, want := range map[string]string{
		"price of the tv":                             "price",
		"how much is it":                              "price",
		"which is cheaper":                            "price",
		"how long does express shipping take":         "shipping",
		"how much is shipping":                        "shipping",
		"what does it cost including shipping":        "shipping price",
		"what if it breaks":                           "warranty",
		"how long is the warranty":                    "warranty",
		"how long is the cable":                       "specs",
		"is it wireless":                              "specs",
		"is it waterproof and what does it cost":      "specs price",
		"the warranty and the specs":                  "warranty specs",
		"tell me about the tv":                        "",
		"tell me about the tv, and what does it cost": "",
		"tell me about the warranty and the price":    "warranty price",
		"does it have noise canceling":                "specs",
	} {
		if got := strings.Join(partsOf(text), " "); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestInfoType(t *testing.T) {
	for parts, want := range map[string]string{"": "", "price": "", "specs": "specs", "warranty": "warranty", "specs price": "", "warranty shipping": ""} {
		if got := infoType(strings.Fields(parts)); got != want {
			t.Errorf("%s: got %q, want %q", parts, got, want)
		}
	}
}

// TestAnswersTellTheParts holds that an answer states what was asked for, and not more.
func TestAnswersTellTheParts(t *testing.T) {
	lamp := product{Name: "Lamp", SKU: "L-1", Price: "9.99", Description: "A lamp.", Specs: map[string]string{"light_color": "warm"}}
	lamp.Warranty = &struct {
		Type     string `json:"type"`
		Coverage string `json:"coverage"`
		Process  string `json:"process"`
	}{"1 year", "all", "Call us"}
	for _, c := range []struct{ question, parts, want string }{
		{"", "", "Lamp (L-1) costs $9.99. A lamp. Specifications: light color: warm. Warranty: 1 year. It covers: all. Call us."},
		{"", "price", "Lamp (L-1) costs $9.99."},
		{"", "specs", "Lamp (L-1). Specifications: light color: warm."},
		{"", "price warranty", "Lamp (L-1) costs $9.99. Warranty: 1 year. It covers: all. Call us."},
		{"how heavy is it", "specs", "Lamp (L-1). Specifications: light color: warm. I cannot tell its weight: please ask our staff."},
		{"which colors does it have", "specs", "Lamp (L-1). Specifications: light color: warm. I cannot tell its colors: please ask our staff."},
	} {
		if got := lamp.report(c.question, strings.Fields(c.parts)); got != c.want {
			t.Errorf("%q %q\n got %s\nwant %s", c.question, c.parts, got, c.want)
		}
	}
	lamp.Specs["weight"] = "1 kg"
	if got := lamp.report("how heavy is it", []string{specsPart}); strings.Contains(got, "cannot tell") {
		t.Errorf("the weight is known: %s", got)
	}
}
