package transcript_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

// The cost of a turn and the limit of cost survive encoding, and so does an unknown cost.
func TestCostIsStored(t *testing.T) {
	known := says("a")
	known.Cost = new(provider.Money(420_000_000))
	free := says("b")
	free.Cost = new(provider.Money(0))
	in := log(limited("hi", transcript.Limits{Steps: 9, Calls: 9, Refusals: 9, Cost: provider.Dollar / 2}), known, free, says("c"))
	var b bytes.Buffer
	if err := transcript.Encode(&b, in); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"cost":"0.5"`, `"cost":"0.00042"`, `"cost":"0"`} {
		if strings.Count(b.String(), want) != 1 {
			t.Errorf("%s lacks %s", &b, want)
		}
	}
	out, err := transcript.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	k := transcript.Track(out)
	if got := k.Cost(); got != (transcript.Cost{Amount: 420_000_000, UnknownCalls: 1}) || got.String() != "at least $0.00042 (1 of unknown cost)" {
		t.Errorf("%+v %v", got, got)
	}
}
