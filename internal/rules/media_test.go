package rules_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall"
	"github.com/funcall/funcall/internal/apitest/adaptertest"
	"github.com/funcall/funcall/provider"
	"github.com/funcall/funcall/provider/providertest"
	"github.com/funcall/funcall/transcript"
)

const pngBytes = "\x89PNG\r\n\x1a\n"

var wantPNG = provider.Media{MIME: "image/png", Data: []byte(pngBytes)}

// A message with media that no API takes is refused, and the next one is not.
func TestR30_MediaOfAMessage(t *testing.T) {
	for want, m := range map[string]provider.Media{
		"the media has neither data nor a URL":                                                         {MIME: "image/png"},
		"MIME type image/png does not match the bytes (text/html); correct it or leave it empty":       {MIME: "image/png", Data: []byte("<html>404")},
		"MIME type application/pdf does not match the bytes (image/png); correct it or leave it empty": {MIME: "application/pdf", Data: []byte(pngBytes)},
		`the data URL "data:image/png" cannot be read: no comma; want data:<type>;base64,<data>`:       {URL: "data:image/png"},
		"MIME type image/gif does not match the bytes (image/png); correct it or leave it empty":       {MIME: "image/gif", URL: "data:;base64,iVBORw0KGgo="},
		`the data URL "data:image/png;base64,?" cannot be read: illegal b`:                             {URL: "data:image/png;base64,?"},
	} {
		chat := newAgent(t, providertest.NewScript(t, providertest.Say("Hello.")), funcall.Config{}).Session("s")
		_, err := chat.Send(t.Context(), "What is it?", funcall.Attach(wantPNG, m))
		if err == nil || !strings.HasPrefix(err.Error(), "funcall: Attach: part 1: "+want) {
			t.Errorf("%v, want %s", err, want)
		}
		if res, err := chat.Send(t.Context(), "Hi", funcall.Attach(wantPNG)); err != nil || res.Text() != "Hello." {
			t.Errorf("after %q: %v", want, err)
		}
	}
}

// Media of a tool's result is mended, or a text says what is wrong with it: the
// result is not lost, and the conversation goes on.
func TestR30_MediaOfAResult(t *testing.T) {
	for name, c := range map[string]struct {
		media provider.Media
		want  provider.Part
	}{
		"right":             {wantPNG, wantPNG},
		"another image":     {provider.Media{MIME: "image/jpeg", Data: []byte(pngBytes)}, wantPNG},
		"a data URL":        {provider.Media{URL: "data:image/png,%89PNG%0d%0a%1a%0a"}, wantPNG},
		"no type":           {provider.Media{Data: []byte(pngBytes)}, wantPNG},
		"empty":             {provider.Media{MIME: "image/png"}, provider.Text{Text: "[media left out: the media has neither data nor a URL; set Media.Data or Media.URL]"}},
		"no image":          {provider.Media{MIME: "image/png", Data: []byte("<html>404")}, provider.Text{Text: "[media left out: MIME type image/png does not match the bytes (text/html)]"}},
		"a broken data URL": {provider.Media{URL: "data:x"}, provider.Text{Text: `[media left out: the data URL "data:x" cannot be read: no comma; want data:<type>;base64,<data>]`}},
	} {
		given := []provider.Part{provider.Text{Text: "see"}, c.media}
		photo := funcall.NewTool("photo", "Takes a photo.", func(context.Context, struct{}) (any, error) { return given, nil })
		model := providertest.NewScript(t, providertest.Call("photo", "{}"), providertest.Say("Nice."))
		res, err := newAgent(t, model, funcall.Config{Tools: []funcall.Tool{photo}}).Run(t.Context(), "go")
		if err != nil || res.Text() != "Nice." || res.Calls[0].Status != transcript.StatusOK {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([]provider.Part{provider.Text{Text: "see"}, c.want}, res.Calls[0].Content); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !cmp.Equal(given[1], provider.Part(c.media)) {
			t.Errorf("%s: what the tool returned was changed", name)
		}
	}
}

// A data URL becomes bytes when it comes in, and in a request that holds one. An
// empty text beside media, which servers refuse, is not sent.
func TestDataURLs(t *testing.T) {
	address := provider.Media{URL: "data:image/png;name=a.png,%89PNG%0D%0A%1A%0A"}
	in, err := newAgent(t, providertest.NewScript(t), funcall.Config{}).NewInput(t.Context(), "s", "What is it?", funcall.Attach(address))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]provider.Part{provider.Text{Text: "What is it?"}, wantPNG}, in.Message.Parts); diff != "" {
		t.Error(diff)
	}
	for _, api := range apis {
		call := provider.ToolCall{ID: "c1", Name: "photo", Args: "{}"}
		result := provider.ToolResult{CallID: "c1", Name: "photo", Parts: []provider.Part{provider.Text{}, address}}
		ask := func(m provider.Media) (body string, err error) {
			server := api.serve(providertest.Say("A dot."))
			messages := []*provider.Message{provider.User("See", m, provider.Text{}), provider.Assistant(call), {Role: provider.RoleTool, Parts: []provider.Part{result}}}
			if _, err := api.dial(server.Start(t)).Generate(t.Context(), &provider.Request{Messages: messages}, nil); err != nil {
				return "", err
			}
			return string(server.Requests()[0]), nil
		}
		body, err := ask(address)
		if err != nil {
			t.Errorf("%s: %v", api.name, err)
			continue
		}
		if n := strings.Count(body, "iVBORw0KGgo="); n != 2 || strings.Contains(body, "%89") {
			t.Errorf("%s: the bytes are sent %d times: %s", api.name, n, body)
		}
		if strings.Contains(body, `"text":""`) {
			t.Errorf("%s: an empty text is sent: %s", api.name, body)
		}
		_, err = ask(provider.Media{URL: "data:image/png"})
		if e := adaptertest.Failure(t, err); e.Kind != provider.KindInvalidMedia || !strings.Contains(err.Error(), `message 0: part 1: the data URL "data:image/png" cannot be read`) {
			t.Errorf("%s: %v", api.name, err)
		}
	}
}
