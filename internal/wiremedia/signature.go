package wiremedia

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// A signature is what the bytes of some types begin with.
type signature struct {
	first  string   // at the very beginning; "" for anything
	at     int      // where one of magic stands
	magic  []string // one of them
	always []string // types whose bytes always begin so
	mostly []string // types whose bytes may begin so
}

// signatures are those of the types that models take, and of some that are taken
// for them. The first that matches counts, and its first type names it.
var signatures = []signature{
	{magic: []string{"\x89PNG\r\n\x1a\n"}, always: []string{"image/png", "image/x-png", "image/apng"}},
	{magic: []string{"\xff\xd8\xff"}, always: []string{"image/jpeg", "image/jpg", "image/pjpeg"}},
	{magic: []string{"GIF87a", "GIF89a"}, always: []string{"image/gif"}},
	{first: "RIFF", at: 8, magic: []string{"WEBP"}, always: []string{"image/webp"}},
	{first: "BM", at: 6, magic: []string{"\x00\x00\x00\x00"}, mostly: []string{"image/bmp", "image/x-ms-bmp"}},
	{magic: []string{"II*\x00", "MM\x00*"}, mostly: []string{"image/tiff"}},
	{at: 4, magic: []string{"ftypheic", "ftypheix", "ftypheim", "ftypheis", "ftyphevc", "ftyphevx", "ftyphevm", "ftyphevs"}, mostly: []string{"image/heic", "image/heif"}},
	{at: 4, magic: []string{"ftypavif", "ftypavis"}, mostly: []string{"image/avif", "image/heif"}},
	{at: 4, magic: []string{"ftypmif1", "ftypmsf1", "ftypmiaf"}, mostly: []string{"image/heif", "image/heic", "image/avif"}},
	{magic: []string{"%PDF-"}, always: []string{pdf, "application/x-pdf"}},
	{first: "RIFF", at: 8, magic: []string{"WAVE"}, always: []string{"audio/wav", "audio/wave", "audio/x-wav", "audio/vnd.wave"}},
	{first: "FORM", at: 8, magic: []string{"AIFF", "AIFC"}, always: []string{"audio/aiff", "audio/x-aiff"}},
	{magic: []string{"OggS"}, always: []string{"audio/ogg", "video/ogg", "application/ogg"}, mostly: []string{"audio/opus", "audio/vorbis"}},
	{magic: []string{"\xff\xfb", "\xff\xfa", "\xff\xf3", "\xff\xf2", "\xff\xe3", "\xff\xe2"}, mostly: []string{"audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mpeg", "audio/x-mp3"}},
	{magic: []string{"ID3"}, mostly: []string{"audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mpeg", "audio/x-mp3", "audio/aac", "audio/flac", "audio/x-flac"}},
	{magic: []string{"\xff\xf1", "\xff\xf9"}, mostly: []string{"audio/aac", "audio/x-aac", "audio/aacp"}},
	{magic: []string{"fLaC"}, mostly: []string{"audio/flac", "audio/x-flac"}},
	{at: 4, magic: []string{"ftyp"}, mostly: []string{"video/mp4", "audio/mp4", "audio/m4a", "audio/x-m4a", "video/quicktime", "video/3gpp", "video/x-m4v"}},
	{magic: []string{"\x1a\x45\xdf\xa3"}, always: []string{"video/webm", "audio/webm"}, mostly: []string{"video/x-matroska", "audio/x-matroska"}},
	{first: "RIFF", at: 8, magic: []string{"AVI "}, mostly: []string{"video/x-msvideo", "video/avi"}},
}

const pdf = "application/pdf"

// withinPDF is how far from its beginning a PDF may say what it is.
const withinPDF = 1024

func (s *signature) matches(data []byte) bool {
	return bytes.HasPrefix(data, []byte(s.first)) && len(data) > s.at &&
		slices.ContainsFunc(s.magic, func(magic string) bool { return bytes.HasPrefix(data[s.at:], []byte(magic)) })
}

// types are all that may have the signature, the one that names it first.
func (s *signature) types() []string { return slices.Concat(s.always, s.mostly) }

func (s *signature) has(typ string) bool {
	return slices.Contains(s.always, typ) || slices.Contains(s.mostly, typ)
}

// contradicts reports whether the bytes cannot be of the claimed type, a plain one,
// where that can be told. Found is what they are: a type of the same kind, such as an
// image, if they may be of one.
func contradicts(claim string, data []byte) (found string, wrong bool) {
	if claim == pdf && bytes.Contains(data[:min(len(data), withinPDF)], []byte("%PDF-")) {
		return "", false
	}
	own := slices.IndexFunc(signatures, func(s signature) bool { return s.has(claim) })
	if own < 0 {
		return "", false
	}
	if s := signatureOf(data); s != nil {
		types := s.types()
		if slices.Contains(types, claim) {
			return "", false
		}
		return types[max(0, slices.IndexFunc(types, func(t string) bool { return sameKind(t, claim) }))], true
	}
	detected := detect(data)
	return detected, slices.Contains(signatures[own].always, claim) || kindOf(detected) == "text"
}

// signatureOf returns the signature that the bytes have, or nil.
func signatureOf(data []byte) *signature {
	i := slices.IndexFunc(signatures, func(s signature) bool { return s.matches(data) })
	if i < 0 {
		return nil
	}
	return &signatures[i]
}

// detect returns the type of bytes that have none of the signatures.
func detect(data []byte) string {
	head := data[:min(len(data), 512)] // which is what DetectContentType looks at
	for range utf8.UTFMax - 1 {
		if r, size := utf8.DecodeLastRune(head); r != utf8.RuneError || size != 1 || len(head) == len(data) {
			break
		}
		head = head[:len(head)-1] // a character that is cut in two
	}
	if detected := plain(http.DetectContentType(head)); kindOf(detected) != "text" || utf8.Valid(head) {
		return detected
	}
	return "application/octet-stream"
}

// typeOf returns the type that the bytes begin as, or "".
func typeOf(data []byte) string {
	if s := signatureOf(data); s != nil {
		return s.types()[0]
	}
	return ""
}

// plain returns a MIME type in lower case and without parameters.
func plain(typ string) string {
	typ, _, _ = strings.Cut(typ, ";")
	return strings.ToLower(strings.TrimSpace(typ))
}

// kindOf returns what a plain type is in the first place, such as an image.
func kindOf(typ string) string {
	kind, _, _ := strings.Cut(typ, "/")
	return kind
}

// sameKind reports whether both plain types are images, sounds, or films.
func sameKind(a, b string) bool { return kindOf(a) == kindOf(b) && kindOf(a) != "application" }
