package schemagen

import (
	"encoding/json"
	"math"
	"math/big"
)

// number makes a number: a multiple of a step between two bounds. Where no
// step is demanded, some power of ten is one.
func (m *maker) number(ds demands, integer bool) (any, error) {
	var r numberRange
	for _, d := range ds {
		r.narrow(d)
	}
	if integer {
		r.multiple(big.NewRat(1, 1))
	}
	if r.step != nil {
		return m.multiple(r)
	}
	// Fine enough for there to be a number at all.
	for digits := m.rand.IntN(4); digits < maxDigits; digits += 3 {
		r.step = new(big.Rat).SetFrac(big.NewInt(1), tenTo(digits))
		if n, err := m.multiple(r); err == nil {
			return n, nil
		}
	}
	return nil, errNothing
}

const maxDigits = 340

type numberRange struct {
	low, high         *big.Rat // nil where there is no bound
	aboveLow, belowHi bool     // the bound itself is out
	step              *big.Rat
}

func (r *numberRange) narrow(d map[string]any) {
	if n, ok := rat(d["minimum"]); ok {
		r.raise(n, false)
	}
	if n, ok := rat(d["exclusiveMinimum"]); ok {
		r.raise(n, true)
	}
	if n, ok := rat(d["maximum"]); ok {
		r.lower(n, false)
	}
	if n, ok := rat(d["exclusiveMaximum"]); ok {
		r.lower(n, true)
	}
	if n, ok := rat(d["multipleOf"]); ok && n.Sign() > 0 {
		r.multiple(n)
	}
}

func (r *numberRange) raise(n *big.Rat, out bool) {
	if r.low == nil || n.Cmp(r.low) > 0 || n.Cmp(r.low) == 0 && out {
		r.low, r.aboveLow = n, out
	}
}

func (r *numberRange) lower(n *big.Rat, out bool) {
	if r.high == nil || n.Cmp(r.high) < 0 || n.Cmp(r.high) == 0 && out {
		r.high, r.belowHi = n, out
	}
}

// multiple makes the step the least common multiple of itself and n.
func (r *numberRange) multiple(n *big.Rat) {
	if r.step == nil {
		r.step = n
		return
	}
	// Of fractions in lowest terms that is lcm(numerators)/gcd(denominators).
	lcm := new(big.Int).Mul(r.step.Num(), n.Num())
	lcm.Quo(lcm, new(big.Int).GCD(nil, nil, r.step.Num(), n.Num()))
	r.step = new(big.Rat).SetFrac(lcm, new(big.Int).GCD(nil, nil, r.step.Denom(), n.Denom()))
}

// reaches are how far a number may lie from the one bound that is given, or
// from zero. word ends what no bound does: where a schema says nothing, a
// machine word may be meant all the same.
var (
	reaches = []int64{10, 10, 1000, 1_000_000, 1<<53 + 1, math.MaxInt64}
	word    = new(big.Rat).SetInt64(math.MaxInt64)
)

// multiple makes a multiple of the step.
func (m *maker) multiple(r numberRange) (any, error) {
	reach := new(big.Rat).SetInt64(reaches[m.rand.IntN(len(reaches))])
	if reach.Cmp(r.step) < 0 {
		reach.Set(r.step)
	}
	low, high := r.low, r.high
	switch {
	case low == nil && high == nil:
		low, high = new(big.Rat).Neg(reach), reach
	case low == nil:
		low = new(big.Rat).Sub(high, reach)
		if least := new(big.Rat).Neg(word); least.Cmp(low) > 0 && least.Cmp(new(big.Rat).Sub(high, r.step)) < 0 {
			low = least
		}
	case high == nil:
		high = new(big.Rat).Add(low, reach)
		if word.Cmp(high) < 0 && word.Cmp(new(big.Rat).Add(low, r.step)) > 0 {
			high = word
		}
	}
	from, to := quotient(low, r.step, true), quotient(high, r.step, false)
	if r.aboveLow && scaled(from, r.step).Cmp(r.low) == 0 {
		from.Add(from, one)
	}
	if r.belowHi && scaled(to, r.step).Cmp(r.high) == 0 {
		to.Sub(to, one)
	}
	if from.Cmp(to) > 0 {
		return nil, errNothing
	}
	n := scaled(m.between(from, to), r.step)
	digits, exact := n.FloatPrec()
	if !exact {
		return nil, errNothing
	}
	return json.Number(n.FloatString(digits)), nil
}

// between chooses a number of a range, with a liking for its ends and for
// zero, where mistakes are made.
func (m *maker) between(from, to *big.Int) *big.Int {
	zero := new(big.Int)
	if from.Sign() > 0 {
		zero.Set(from)
	} else if to.Sign() < 0 {
		zero.Set(to)
	}
	switch m.rand.IntN(6) {
	case 0:
		return from
	case 1:
		return to
	case 2:
		return zero
	case 3, 4: // near zero
		near := zero.Add(zero, big.NewInt(m.rand.Int64N(201)-100))
		if near.Cmp(from) >= 0 && near.Cmp(to) <= 0 {
			return near
		}
	}
	width := new(big.Int).Sub(to, from)
	random := make([]byte, len(width.Bytes())+1)
	for i := range random {
		random[i] = byte(m.rand.Uint32())
	}
	n := new(big.Int).SetBytes(random)
	return n.Add(from, n.Mod(n, width.Add(width, one)))
}

var one = big.NewInt(1)

func scaled(n *big.Int, step *big.Rat) *big.Rat {
	return new(big.Rat).Mul(new(big.Rat).SetInt(n), step)
}

// quotient is n/step as an integer, rounded up or down.
func quotient(n, step *big.Rat, up bool) *big.Int {
	q := new(big.Rat).Quo(n, step)
	whole, rest := new(big.Int).DivMod(q.Num(), q.Denom(), new(big.Int)) // rounds down
	if up && rest.Sign() > 0 {
		whole.Add(whole, one)
	}
	return whole
}

func tenTo(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// rat reads a number of a schema, which the parser has found to be of a sane
// size.
func rat(v any) (*big.Rat, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(string(n))
}
