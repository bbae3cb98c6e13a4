package golden_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/funcall/funcall/golden"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
)

func TestRandomSessionsAreMasked(t *testing.T) {
	inDir(t)
	d := newDesk()
	d.session = ""
	d.record(t, "TestX", usual())
	if !strings.Contains(read(t, "TestX"), `"id":"run-<id>"}`) {
		t.Errorf("the file:\n%s", read(t, "TestX"))
	}
	try(t, "TestX", d.test()).passes(t)
}

func TestMask(t *testing.T) {
	inDir(t)
	d := newDesk()
	opt := golden.Mask(regexp.MustCompile(`\t?\d{4}-\d\d-\d\d( at \d+\. $)?`), "<date>")
	d.status, d.instructions, d.description = "shipped on 2024-11-20", "Today is\t2024-11-20 at 12. ", "Orders since 2024-11-20."
	d.record(t, "TestX", usual(), opt)
	if got := read(t, "TestX"); !strings.Contains(got, `"shipped on <date>"`) || strings.Contains(got, "2024") {
		t.Errorf("the file:\n%s", got)
	}
	d.status, d.instructions, d.description = "shipped on 2031-01-01", "Today is\t2031-01-01 at 1. ", "Orders since 2031-01-01."
	try(t, "TestX", d.test(opt)).passes(t)
}

// The model's text is played back unmasked.
func TestTheModelIsNotMasked(t *testing.T) {
	inDir(t)
	d := newDesk()
	opt := golden.Mask(regexp.MustCompile(`A\d`), "<order>")
	d.record(t, "TestX", providertest.NewScript(nil, providertest.Call("look_up", `{"order_id":"A1"}`), providertest.Say("A1 was shipped.")), opt)
	try(t, "TestX", d.test(opt)).passes(t)
	if got := d.results[0].Text(); got != "A1 was shipped." {
		t.Errorf("the model said %q", got)
	}
	if got := read(t, "TestX"); !strings.Contains(got, `"text":"A1 was shipped."`) || !strings.Contains(got, `"text":"Where is <order>?"`) {
		t.Errorf("the file:\n%s", got)
	}
}

func TestSecretsStayOut(t *testing.T) {
	inDir(t)
	const inEnv = `quite/"secret`
	t.Setenv("SHOP_API_TOKEN", inEnv)
	t.Setenv("SHOP_KEY", inEnv[:9]) // the beginning of the other
	keys := []string{inEnv, "sk-proj-abcdefghijklmnop1234", "AIzaSyA0123456789abcdefghijklmnopqrstuv", "gsk_abcdefghijklmnopqrstuvwx"}
	d := newDesk()
	d.says[0] = "My keys are " + strings.Join(keys, " ")
	d.status = "Authorization: Bearer abcdefghijklmnop0123 " + strings.Join(keys, " ")
	d.instructions, d.description = "Your key is\t"+keys[1]+" ", "The key is "+keys[2]
	d.settings.Stop, d.settings.Extra = []string{keys[3]}, json.RawMessage(`{"key":"`+keys[1]+`"}`)
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"quite/\"secret"}`).WithText("With "+keys[1]),
		providertest.Fail(&provider.Error{Kind: provider.KindAuth, Message: "bad key " + keys[2], Code: keys[1], Model: keys[2], Provider: keys[3]})))
	file := read(t, "TestX")
	for _, key := range append(keys, `quite/\"secret`, "quite", "abcdefghijklmnop0123") {
		if strings.Contains(file, key) {
			t.Errorf("%q stands in\n%s", key, file)
		}
	}
	if !strings.Contains(file, "Bearer <key> <key> <key>") {
		t.Errorf("the file:\n%s", file)
	}
	try(t, "TestX", d.test()).passes(t)
}

func TestRedact(t *testing.T) {
	inDir(t)
	d := newDesk()
	opt := golden.Redact("email", "phone")
	d.record(t, "TestX", providertest.NewScript(nil,
		providertest.Call("look_up", `{"order_id":"A1", "email":"sarah@example.com"}`),
		providertest.Say(`{"answer":"sent","EMAIL":"sarah@example.com"}`)), opt)
	file := read(t, "TestX")
	if strings.Contains(file, "sarah") || strings.Contains(file, "5550123") {
		t.Errorf("the file:\n%s", file)
	}
	for _, want := range []string{`{\"order_id\":\"A1\", \"email\":\"<redacted>\"}`, `"email": "<redacted>"`, `"phone": 0`, `"EMAIL": "<redacted>"`} {
		if !strings.Contains(file, want) {
			t.Errorf("%s does not stand in\n%s", want, file)
		}
	}
	// The agent was given what was written: so it is the same later.
	if got := d.results[0].Calls[0].Args; !strings.Contains(got, "<redacted>") {
		t.Errorf("the tool was called with %s", got)
	}
	try(t, "TestX", d.test(opt)).passes(t)
}

// Keys of every name, form and spelling are removed, from errors, too.
func TestSecretsOfEveryForm(t *testing.T) {
	inDir(t)
	t.Setenv("OPENAI_APIKEY", "abc++def=12\n")
	t.Setenv("AWS_ACCESS_KEY_ID", "plainvalue77")
	d := newDesk()
	d.says[0] = `abc++def=12 and {"note":"a\nsk-proj-abcdefghijklmnop"} and key=abc%2B%2Bdef%3D12 and plainvalue77 and github_pat_11ABCDEFG0abcdefghijklmnop and glpat-abcdefghijklmnopqrstu`
	d.record(t, "TestX", usual())
	d.says = []string{d.says[0], d.says[0]}
	once := try(t, "TestX", d.test())
	once.fails(t, "asks for turn 3")
	for _, s := range []string{read(t, "TestX"), once.failures[0]} {
		for _, key := range []string{"def=12", "def%3D12", "plainvalue", "ABCDEFG0", "klmnop"} {
			if strings.Contains(s, key) {
				t.Errorf("%q stands in\n%s", key, s)
			}
		}
	}
}
