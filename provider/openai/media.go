package openai

import (
	"strings"

	"github.com/funcall/funcall/internal/adapter/wire"
	"github.com/funcall/funcall/internal/adapter/wiremedia"
	"github.com/funcall/funcall/internal/json/jsontree"
	"github.com/funcall/funcall/provider"
)

const pdf = "application/pdf"

// checkMedia returns an error if media cannot be sent.
func checkMedia(p provider.Media) error {
	switch {
	case len(p.Data) == 0 && p.URL == "":
		return wiremedia.ErrNone
	case strings.HasPrefix(p.MIME, "image/"), p.MIME == pdf && len(p.Data) > 0:
		return nil
	case p.MIME == pdf:
		return wiremedia.Unusable("Chat Completions takes a PDF by its bytes, not by a URL")
	}
	return wire.NoMedia(p, "Chat Completions", "images and PDFs")
}

// appendText appends a text part of a user message.
func appendText(b []byte, text string) []byte {
	b = append(b, `{"type":"text","text":`...)
	return append(jsontree.AppendString(b, text), '}')
}

// appendMedia appends a part that checkMedia accepts.
func appendMedia(b []byte, p provider.Media) []byte {
	if p.MIME == pdf {
		b = append(b, `{"type":"file","file":{"filename":"document.pdf","file_data":`...)
	} else {
		b = append(b, `{"type":"image_url","image_url":{"url":`...)
	}
	return append(jsontree.AppendString(b, wire.DataURL(p)), "}}"...)
}
