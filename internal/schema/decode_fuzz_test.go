package schema

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// embeds embeds structs in the ways that encoding/json knows.
type embeds struct {
	EmbeddedC
	*address
	*Pointed
	promoted
	Own int `json:"own,string"`
}

type Pointed struct {
	Deep *string        `json:"deep"`
	More map[string]any `json:"more"`
}

type promoted struct {
	Promoted []byte `json:"promoted"`
}

// promoting are types without a name whose methods are those of what they embed.
type promoting struct {
	Value   struct{ time.Time }  `json:"value"`
	Pointer *struct{ time.Time } `json:"pointer"`
	List    []struct{ colour }   `json:"list"`
}

type (
	text   string
	octet  uint8
	octets []octet
	flag   bool
	ratios []float32
	byName map[text]*int16
	raw    json.RawMessage
)

// allSorts has a field of each kind.
type allSorts struct {
	S   text                 `json:"s"`
	B   flag                 `json:"b"`
	I   int8                 `json:"i"`
	U   uint16               `json:"u"`
	F   float32              `json:"f"`
	N   json.Number          `json:"n"`
	R   json.RawMessage      `json:"r"`
	RP  *json.RawMessage     `json:"rp"`
	Raw raw                  `json:"raw"`
	A   any                  `json:"a"`
	O   octets               `json:"o"`
	Ar  [3]octet             `json:"ar"`
	L   ratios               `json:"l"`
	LL  [][]*text            `json:"ll"`
	M   byName               `json:"m"`
	MI  map[int8]int         `json:"mi"`
	MU  map[octet][2]bool    `json:"mu"`
	ML  map[lower]int        `json:"ml"`
	MT  map[netip.Addr]int   `json:"mt"`
	P   ***text              `json:"p"`
	T   time.Time            `json:"t"`
	TP  *time.Time           `json:"tp"`
	C   colour               `json:"c"`
	D   map[string]decimal   `json:"d"`
	Ct  cents                `json:"ct"`
	Err error                `json:"err"`
	QI  int64                `json:"qi,string"`
	QB  *bool                `json:"qb,string"`
	QF  float64              `json:"qf,string"`
	QS  string               `json:"qs,string"`
	QN  json.Number          `json:"qn,string"`
	Up  uintptr              `json:"up"`
	Cx  struct{ C chan int } `json:"cx"`
}

// many has more fields than a decoder counts.
var many = func() reflect.Type {
	var fields []reflect.StructField
	for i := range maxProps + 1 {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[map[string]int]()})
	}
	return reflect.StructOf(fields)
}()

var decodedTypes = []reflect.Type{
	reflect.TypeFor[allSorts](), reflect.TypeFor[embeds](), reflect.TypeFor[promoting](), reflect.TypeFor[orderArgs](), reflect.TypeFor[node](),
	reflect.TypeFor[shipment](), reflect.TypeFor[map[string]allSorts](), reflect.TypeFor[openOptions](), many,
}

// FuzzDecode compares the decoder with encoding/json, over types made from bytes, texts made
// for them, and texts that the fuzzer wrote.
func FuzzDecode(f *testing.F) {
	for i := range len(decodedTypes) + 40 {
		f.Add(uint8(i), uint64(i), []byte(strings.Repeat(string(rune('a'+i)), i)), `{"a":1,"order_id":"\u00e9","v":[1.5,{"x":null}]}`, uint16(i*7), uint8(i))
	}
	f.Add(uint8(0), uint64(1), []byte{}, `{"m":{"a":1},"l":[1,2],"m":{"b":2},"l":[null]}`, uint16(0), uint8(0))
	f.Add(uint8(0), uint64(1), []byte{}, `{"S":"x","i":"1","qi":"null","qb":"true","mi":{"01":1,"1":2},"p":null,"rp":null,"r":null,"t":null,"c":null}`, uint16(0), uint8(0))
	f.Add(uint8(len(decodedTypes)-1), uint64(1), []byte{}, `{"F64":{"a":1},"F64":{"b":2}}`, uint16(0), uint8(0))
	for _, raw := range []string{`null`, `{"ml":{"A":1}}`, `{"qs":"\"x\""}`, `{"qn":"1"}`, `{"qs":"x"}`} {
		f.Add(uint8(0), uint64(1), []byte{}, raw, uint16(0), uint8(0))
	}
	f.Add(uint8(0), uint64(1), []byte{}, `{"s":"x"} 1`, uint16(0), uint8(0))
	f.Add(uint8(0), uint64(1), []byte{}, `{"qi":"1 "}`, uint16(0), uint8(0))
	f.Add(uint8(1), uint64(1), []byte{}, `{"own":"01","city":null,"deep":null,"promoted":"a\nGk="} {}`, uint16(0), uint8(0))
	f.Fuzz(func(t *testing.T, pick uint8, seed uint64, data []byte, raw string, at uint16, with uint8) {
		typ := decodedTypes[int(pick)%len(decodedTypes)]
		if int(pick) >= len(decodedTypes) {
			m := &maker{data: data}
			typ = m.structType(0)
		}
		g := newGoType(typ)
		if ambiguous(g, map[*goType]bool{}) {
			return
		}
		decodesAlike(t, g, raw)
		w := &jsonWriter{rand.New(rand.NewPCG(seed, 0))}
		for range 4 {
			text := w.value(g, 0)
			decodesAlike(t, g, text)
			if n := int(at); n < len(text) { // one byte of it is another
				decodesAlike(t, g, text[:n]+string([]byte{with})+text[n+1:])
			}
		}
	})
}

// decodesAlike decodes a text both ways. It reports whether the decoder read it.
func decodesAlike(t *testing.T, g *goType, text string) bool {
	t.Helper()
	got, want := reflect.New(reflect.PointerTo(g.Type)), reflect.New(reflect.PointerTo(g.Type))
	ok := g.decode(text, got.Interface())
	if !ok {
		if !got.Elem().IsZero() {
			t.Fatalf("%s: %s leaves %+v", g, text, got.Elem())
		}
		return false
	}
	if err := unmarshal(text, want.Interface()); err != nil || !reflect.DeepEqual(got.Interface(), want.Interface()) {
		t.Fatalf("%s: %s: %v\n got %+v\nwant %+v", g, text, err, got.Elem(), want.Elem())
	}
	return true
}

// ambiguous reports whether a type has fields that no schema is made for.
func ambiguous(g *goType, seen map[*goType]bool) bool {
	if g == nil || seen[g] {
		return false
	}
	seen[g] = true
	if g.fields != nil {
		if _, problems := fieldsOf(g.Type); len(problems) > 0 && g.Type != reflect.TypeFor[embeds]() {
			return true
		}
	}
	return ambiguous(g.elem, seen) || slices.ContainsFunc(g.fields, func(f goField) bool { return ambiguous(f.goType, seen) })
}

// A jsonWriter writes texts that a type most often decodes.
type jsonWriter struct{ *rand.Rand }

func (w *jsonWriter) pick(texts ...string) string { return texts[w.IntN(len(texts))] }

func (w *jsonWriter) space() string { return w.pick("", "", "", " ", "\n\t") }

func (w *jsonWriter) value(g *goType, depth int) string {
	if w.IntN(20) == 0 {
		return "null"
	}
	switch g.reads {
	case readsBool:
		return w.pick("true", "false")
	case readsNumber:
		if g.Type == nil || g.Kind() == reflect.Float32 || g.Kind() == reflect.Float64 {
			return w.pick("0", "-0", "1.5", "0.1", "3.4028235", "12345678901234567890.123", "1e3")
		}
		return w.pick("0", "1", "-1", "127", "128", "255", "65536", "2147483648", "9223372036854775807", "18446744073709551615", "-9223372036854775808")
	case readsBytes:
		return w.pick(`""`, `"aGk="`, `"aGk\u003d"`, `"aGk"`, `"aGk=\n"`, "[1]")
	case readsList:
		return w.list(g.elem, depth)
	case readsMap:
		return w.object(depth, func() (string, string) {
			return w.pick("a", "A", "1", "-1", "07", "300", "é"), w.value(g.elem, depth+1)
		})
	case readsStruct:
		names := w.Perm(len(g.fields))
		if w.IntN(2) == 0 {
			slices.Sort(names)
		}
		return w.object(depth, func() (string, string) {
			if len(names) == 0 {
				return "", ""
			}
			f := g.fields[names[0]]
			names = names[1:]
			text := w.value(f.goType, depth+1)
			if f.quoted && text != "null" && w.IntN(10) > 0 {
				text = strconv.Quote(text)
			}
			return f.name, text
		})
	case readsPointer:
		return w.value(g.elem, depth)
	case readsRaw, readsAny:
		return w.any(depth)
	}
	if g.reads == readsForeign {
		return w.any(depth)
	}
	return w.pick(`""`, `"x"`, `"red"`, `"blue"`, `"::1"`, `"12.50"`, `"012.50"`, `"2026-01-31T15:04:05Z"`, `"é日本"`, `"a\n\"\\\/\u00e9\b"`, `"\ud83d\ude00"`, `"\ud83d"`)
}

func (w *jsonWriter) any(depth int) string {
	if depth > 3 {
		return "1"
	}
	inside := &goType{reads: readsAny}
	switch w.IntN(5) {
	case 0:
		return w.list(inside, depth)
	case 1:
		return w.object(depth, func() (string, string) { return w.pick("a", "b", "c d", ""), w.value(inside, depth+1) })
	case 2:
		return w.value(&goType{reads: readsNumber}, depth)
	case 3:
		return w.value(&goType{reads: readsBool}, depth)
	}
	return w.value(&goType{reads: readsString}, depth)
}

func (w *jsonWriter) list(elem *goType, depth int) string {
	var items []string
	for range w.IntN(6) / (depth + 1) {
		items = append(items, w.value(elem, depth+1))
	}
	return "[" + w.space() + strings.Join(items, w.space()+","+w.space()) + w.space() + "]"
}

func (w *jsonWriter) object(depth int, member func() (name, value string)) string {
	var members []string
	for range w.IntN(30) / (depth*depth + 1) {
		name, value := member()
		if name == "" {
			break
		}
		members = append(members, `"`+name+`"`+w.space()+":"+w.space()+value)
	}
	return w.space() + "{" + w.space() + strings.Join(members, w.space()+","+w.space()) + w.space() + "}"
}

// The texts of the fuzz target must not all be left to encoding/json, or it would test nothing.
func TestGeneratedTextsAreDecoded(t *testing.T) {
	for _, typ := range decodedTypes {
		g := newGoType(typ)
		decoded := 0
		for seed := range uint64(500) {
			w := &jsonWriter{rand.New(rand.NewPCG(seed, 1))}
			if decodesAlike(t, g, w.value(g, 0)) {
				decoded++
			}
		}
		if decoded < 12 && typ != many {
			t.Errorf("%s: %d of 500 texts are decoded", typ, decoded)
		}
		if g.reads != readsStruct {
			continue
		}
		for _, f := range g.fields { // alone: one that is left would hide behind the others
			decoded, right := 0, 0
			for seed := range uint64(200) {
				w := &jsonWriter{rand.New(rand.NewPCG(seed, 2))}
				text := w.value(f.goType, 0)
				if text == "null" {
					continue
				}
				if f.quoted {
					text = strconv.Quote(text)
				}
				text = `{"` + f.name + `":` + text + `}`
				if decodesAlike(t, g, text) {
					decoded++
				}
				if unmarshal(text, reflect.New(typ).Interface()) == nil {
					right++
				}
			}
			if foreign := f.reached().reads == readsForeign; (decoded > 0) != (right > 0 && !foreign) {
				t.Errorf("%s: of the field %s, %d texts are right and %d decoded; encoding/json must read it: %v", typ, f.name, right, decoded, foreign)
			}
		}
	}
}
