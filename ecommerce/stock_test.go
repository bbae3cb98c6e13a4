package ecommerce

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestClosestWarehouse(t *testing.T) {
	bySKU := make(map[string]Stock)
	for _, s := range referenceStock() {
		bySKU[s.SKU] = s
	}
	for _, c := range []struct{ sku, zip, want string }{
		{"WEP-2024", "", chicago},
		{"WEP-2024", "62704", chicago},
		{"WEP-2024", "75201", dallas},
		{"WEP-2024", "90001", losAngeles},
		{"WEP-2024", "98101", losAngeles}, // Seattle stocks none
		{"MKR-104", "98101", seattle},
		{"MKR-104", "98101-1234", seattle},
		{"MKR-104", "75201", chicago},
		{"UHD-4K-55", "90001", chicago},
		{"UCC-2M", "", dallas},
		{"UCC-2M", "02134", chicago},
	} {
		a, err := bySKU[c.sku].For(c.zip, 1)
		if err != nil || a.ClosestWarehouse == nil || a.ClosestWarehouse.Location != c.want {
			t.Errorf("%s for %q: %+v, %v; want %s", c.sku, c.zip, a, err, c.want)
		}
	}
}

func TestEveryZIPCodeHasAWarehouse(t *testing.T) {
	for d := byte('0'); d <= '9'; d++ {
		if cities := citiesBy(string(d) + "0000"); len(cities) != 4 {
			t.Errorf("%c0000: %v", d, cities)
		}
	}
}

func TestZIPCodes(t *testing.T) {
	s := referenceStock()[0]
	for _, zip := range []string{"1", "6270", "627040", "6270a", "62704-", "62704-12", "62704-12345", "-62704", "６２７０４", "62704 "} {
		_, err := s.For(zip, 1)
		if r, is := errors.AsType[*Refusal](err); !is || !strings.Contains(r.Message, "is not a valid ZIP code") || r.SKU != s.SKU {
			t.Errorf("%q: %v", zip, err)
		}
	}
}

func TestMeetsQuantity(t *testing.T) {
	s := referenceStock()[0]
	for needed, want := range map[int]bool{1: true, 47: true, 48: false} {
		if a, err := s.For("", needed); err != nil || a.MeetsQuantity != want || a.QuantityAvailable != 47 || a.QuantityNeeded != needed {
			t.Errorf("%d: %+v, %v", needed, a, err)
		}
	}
}

func TestNoWarehouse(t *testing.T) {
	a, err := Stock{SKU: "X", Name: "X"}.For("62704", 1)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(a)
	for _, want := range []string{`"closest_warehouse":null`, `"warehouses":[]`, `"meets_quantity":false`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s lacks %s", b, want)
		}
	}
}
