package wiremedia

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/funcall/funcall/provider"
)

func TestInline(t *testing.T) {
	for address, want := range map[string]provider.Media{
		"data:image/png;base64,AQID":                          {MIME: "image/png", Data: []byte{1, 2, 3}},
		"DATA:Image/PNG;Base64,AQID":                          {MIME: "image/png", Data: []byte{1, 2, 3}},
		"data:image/png; name=a.png;base64,AQID":              {MIME: "image/png", Data: []byte{1, 2, 3}},
		"data:image/png;base64,AQI":                           {MIME: "image/png", Data: []byte{1, 2}},
		"data:image/png;base64,AQI=":                          {MIME: "image/png", Data: []byte{1, 2}},
		"data:image/png;base64,AQI%3D":                        {MIME: "image/png", Data: []byte{1, 2}},
		"data:image/png;base64,%2B%2f%0A+/":                   {MIME: "image/png", Data: []byte{0xfb, 0xff, 0xbf}},
		"data:image/png;base64,-_-_":                          {MIME: "image/png", Data: []byte{0xfb, 0xff, 0xbf}},
		"data:image/png;base64, AQ\n ID ":                     {MIME: "image/png", Data: []byte{1, 2, 3}},
		"data:image/svg+xml,%3Csvg%20a='1+2'/%3E":             {MIME: "image/svg+xml", Data: []byte("<svg a='1+2'/>")},
		"data:,a%2Cb":                                         {MIME: "text/plain", Data: []byte("a,b")},
		"data:;charset=utf-8,ä":                               {MIME: "text/plain", Data: []byte("ä")},
		"data:;base64,AQID":                                   {MIME: "text/plain", Data: []byte{1, 2, 3}},
		"data:text/plain;base64=no,a,b":                       {MIME: "text/plain", Data: []byte("a,b")},
		"data:;base64,iVBORw0KGgo=":                           {MIME: "image/png", Data: []byte(pngHead)},
		"data:application/octet-stream;base64,iVBORw0KGgo=":   {MIME: "image/png", Data: []byte(pngHead)},
		"data:application/octet-stream;base64,AQID":           {MIME: "application/octet-stream", Data: []byte{1, 2, 3}},
		`data:image/svg+xml;utf8,<svg width="100%" a='%3C'/>`: {MIME: "image/svg+xml", Data: []byte(`<svg width="100%" a='<'/>`)},
		"data:text/plain,50% off":                             {MIME: "text/plain", Data: []byte("50% off")},
		"data:text/plain,%4":                                  {MIME: "text/plain", Data: []byte("%4")},
		"data:text/plain,%+1%-1":                              {MIME: "text/plain", Data: []byte("%+1%-1")},
		`data:text/plain;charset="a,b",x`:                     {MIME: "text/plain", Data: []byte("x")},
		`data:text/plain;charset="a,b`:                        {MIME: "text/plain", Data: []byte("b")},
		"https://shop.example/a.png":                          {URL: "https://shop.example/a.png"},
		"":                                                    {},
	} {
		got, err := Inline(provider.Media{URL: address})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", address, err, diff)
		}
	}
	state := provider.State{Owner: "o"}
	got, err := Inline(provider.Media{MIME: "image/gif", URL: "data:application/octet-stream;base64,AQID", State: state})
	if diff := cmp.Diff(provider.Media{MIME: "image/gif", Data: []byte{1, 2, 3}, State: state}, got); diff != "" || err != nil {
		t.Errorf("a type of its own: %v %s", err, diff)
	}
	both := provider.Media{Data: []byte{1}, URL: "data:broken"}
	if got, err := Inline(both); err != nil || !cmp.Equal(both, got) {
		t.Errorf("bytes beside the URL: %v, %v", got, err)
	}
}

func TestInlineRefuses(t *testing.T) {
	for address, want := range map[string]string{
		"data:":                                     "no comma; want data:<type>;base64,<data>",
		"data:image/png;base64":                     "no comma; want data:<type>;base64,<data>",
		"data:image/png;base64,":                    "no data after the comma",
		"data:,":                                    "no data after the comma",
		"data:image/png;base64,A":                   "illegal base64 data",
		"data:image/png;base64,A?ID":                "illegal base64 data at input byte 1",
		"data:image/png;base64,AQ==ID":              "illegal base64 data at input byte 2",
		"data:image/png;base64,AQ%zz":               "illegal base64 data at input byte 2",
		"data:png,a":                                `invalid MIME type "png"`,
		"data:image/,a":                             `invalid MIME type "image/"`,
		"data:a b/c,a":                              `invalid MIME type "a b/c"`,
		"data:\x1b[31m/c,a":                         `invalid MIME type "\x1b[31m/c"`,
		"data:a/" + strings.Repeat("b", 254) + ",a": "MIME type of 256 bytes; the limit is 255",
	} {
		_, err := Inline(provider.Media{URL: address})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "the data URL ") || len(err.Error()) > 200 {
			t.Errorf("%.100s: %v, want %s", address, err, want)
		}
	}
}

func TestInlineAll(t *testing.T) {
	const address = "data:image/png;base64,AQID"
	inline := provider.Media{MIME: "image/png", Data: []byte{1, 2, 3}}
	plain := provider.User("a", provider.Media{URL: "https://shop.example/a.png"}, provider.ToolResult{}, provider.ToolResult{Parts: []provider.Part{inline}})
	for _, m := range []*provider.Message{plain, {Role: provider.RoleTool}} {
		if got, err := InlineAll(m); got != m || err != nil {
			t.Errorf("a message without data URLs is another one, %v", err)
		}
	}
	state := provider.State{Owner: "o"}
	make := func(m provider.Media) *provider.Message {
		return &provider.Message{Role: provider.RoleTool, State: state, Parts: []provider.Part{
			provider.Text{Text: "a"}, m, m,
			provider.ToolResult{CallID: "1", Parts: []provider.Part{provider.Text{Text: "b"}, m}},
			provider.ToolResult{CallID: "2", Parts: []provider.Part{m}},
		}}
	}
	in := make(provider.Media{URL: address})
	got, err := InlineAll(in)
	if err != nil || got.Role != in.Role || !cmp.Equal(got.State, state) {
		t.Fatalf("%v: %v", err, got)
	}
	if diff := cmp.Diff(make(inline).Parts, got.Parts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(make(provider.Media{URL: address}).Parts, in.Parts); diff != "" {
		t.Errorf("the message was changed: %s", diff)
	}
	broken := provider.Media{URL: "data:x"}
	if _, err := InlineAll(provider.User("a", broken)); err == nil || err.Error() != `part 1: the data URL "data:x" cannot be read: no comma; want data:<type>;base64,<data>` {
		t.Errorf("a broken data URL of the user's: %v", err)
	}
	got, err = InlineAll(make(broken))
	if err != nil {
		t.Fatal(err)
	}
	text := provider.Text{Text: `[media left out: the data URL "data:x" cannot be read: no comma; want data:<type>;base64,<data>]`}
	want := []provider.Part{provider.Text{Text: "a"}, text, text,
		provider.ToolResult{CallID: "1", Parts: []provider.Part{provider.Text{Text: "b"}, text}},
		provider.ToolResult{CallID: "2", Parts: []provider.Part{text}}}
	if diff := cmp.Diff(want, got.Parts); diff != "" {
		t.Errorf("broken data URLs: %s", diff)
	}
}

const pngHead = "\x89PNG\r\n\x1a\n"

// samples are bytes of each type as it begins.
var samples = map[string]string{
	"image/png": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/jpeg": "\xff\xd8\xff\xe0\x00\x10JFIF", "image/gif": "GIF89a\x01\x00",
	"image/webp": "RIFF\x00\x10\x00\x00WEBPVP8 ", "image/bmp": "BM\x36\x00\x0c\x00\x00\x00\x00\x00\x36", "image/tiff": "II*\x00\x08",
	"image/heic": "\x00\x00\x00\x18ftypheic\x00", "image/avif": "\x00\x00\x00\x1cftypavif\x00", "application/pdf": "%PDF-1.7\n",
	"audio/wav": "RIFF\x24\x00\x00\x00WAVEfmt ", "audio/ogg": "OggS\x00\x02", "audio/mpeg": "\xff\xfb\x90\x64", "audio/aac": "\xff\xf1\x50\x80",
	"audio/flac": "fLaC\x00\x00", "audio/aiff": "FORM\x00\x00\x10\x00AIFFCOMM", "video/mp4": "\x00\x00\x00\x18ftypisom\x00",
	"video/webm": "\x1a\x45\xdf\xa3\x01\x00", "video/x-msvideo": "RIFF\x24\x00\x00\x00AVI LIST",
}

// containers are what bytes of a type may be, too: the form is the same.
var containers = map[string]string{"video/mp4": "audio/mp4", "video/webm": "audio/webm", "audio/ogg": "video/ogg"}

// TestTypesAreDistinguished claims each type for the bytes of each other type.
func TestTypesAreDistinguished(t *testing.T) {
	for of, data := range samples {
		for claim := range samples {
			m := provider.Media{MIME: claim, Data: []byte(data)}
			got, err := Check(m)
			if claim == of {
				if err != nil || got.MIME != claim {
					t.Errorf("%s is refused: %v", of, err)
				}
				continue
			}
			found := of
			if other := containers[of]; sameKind(other, claim) {
				found = other
			}
			var wrong *WrongType
			if !errors.As(err, &wrong) || wrong.Claimed != claim || wrong.Found != found {
				t.Errorf("%s passes for %s: %v", of, claim, err)
			}
			var want provider.Part = provider.Text{Text: fmt.Sprintf("[media left out: MIME type %s does not match the bytes (%s)]", claim, found)}
			if sameKind(found, claim) {
				want = provider.Media{MIME: found, Data: m.Data}
			}
			if diff := cmp.Diff(want, Mend(m)); diff != "" {
				t.Errorf("%s as %s: %s", of, claim, diff)
			}
		}
		if got, err := Check(provider.Media{Data: []byte(data)}); err != nil || got.MIME != of {
			t.Errorf("%s without a type gets %q, %v", of, got.MIME, err)
		}
	}
}

func TestCheck(t *testing.T) {
	png, html := []byte(samples["image/png"]), []byte("<!DOCTYPE html><p>Not found</p>")
	long := []byte(strings.Repeat("ä", 10_000))
	for name, c := range map[string]struct {
		media provider.Media
		want  string // the error; "" for none
	}{
		"nothing":                    {provider.Media{MIME: "image/png"}, "neither data nor a URL"},
		"an address":                 {provider.Media{MIME: "image/png", URL: "https://shop.example/a.gif"}, ""},
		"a data URL":                 {provider.Media{URL: "data:image/gif;base64,iVBORw0KGgo="}, "MIME type image/gif does not match the bytes (image/png)"},
		"a broken data URL":          {provider.Media{URL: "data:image/gif;base64,?"}, "the data URL"},
		"an alias":                   {provider.Media{MIME: "image/jpg", Data: []byte(samples["image/jpeg"])}, ""},
		"a type in capitals":         {provider.Media{MIME: "Image/PNG; a=b", Data: png}, ""},
		"a wrong type in capitals":   {provider.Media{MIME: "Image/GIF; a=b", Data: png}, "MIME type image/gif does not match"},
		"a page for an image":        {provider.Media{MIME: "image/png", Data: html}, "MIME type image/png does not match the bytes (text/html)"},
		"a page for a sound":         {provider.Media{MIME: "audio/mpeg", Data: html}, "MIME type audio/mpeg does not match the bytes (text/html)"},
		"a long text for a sound":    {provider.Media{MIME: "audio/mpeg", Data: append([]byte("x"), long...)}, "MIME type audio/mpeg does not match the bytes (text/plain)"},
		"a sound in an older form":   {provider.Media{MIME: "audio/mpeg", Data: []byte{0, 0, 0, 1}}, ""},
		"a sound with a title":       {provider.Media{MIME: "audio/mp3", Data: []byte("ID3\x04\x00\x00")}, ""},
		"a frame of a sound":         {provider.Media{MIME: "audio/mp3", Data: []byte{0xff, 0xfb, 0x90, 0x64}}, ""},
		"text in another code":       {provider.Media{MIME: "audio/mpeg", Data: []byte("caf\xe9 caf\xe9")}, ""},
		"a truncated image":          {provider.Media{MIME: "image/png", Data: png[:4]}, "MIME type image/png does not match the bytes (application/octet-stream)"},
		"a PDF behind a line":        {provider.Media{MIME: "application/pdf", Data: []byte("\r\n%PDF-1.4")}, ""},
		"a document for a PDF":       {provider.Media{MIME: "application/pdf", Data: []byte("PK\x03\x04")}, "MIME type application/pdf does not match the bytes (application/zip)"},
		"a drawing":                  {provider.Media{MIME: "image/svg+xml", Data: []byte("<svg/>")}, ""},
		"a text that begins as GIFs": {provider.Media{MIME: "text/plain", Data: []byte("GIF89a is a format")}, ""},
		"unknown type":               {provider.Media{MIME: "model/gltf", Data: png}, ""},
		"bytes of an unknown type":   {provider.Media{Data: []byte{1, 2}}, ""},
		"the sound of a film":        {provider.Media{MIME: "audio/mp4", Data: []byte(samples["video/mp4"])}, ""},
		"two kinds of one container": {provider.Media{MIME: "video/ogg", Data: []byte(samples["audio/ogg"])}, ""},
	} {
		_, err := Check(c.media)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestMend(t *testing.T) {
	for name, c := range map[string]struct {
		media provider.Media
		want  provider.Part
	}{
		"nothing":           {provider.Media{MIME: "image/png"}, provider.Text{Text: "[media left out: the media has neither data nor a URL; set Media.Data or Media.URL]"}},
		"a broken data URL": {provider.Media{URL: "data:a"}, provider.Text{Text: `[media left out: the data URL "data:a" cannot be read: no comma; want data:<type>;base64,<data>]`}},
		"another image":     {provider.Media{MIME: "Image/GIF", URL: "data:,%89PNG%0D%0A%1A%0A"}, provider.Media{MIME: "image/png", Data: []byte("\x89PNG\r\n\x1a\n")}},
		"no image":          {provider.Media{MIME: "image/png", Data: []byte("<html>")}, provider.Text{Text: "[media left out: MIME type image/png does not match the bytes (text/html)]"}},
		"an address":        {provider.Media{URL: "https://shop.example"}, provider.Media{URL: "https://shop.example"}},
	} {
		if diff := cmp.Diff(c.want, Mend(c.media)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestNames has unusual names of types, and missing types.
func TestNames(t *testing.T) {
	png, jpeg, m4a := samples["image/png"], samples["image/jpeg"], "\x00\x00\x00\x18ftypM4A \x00"
	for _, c := range []struct{ claim, data, want string }{
		{"image/jpg", jpeg, "image/jpeg"},
		{"image/JPEG", jpeg, "image/jpeg"},
		{"image/jpeg; q=1", jpeg, "image/jpeg"},
		{"image/pjpeg", jpeg, "image/jpeg"},
		{"image/x-png", png, "image/png"},
		{"application/x-pdf", samples[pdf], pdf},
		{"application/x-pdf", "\xef\xbb\xbf%PDF-1.7", pdf},
		{"application/x-pdf", "\n%PDF-1.7", pdf},
		{"audio/mp3", samples["audio/mpeg"], "audio/mpeg"},
		{"application/octet-stream", png, "image/png"},
		{"application/octet-stream", "\x01\x02", "application/octet-stream"},
		{"", m4a, "audio/mp4"},
		{"", "\x00\x00\x00\x18ftypqt  \x00", "video/quicktime"},
		{"audio/aac", m4a, "audio/aac"},
		{"video/mp4", m4a, "video/mp4"},
		{"image/heif", samples["image/heic"], "image/heif"},
		{"audio/ogg; codecs=opus", samples["audio/ogg"], "audio/ogg"},
		{"text/plain; charset=latin1", "caf\xe9", "text/plain; charset=latin1"},
		{"audio/flac", "OggS" + strings.Repeat("\x00", 24) + "\x7fFLAC\x01", "audio/flac"},
		{"audio/wav", "RF64\xff\xff\xff\xffWAVEds64", "audio/wav"},
		{"audio/wav", "BW64\xff\xff\xff\xffWAVEds64", "audio/wav"},
		{"audio/x-wav", "RIFX\x00\x00\x10\x00WAVEfmt ", "audio/wav"},
	} {
		if got, err := Check(provider.Media{MIME: c.claim, Data: []byte(c.data)}); err != nil || got.MIME != c.want {
			t.Errorf("%q of type %q: %q, %v, want %q", c.data, c.claim, got.MIME, err, c.want)
		}
	}
	for _, brand := range []string{"heif", "MiHB", "MiHE", "avci", "1pic", "tmap", "what"} {
		for _, claim := range []string{"image/heic", "image/heif"} {
			if _, err := Check(provider.Media{MIME: claim, Data: []byte("\x00\x00\x00\x18ftyp" + brand)}); err != nil {
				t.Errorf("the brand %q: %v", brand, err)
			}
		}
	}
	for _, brand := range []string{"MA1A", "MA1B", "avio", "tmap", "what"} {
		if _, err := Check(provider.Media{MIME: "image/avif", Data: []byte("\x00\x00\x00\x18ftyp" + brand)}); err != nil {
			t.Errorf("the brand %q: %v", brand, err)
		}
	}
	at := provider.Media{MIME: "image/JPG", URL: "https://shop.example/a.jpg"}
	if got, err := Check(at); err != nil || got.MIME != "image/jpeg" {
		t.Errorf("a type of an address: %q, %v", got.MIME, err)
	}
}
