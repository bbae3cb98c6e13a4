package ecommerce

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"
)

func TestMoneyText(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Money
		out  string
	}{
		{"115.97", 11597, "115.97"},
		{"0", 0, "0.00"},
		{"116", 11600, "116.00"},
		{"2847.5", 284750, "2847.50"},
		{"-0.05", -5, "-0.05"},
		{"1.2300", 123, "1.23"},
		{"90071992547409.93", 9007199254740993, "90071992547409.93"},
		{"92233720368547758.07", math.MaxInt64, "92233720368547758.07"},
		{"-92233720368547758.08", math.MinInt64, "-92233720368547758.08"},
	} {
		got, err := ParseMoney(c.in)
		if err != nil || got != c.want || got.String() != c.out {
			t.Errorf("ParseMoney(%q) = %d, %v, written %q; want %d, %q", c.in, got, err, got, c.want, c.out)
		}
	}
}

func TestMoneyRefusesWhatIsNotExact(t *testing.T) {
	for _, in := range []string{"", "-", ".", "1.", ".5", "1.005", "1e2", "+1", "--1", "0x10", "1,00", "92233720368547758.08", "NaN", "1_0", `"1.00"`} {
		if got, err := ParseMoney(in); err == nil {
			t.Errorf("ParseMoney(%q) = %v, want an error", in, got)
		}
	}
}

func TestMoneyJSON(t *testing.T) {
	b, err := json.Marshal(struct{ Total Money }{11597})
	if err != nil || string(b) != `{"Total":115.97}` {
		t.Fatalf("got %s, %v", b, err)
	}
	var v struct{ Total Money }
	if err := json.Unmarshal([]byte(`{"Total":115.97}`), &v); err != nil || v.Total != 11597 {
		t.Errorf("got %v, %v", v, err)
	}
	if err := json.Unmarshal([]byte(`{"Total":1.5e1}`), &v); err == nil {
		t.Errorf("an exponent was read as %v", v.Total)
	}
	if err := json.Unmarshal([]byte(`{"Total":null}`), &v); err != nil || v.Total != 11597 {
		t.Errorf("null made it %v, %v", v.Total, err)
	}
}

func TestMoneyTimes(t *testing.T) {
	for _, c := range []struct {
		price Money
		n     int
		want  Money // -1 if it is an error
	}{
		{1299, 2, 2598}, {0, math.MaxInt, 0}, {math.MaxInt64, 0, 0}, {math.MaxInt64, 1, math.MaxInt64}, {1, math.MaxInt, math.MaxInt64},
		{math.MaxInt64 / 2, 2, math.MaxInt64 - 1},
		{math.MaxInt64, 2, -1}, {1<<62 + 1, 4, -1}, {2, math.MaxInt, -1}, {math.MaxInt64, math.MaxInt, -1}, {-1, 1, -1}, {1, -1, -1}, {-1, -1, -1}, {math.MinInt64, 1, -1},
	} {
		got, err := c.price.Times(c.n)
		if (err != nil) != (c.want < 0) || err == nil && got != c.want {
			t.Errorf("%d pieces at %v: %v, %v", c.n, c.price, got, err)
		}
	}
}

func FuzzMoney(f *testing.F) {
	for _, s := range []string{"115.97", "-0.01", "0.100", "1e5", "92233720368547758.08"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMoney(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if got := big.NewRat(int64(m), 100); !ok || got.Cmp(want) != 0 {
			t.Fatalf("%q became %v", s, m)
		}
		if again, err := ParseMoney(m.String()); err != nil || again != m {
			t.Fatalf("%v is read back as %v, %v", m, again, err)
		}
	})
}
