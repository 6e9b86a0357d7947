// Package page has what pages of HTML about generations have in common: pictures
// and sounds as data in the page itself, and texts in the colours of their passes.
package page

import (
	"bytes"
	"encoding/base64"
	"html/template"
	stdimage "image"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/image"
)

// Data is a file of a media type, such as "image/png", as an address that
// holds it (RFC 2397).
func Data(media string, file []byte) template.URL {
	return template.URL("data:" + media + ";base64," + base64.StdEncoding.EncodeToString(file))
}

// PNG is a picture as such an address. An empty picture is an error.
func PNG(img stdimage.Image) (template.URL, error) {
	var b bytes.Buffer
	if err := image.EncodePNG(&b, img, nil); err != nil {
		return "", err
	}
	return Data("image/png", b.Bytes()), nil
}

// WAV is a sound as such an address, in samples of 16 bits.
func WAV(s audio.Sound) (template.URL, error) {
	var b bytes.Buffer
	if err := audio.EncodeWAV(&b, s); err != nil {
		return "", err
	}
	return Data("audio/wav", b.Bytes()), nil
}

// Span is a run of a text that one pass committed.
type Span struct {
	Text string
	Pass int
	Hue  int // in degrees, for hsl(): blue for the first pass, over green and yellow, to red for the last
}

// Spans joins the pieces of a text, each committed by a pass from 1 to most,
// into runs of the same pass. Bytes that only together make a character get the
// pass that completes it, and those that make none become U+FFFD.
func Spans(pieces []string, passes []int, most int) []Span {
	var out []Span
	for i := 0; i < len(pieces); i++ {
		text := pieces[i]
		for !utf8.ValidString(text) && len(text) < utf8.UTFMax && i+1 < len(pieces) {
			i++
			text += pieces[i]
		}
		if text == "" {
			continue
		}
		text = strings.ToValidUTF8(text, string(utf8.RuneError))
		if n := len(out) - 1; n >= 0 && out[n].Pass == passes[i] {
			out[n].Text += text
			continue
		}
		out = append(out, Span{text, passes[i], Hue(passes[i], most)})
	}
	return out
}

// Hue is the hue of a pass of so many in degrees.
func Hue(pass, most int) int {
	const first, last = 230, 0
	return first - Shade(pass, most, first-last+1)
}

// Shade is where a pass of so many stands among shades: 0 for the first one, shades-1
// for the last.
func Shade(pass, most, shades int) int {
	if most < 2 {
		return 0
	}
	return min(max(pass-1, 0), most-1) * (shades - 1) / (most - 1)
}

// Capital is a text with a capital at its beginning.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
