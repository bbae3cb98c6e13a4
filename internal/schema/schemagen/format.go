package schemagen

import (
	"fmt"
	"time"
)

// formats make strings of the formats that are checked, and of those that stand
// for one of these. Each makes short ones among others, as there may be a
// bound.
var formats = map[string]func(*maker) string{
	"date-time": func(m *maker) string { return m.time().Format(time.RFC3339) },
	"date":      func(m *maker) string { return m.time().Format(time.DateOnly) },
	"time":      func(m *maker) string { return m.time().Format("15:04:05Z07:00") },
	"duration":  func(m *maker) string { return m.oneOf("P1D", "PT2H30M", "P3W", "P1Y2M3DT4H5M6S") },
	"period": func(m *maker) string {
		return m.oneOf("2024-11-20T08:00:00Z/P1D", "2024-11-20T08:00:00Z/2024-11-21T08:00:00Z")
	},

	"hostname":     hostname,
	"idn-hostname": hostname,
	"email":        email,
	"idn-email":    email,

	"ip-address": ipv4,
	"ipv4":       ipv4,
	"ipv6": func(m *maker) string {
		return m.oneOf("::1", "::", fmt.Sprintf("2001:db8::%x", 1+m.rand.IntN(65535)))
	},

	"uri":           uri,
	"iri":           uri,
	"uri-reference": uriReference,
	"uriref":        uriReference,
	"iri-reference": uriReference,
	"uri-template":  func(m *maker) string { return m.oneOf("/{id}", "https://example.com/orders/{id}") },

	"regex":                 func(m *maker) string { return m.oneOf("a", "^[a-z]+$", `\d{1,3}`) },
	"json-pointer":          func(m *maker) string { return m.oneOf("", "/a", "/items/0/a~1b") },
	"relative-json-pointer": func(m *maker) string { return m.oneOf("0", "1/a", "0#") },
	"uuid": func(m *maker) string {
		b := m.bytes(16)
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // random, as RFC 9562 marks it
		return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	},
}

func (m *maker) oneOf(list ...string) string { return list[m.rand.IntN(len(list))] }

// time is some time of this half-century, in UTC or some hours off.
func (m *maker) time() time.Time {
	t := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(m.rand.Int64N(50*365*86400)) * time.Second)
	if m.chance(1, 3) {
		return t.In(time.FixedZone("", 3600*(m.rand.IntN(23)-11)))
	}
	return t
}

func hostname(m *maker) string {
	return m.oneOf("a.io", "example.com", fmt.Sprintf("host-%d.example.org", m.rand.IntN(1000)))
}

func email(m *maker) string {
	return m.oneOf("a@b.io", "ada.lovelace+orders@example.com", fmt.Sprintf("user%d@example.com", m.rand.IntN(1000)))
}

func ipv4(m *maker) string { return fmt.Sprintf("192.0.2.%d", m.rand.IntN(256)) }

func uri(m *maker) string {
	return m.oneOf("a:b", "http://a.io", "https://example.com/orders?id=1#top", fmt.Sprintf("https://example.com/%d", m.rand.IntN(1_000_000)))
}

func uriReference(m *maker) string { return m.oneOf("", "/a", "orders/1?x=y", "https://example.com/") }
