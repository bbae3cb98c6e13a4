package transcript_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/transcript"
)

const header = `{"funcall_transcript":"1.2","id":"s"}` + "\n"

func decode(s string) (transcript.Transcript, error) {
	return transcript.Decode(strings.NewReader(s))
}

func TestR24_RoundTrip(t *testing.T) {
	tr := journey()
	b := encoded(t, tr)
	got, err := transcript.Decode(iotest.OneByteReader(bytes.NewReader(b)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tr, got, same); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := encoded(t, got); !bytes.Equal(b, again) {
		t.Errorf("what was decoded is encoded differently:\n%s", cmp.Diff(string(b), string(again)))
	}
	for i := range got.Entries {
		got.Entries[i].Time = got.Entries[i].Time.In(another)
	}
	if abroad := encoded(t, got); !bytes.Equal(b, abroad) {
		t.Errorf("in another time zone it is encoded differently:\n%s", cmp.Diff(string(b), string(abroad)))
	}
	if lines := bytes.Count(b, []byte("\n")); lines != 1+len(tr.Entries) || !bytes.HasSuffix(b, []byte("\n")) {
		t.Errorf("%d lines for %d entries", lines, len(tr.Entries))
	}
}

// The format of stored transcripts is that of version 1.1. A change of this text is a change
// of the format.
func TestR24_Format(t *testing.T) {
	tr := log(
		limited("Return <ORD-1> & co.", transcript.Limits{Steps: 16, Calls: 64, Refusals: 3, Tokens: 1000, ActiveTime: time.Minute, ClosingText: "Sorry."}),
		costs(asksSaying("Let me see.", transcript.Call{
			ID: "a", Tool: "return_order", Digest: "d", Args: `{"n":9007199254740993}`, Class: transcript.ClassEffect,
			Coercions: []string{"unwrapped"}, ApprovalReason: "It costs money.", EndsWith: transcript.OutcomeHandedOff,
		}, refused("b")), 10, 5),
		&transcript.Decision{Ref: at(1, 0), Digest: "d", Verdict: transcript.VerdictApprove, Args: `{"n":1}`, Text: "Fine.", By: "anna"},
		intent(at(1, 0), 1),
		void(at(1, 0), 1),
		&transcript.Resume{},
		&transcript.Result{Ref: at(1, 1), Status: transcript.StatusRefused, Content: []provider.Part{provider.Text{Text: "no"}}, ErrorText: "x", Duration: 1500},
		&transcript.Result{Ref: at(1, 0), Status: transcript.StatusSkipped},
		&transcript.End{Outcome: transcript.OutcomeLimit, Reason: "steps", ClosingText: "Sorry."},
		&transcript.Attempt{Attempt: provider.Attempt{
			Kind: provider.KindFiltered, Error: "no", Provider: "p", Model: "m", RequestID: "r", Usage: provider.Usage{Input: 7}, Cost: new(provider.Money), Duration: 1500,
			Then: provider.ThenGiveUp,
		}},
		&transcript.Withdrawal{From: 2, Reason: provider.KindFiltered},
	)
	const want = header +
		`{"at":"2026-03-01T12:00:00Z","type":"input","message":{"role":"user","parts":[{"type":"text","text":"Return <ORD-1> & co."}]},"subject":"CUST-1","limits":{"steps":16,"calls":64,"refusals":3,"tokens":1000,"active_ns":60000000000,"words":"Sorry."}}
{"at":"2026-03-01T12:00:01Z","type":"output","message":{"role":"assistant","parts":[{"type":"text","text":"Let me see."},{"type":"tool_call","id":"a","name":"return_order","args":"{\"n\":9007199254740993}"},{"type":"tool_call","id":"b","name":"tool_b","args":""}]},"finish":"tool_calls","usage":{"input":10,"output":5},"calls":[{"id":"a","tool":"return_order","digest":"d","args":"{\"n\":9007199254740993}","class":"effect","fixes":["unwrapped"],"ask":"It costs money.","ends":"handed_over"},{"id":"b","tool":"tool_b","refused":"/of: is missing"}]}
{"at":"2026-03-01T12:00:02Z","type":"decision","call":"1.0","digest":"d","verdict":"approve","args":"{\"n\":1}","text":"Fine.","by":"anna"}
{"at":"2026-03-01T12:00:03Z","type":"intent","call":"1.0","attempt":1}
{"at":"2026-03-01T12:00:04Z","type":"intent","call":"1.0","attempt":1,"void":true}
{"at":"2026-03-01T12:00:05Z","type":"resume"}
{"at":"2026-03-01T12:00:06Z","type":"result","call":"1.1","status":"refused","content":[{"type":"text","text":"no"}],"error":"x","took_ns":1500}
{"at":"2026-03-01T12:00:07Z","type":"result","call":"1.0","status":"skipped","content":[]}
{"at":"2026-03-01T12:00:08Z","type":"end","outcome":"limit","why":"steps","words":"Sorry."}
{"at":"2026-03-01T12:00:09Z","type":"attempt","kind":"filtered","error":"no","provider":"p","model":"m","request_id":"r","usage":{"input":7},"cost":"0","duration_ns":1500,"then":"give_up"}
{"at":"2026-03-01T12:00:10Z","type":"withdrawal","needs":"1.1","from":2,"reason":"filtered"}
`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(encoded(t, tr)), "\n")); diff != "" {
		t.Errorf("the format changed (-want +got):\n%s", diff)
	}
	got, err := decode(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tr, got, same); diff != "" {
		t.Errorf("it is read differently (-want +got):\n%s", diff)
	}
}

func TestR24_Versions(t *testing.T) {
	for version, want := range map[string]string{
		transcript.Version:        "",
		"1.99":                    "",
		"1.65535":                 "",
		"2.0":                     "version 2.0 is newer than this program, which reads versions 1.x: upgrade github.com/funcall/funcall",
		"65535.9":                 "is newer than this program",
		"0.9":                     `"0.9" is no version`,
		"1":                       `"1" is no version`,
		"1.":                      `"1." is no version`,
		"1.0.0":                   `"1.0.0" is no version`,
		"1.x":                     `"1.x" is no version`,
		"-1.0":                    `"-1.0" is no version`,
		"1.-1":                    `"1.-1" is no version`,
		"+1.0":                    `"+1.0" is no version`,
		" 1.0":                    `" 1.0" is no version`,
		"99999999999999.0":        `is no version`,
		strings.Repeat("x", 1000): `"xxxxxxxxxxxxxxxxxxxx" is no version`,
	} {
		_, err := decode(`{"funcall_transcript":"` + version + `","id":"s"}`)
		checkErr(t, version, err, want)
		if newer := strings.Contains(want, "newer"); errors.Is(err, transcript.ErrNewerVersion) != newer {
			t.Errorf("%s: %v is ErrNewerVersion: %v", version, err, !newer)
		}
	}
}

// checkErr compares an error's text; "" means no error.
func checkErr(t *testing.T, of string, err error, want string) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%.60q: got %v, want %q", of, err, want)
	}
}

// A newer minor version adds entries, parts and fields. The first two are kept byte for byte,
// and known entries are read as before.
func TestR24_NewerMinorVersion(t *testing.T) {
	const in = `{"funcall_transcript":"1.9","id":"s","by":"a newer one"}
{"type":"annotation","at":"2026-03-01T12:00:00.5Z","stars":9007199254740993,"f":1.50,"text":"<&>\u0041 ` + "\u2028" + `","nested":{"b":1,"a":[]}}
{"at":"2026-03-01T12:00:01Z","type":"input","message":{"role":"user","parts":[{"type":"hologram","z":1.0e1,"a":"é\/"},{"type":"text","text":"hi","mood":"good"}]},"limits":{"steps":1,"calls":1,"refusals":1,"patience":2},"mood":"good"}
`
	tr, err := decode(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := transcript.Validate(tr); err != nil {
		t.Error(err)
	}
	if got := brief(transcript.Next(tr)); got != "model" {
		t.Errorf("Next is %s", got)
	}
	if u, ok := tr.Entries[0].Body.(*transcript.Unknown); !ok || u.Type != "annotation" || !tr.Entries[0].Time.Equal(noon.Add(time.Second/2)) {
		t.Errorf("the unknown body is %#v, of %v", tr.Entries[0].Body, tr.Entries[0].Time)
	}
	was, is := strings.Split(in, "\n"), strings.Split(string(encoded(t, tr)), "\n")
	if is[1] != was[1] {
		t.Errorf("the unknown body became\n%s\nfrom\n%s", is[1], was[1])
	}
	if part := `{"type":"hologram","z":1.0e1,"a":"é\/"}`; !strings.Contains(is[2], part) {
		t.Errorf("the unknown part %s is not in\n%s", part, is[2])
	}
}

func TestDecodeErrors(t *testing.T) {
	good := `{"at":"2026-03-01T12:00:00Z","type":"resume"}` + "\n"
	for in, want := range map[string]string{
		"":                                    `line 1 is not a header such as {"funcall_transcript":"1.2","id":"…"}`,
		"\n" + header:                         "line 1 is not a header",
		good:                                  "line 1 is not a header",
		"[]":                                  "line 1 is not a header",
		`{"funcall_transcript":1.0}`:          "line 1 is not a header",
		header + good + `{"at":`:              `transcript "s": line 3: unexpected end of JSON input`,
		header + good + "\n\n" + `x`:          `transcript "s": line 5: invalid character 'x'`,
		header + good[:20] + "\n" + good[20:]: `transcript "s": line 2:`,
		header + `null`:                       `line 2: the entry has no "type"`,
		header + `{}`:                         `line 2: the entry has no "type"`,
		header + `[]`:                         `line 2:`,
		header + good + good[:len(good)-1] + good:                                                                `line 3: invalid character '{' after top-level value`,
		header + `{"type":"input","limits":{}}`:                                                                  "line 2: input: message is missing",
		header + `{"type":"output","message":null}`:                                                              "line 2: output: message is missing",
		header + `{"type":"output","message":{"role":"assistant","parts":[{}]}}`:                                 `line 2: output: message: part 0: missing "type"`,
		header + `{"type":"result","call":"1.0","content":[{"type":"text"},{}]}`:                                 `line 2: result: part 1: missing "type"`,
		header + `{"type":"result","call":"1.0","content":7}`:                                                    `line 2: result: parts:`,
		header + `{"type":"result","call":[1,0]}`:                                                                `line 2: result:`,
		header + `{"type":"intent","call":"1"}`:                                                                  `line 2: intent: invalid call reference "1"; want entry.index, such as 3.0`,
		header + `{"type":"intent","call":"1.0.0"}`:                                                              `invalid call reference`,
		header + `{"type":"intent","call":"01.0"}`:                                                               `invalid call reference`,
		header + `{"type":"intent","call":"+1.0"}`:                                                               `invalid call reference`,
		header + `{"type":"intent","call":"1.99999999999999999999"}`:                                             `invalid call reference`,
		header + `{"type":"intent","call":"1.0","attempt":1.5}`:                                                  `line 2: intent:`,
		header + `{"type":"resume","at":"yesterday"}`:                                                            `line 2:`,
		header + `{"type":"resume","at":"9999-12-31T23:59:59-23:59"}`:                                            `line 2: time "9999-12-31T23:59:59-23:59" is outside the years`,
		header + `{"type":"resume","at":"0000-01-01T00:00:00+23:59"}`:                                            `line 2: time "0000-01-01T00:00:00+23:59" is outside the years`,
		header + `{"type":"resume","needs":"soon"}`:                                                              `line 2: needs: "soon" is no version`,
		header + `{"type":"rating","needs":"1.2.0"}`:                                                             `line 2: needs: "1.2.0" is no version`,
		header + `{"type":"resume","needs":1.2}`:                                                                 `line 2: json: cannot unmarshal number`,
		header + `{"type":"end","outcome":7}`:                                                                    `line 2: end:`,
		header + `{"type":"input","message":{"role":"user","parts":[]},"limits":{"steps":99999999999999999999}}`: `line 2: input:`,
	} {
		tr, err := decode(in)
		checkErr(t, in, err, want)
		if err == nil || !strings.HasPrefix(err.Error(), "transcript") || len(tr.Entries) > 0 {
			t.Errorf("%.60q: got %d entries and %v", in, len(tr.Entries), err)
		}
	}
}

func TestDecodeIgnoresWhiteSpace(t *testing.T) {
	tr, err := decode("  " + strings.TrimSpace(header) + " \r\n\r\n \t{ \"type\" : \"resume\", \"at\":\"2026-03-01T13:00:00+01:00\" } \r\n\n" + `{"type":"x", "n": [ 1 ]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := transcript.Transcript{ID: "s", Entries: []transcript.Entry{
		{Time: noon, Body: &transcript.Resume{}},
		{Body: &transcript.Unknown{Type: "x", Raw: json.RawMessage(`{"type":"x","n":[1]}`)}},
	}}
	if diff := cmp.Diff(want, tr, same); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeLongLines(t *testing.T) {
	text := strings.Repeat("0123456789abcdef", 1<<16)
	tr := log(user(text), says(text))
	if diff := cmp.Diff(tr, recoded(t, tr), same); diff != "" {
		t.Error("a megabyte in one line changed")
	}
}

var errBroken = errors.New("broken")

func TestCodecReturnsErrorsOfReadersAndWriters(t *testing.T) {
	_, err := transcript.Decode(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(header))))
	if !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("Decode: %v", err)
	}
	if err := transcript.Encode(failing{}, journey()); !errors.Is(err, errBroken) {
		t.Errorf("Encode: %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errBroken }

func TestEncodeErrors(t *testing.T) {
	far := log(user("hi"))
	far.Entries[0].Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for want, tr := range map[string]transcript.Transcript{
		`transcript "s", entry 1: the entry has no body`:                            log(user("hi"), nil),
		`transcript "s", entry 0: unknown entry type "x" has no raw JSON`:           log(&transcript.Unknown{Type: "x"}),
		`transcript "s", entry 0: `:                                                 log(&transcript.Unknown{Type: "x", Raw: json.RawMessage("{")}),
		`transcript "s", entry 0: Time.MarshalJSON: year outside of range [0,9999]`: far,
		`part 0: type <nil> cannot be stored`:                                       log(&transcript.Input{Message: provider.Assistant(nil)}),
		`part 1: type <nil> cannot be`:                                              log(&transcript.Result{Content: []provider.Part{provider.Text{}, nil}}),
	} {
		var b bytes.Buffer
		checkErr(t, want, transcript.Encode(&b, tr), want)
	}
}

func TestRefText(t *testing.T) {
	for _, r := range []transcript.Ref{{}, at(3, 0), at(12, 345)} {
		b, err := r.MarshalText()
		var got transcript.Ref
		if err == nil {
			err = got.UnmarshalText(b)
		}
		if err != nil || got != r || string(b) != r.String() {
			t.Errorf("%v became %s and %v, %v", r, b, got, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, journey()))
	f.Add([]byte(header + `{"type":"new","at":"2026-03-01T12:00:00+14:00","x":[1.50, "\u003c"]}`))
	f.Add([]byte(header + `{"type":"input","message":{"role":"user","parts":[{"type":"p", "a":1}],"state":{"owner":"o","data":{"b" :1}}},"settings":{"stop":[],"extra":{ "a":1}}}`))
	f.Add([]byte(header + `{"type":"end","needs":"1.2","outcome":[ 7 ]}` + "\n" + `{"type":"end","needs":"1.0","outcome":"done"}`))
	f.Add([]byte(`{"funcall_transcript":"1.7","id":"\u0000"}` + "\r\n\n" + `{"Type":"end","TYPE":"resume","at":"0000-01-01T00:00:00.000000001Z"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		tr, err := transcript.Decode(bytes.NewReader(in))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := transcript.Encode(&b, tr); err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		again, err := transcript.Decode(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v\n%s", err, b.Bytes())
		}
		// Bytes that are no UTF-8 may be replaced.
		compactExtra(t, tr)
		if diff := cmp.Diff(tr, again, same); diff != "" && utf8.Valid(in) {
			t.Fatalf("(-first +second):\n%s\n%s", diff, b.Bytes())
		}
		if once := encoded(t, again); utf8.Valid(in) && !bytes.Equal(b.Bytes(), once) {
			t.Fatalf("the second encoding differs from the first:\n%s\n%s", b.Bytes(), once)
		}
	})
}

// compactExtra removes white space from JSON that the caller wrote.
func compactExtra(t *testing.T, tr transcript.Transcript) {
	for _, e := range tr.Entries {
		in, ok := e.Body.(*transcript.Input)
		if !ok || in.Settings == nil || len(in.Settings.Extra) == 0 {
			continue
		}
		var b bytes.Buffer
		if err := json.Compact(&b, in.Settings.Extra); err != nil {
			t.Fatal(err)
		}
		in.Settings.Extra = b.Bytes()
	}
}
