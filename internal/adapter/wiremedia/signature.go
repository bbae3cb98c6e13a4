package wiremedia

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// A signature is the first bytes of some types.
type signature struct {
	first  []string // one of them stands at the very beginning; empty for anything
	at     int      // where one of magic stands
	magic  []string // one of them
	always []string // types whose bytes always begin so
	mostly []string // types whose bytes may begin so
}

// signatures are those of the types that models accept, and of some that are mistaken for
// them. The first match counts, and its first type names it. Types have their names of common.
var signatures = []signature{
	{magic: []string{"\x89PNG\r\n\x1a\n"}, always: []string{"image/png"}},
	{magic: []string{"\xff\xd8\xff"}, always: []string{"image/jpeg"}},
	{magic: []string{"GIF87a", "GIF89a"}, always: []string{"image/gif"}},
	{first: riff, at: 8, magic: []string{"WEBP"}, always: []string{"image/webp"}},
	{first: []string{"BM"}, at: 6, magic: []string{"\x00\x00\x00\x00"}, mostly: []string{"image/bmp"}},
	{magic: []string{"II*\x00", "MM\x00*"}, mostly: []string{"image/tiff"}},
	{at: 4, magic: brands("heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"), mostly: []string{"image/heic", "image/heif"}},
	{at: 4, magic: brands("avif", "avis", "avio", "MA1A", "MA1B"), mostly: []string{"image/avif", "image/heif"}},
	{at: 4, magic: brands("mif1", "mif2", "msf1", "miaf", "heif", "MiHA", "MiHB", "MiHE", "avci", "avcs", "1pic", "tmap"), mostly: []string{"image/heif", "image/heic", "image/avif"}},
	{magic: []string{"%PDF-"}, always: []string{pdf}},
	{first: []string{"RIFF", "RIFX", "RF64", "BW64"}, at: 8, magic: []string{"WAVE"}, always: []string{"audio/wav"}},
	{first: []string{"FORM"}, at: 8, magic: []string{"AIFF", "AIFC"}, always: []string{"audio/aiff"}},
	{first: []string{"OggS"}, at: 28, magic: []string{"\x7fFLAC"}, always: []string{"audio/ogg", "application/ogg"}, mostly: []string{"audio/flac"}},
	{magic: []string{"OggS"}, always: []string{"audio/ogg", "video/ogg", "application/ogg"}, mostly: []string{"audio/opus", "audio/vorbis"}},
	{magic: []string{"\xff\xfb", "\xff\xfa", "\xff\xf3", "\xff\xf2", "\xff\xe3", "\xff\xe2"}, mostly: []string{"audio/mpeg"}},
	{magic: []string{"ID3"}, mostly: []string{"audio/mpeg", "audio/aac", "audio/flac"}},
	{magic: []string{"\xff\xf1", "\xff\xf9"}, mostly: []string{"audio/aac"}},
	{magic: []string{"fLaC"}, mostly: []string{"audio/flac"}},
	{at: 4, magic: brands("M4A ", "M4B ", "M4P "), mostly: []string{"audio/mp4", "audio/aac", "video/mp4", "video/quicktime", "video/3gpp"}},
	{at: 4, magic: brands("qt  "), mostly: []string{"video/quicktime", "video/mp4", "audio/mp4", "video/3gpp"}},
	{at: 4, magic: brands("isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42", "avc1", "M4V ", "MSNV", "dash", "3gp", "3g2"),
		mostly: []string{"video/mp4", "audio/mp4", "video/quicktime", "video/3gpp"}},
	{at: 4, magic: brands(""), mostly: []string{"video/mp4", "audio/mp4", "video/quicktime", "video/3gpp", "image/heif", "image/heic", "image/avif"}},
	{magic: []string{"\x1a\x45\xdf\xa3"}, always: []string{"video/webm", "audio/webm"}, mostly: []string{"video/x-matroska", "audio/x-matroska"}},
	{first: riff, at: 8, magic: []string{"AVI "}, mostly: []string{"video/x-msvideo", "video/avi"}},
}

var riff = []string{"RIFF"}

// brands returns the magic of ISO container files with brands that begin so.
func brands(names ...string) []string {
	for i, name := range names {
		names[i] = "ftyp" + name
	}
	return names
}

// common maps other names of a type to the name that APIs know.
var common = map[string]string{
	"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "image/apng": "image/png",
	"image/x-ms-bmp": "image/bmp", "application/x-pdf": pdf,
	"audio/wave": "audio/wav", "audio/x-wav": "audio/wav", "audio/vnd.wave": "audio/wav", "audio/x-aiff": "audio/aiff",
	"audio/mp3": "audio/mpeg", "audio/mpeg3": "audio/mpeg", "audio/x-mpeg": "audio/mpeg", "audio/x-mp3": "audio/mpeg",
	"audio/x-aac": "audio/aac", "audio/aacp": "audio/aac", "audio/x-flac": "audio/flac",
	"audio/m4a": "audio/mp4", "audio/x-m4a": "audio/mp4", "video/x-m4v": "video/mp4",
}

// nameOf returns the plain type of a MIME type, by the name that APIs know. A type without a
// signature stays.
func nameOf(typ string) string {
	name := plain(typ)
	name = cmp.Or(common[name], name)
	if slices.ContainsFunc(signatures, func(s signature) bool { return s.has(name) }) {
		return name
	}
	return typ
}

// isGeneric reports whether a MIME type does not say what the bytes are.
func isGeneric(typ string) bool {
	typ = plain(typ)
	return typ == "" || typ == "application/octet-stream"
}

const pdf = "application/pdf"

// withinPDF is how far from its beginning a PDF may have its signature.
const withinPDF = 1024

func (s *signature) matches(data []byte) bool {
	begins := func(at int) func(string) bool {
		return func(magic string) bool { return bytes.HasPrefix(data[at:], []byte(magic)) }
	}
	return len(data) > s.at && slices.ContainsFunc(s.magic, begins(s.at)) && (s.first == nil || slices.ContainsFunc(s.first, begins(0)))
}

// types returns all types that may have the signature, its name first.
func (s *signature) types() []string { return slices.Concat(s.always, s.mostly) }

func (s *signature) has(typ string) bool {
	return slices.Contains(s.always, typ) || slices.Contains(s.mostly, typ)
}

// contradicts reports whether the bytes cannot have the claimed type, a plain one by its name
// of common. found is their type: one of the same kind, such as an image, if possible.
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

// signatureOf returns the signature of the bytes, or nil.
func signatureOf(data []byte) *signature {
	i := slices.IndexFunc(signatures, func(s signature) bool { return s.matches(data) })
	if i < 0 {
		return nil
	}
	return &signatures[i]
}

// detect returns the type of bytes without a known signature.
func detect(data []byte) string {
	head := data[:min(len(data), 512)] // DetectContentType reads no more
	for range utf8.UTFMax - 1 {
		if r, size := utf8.DecodeLastRune(head); r != utf8.RuneError || size != 1 || len(head) == len(data) {
			break
		}
		head = head[:len(head)-1] // drop a byte of a split character
	}
	if detected := plain(http.DetectContentType(head)); kindOf(detected) != "text" || utf8.Valid(head) {
		return detected
	}
	return "application/octet-stream"
}

// typeOf returns the type of the bytes by their beginning, or "".
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

// kindOf returns the kind of a plain type, such as "image".
func kindOf(typ string) string {
	kind, _, _ := strings.Cut(typ, "/")
	return kind
}

// sameKind reports whether both plain types are images, audio or video.
func sameKind(a, b string) bool { return kindOf(a) == kindOf(b) && kindOf(a) != "application" }
