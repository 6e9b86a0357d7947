package image

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	stdimage "image"
	"image/png"
	"io"
	"strings"
	"unicode/utf8"
)

// Text is a note inside a PNG file, such as how the picture was made.
type Text struct{ Key, Value string }

const (
	signature  = "\x89PNG\r\n\x1a\n"
	headerSize = len(signature) + 8 + 13 + 4 // with the chunk IHDR
)

// EncodePNG writes a picture as PNG (ISO/IEC 15948) with texts before the pixels: tEXt where Latin-1 holds them, else
// iTXt. A key must have 1 to 79 characters of Latin-1 and no space at its ends or doubled, a value must be valid UTF-8
// without NUL; otherwise the error names the key and nothing is written.
func EncodePNG(w io.Writer, img stdimage.Image, texts []Text) error {
	notes, err := textChunks(texts)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		return err
	}
	_, err = w.Write(bytes.Join([][]byte{buf.Bytes()[:headerSize], notes, buf.Bytes()[headerSize:]}, nil))
	return err
}

func textChunks(texts []Text) ([]byte, error) {
	var out []byte
	for i, t := range texts {
		key, ok := latin1(t.Key)
		trimmed := strings.Join(strings.Fields(t.Key), " ") == t.Key
		if !ok || !trimmed || len(key) < 1 || len(key) > 79 || strings.Contains(t.Key, "\n") {
			return nil, fmt.Errorf("text %d: key %q, want 1 to 79 Latin-1 characters, single spaces between them", i, t.Key)
		}
		if !utf8.ValidString(t.Value) || strings.Contains(t.Value, "\x00") {
			return nil, fmt.Errorf("text %d, %s: want valid UTF-8 without NUL", i, t.Key)
		}
		if value, ok := latin1(t.Value); ok {
			out = appendChunk(out, "tEXt", key, []byte{0}, value)
		} else {
			// Not compressed; no language and no translated key.
			out = appendChunk(out, "iTXt", key, []byte{0, 0, 0, 0, 0}, []byte(t.Value))
		}
	}
	return out, nil
}

// latin1 converts to the characters of Latin-1 that PNG allows: those that print, and newline.
func latin1(s string) ([]byte, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r != '\n' && (r < 32 || r > 126 && r < 161 || r > 255) {
			return nil, false
		}
		out = append(out, byte(r))
	}
	return out, true
}

// appendChunk appends length, type, data and check sum.
func appendChunk(out []byte, kind string, parts ...[]byte) []byte {
	data := bytes.Join(parts, nil)
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	start := len(out)
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
}

// chunk is a part of a PNG file.
type chunk struct {
	kind string
	data []byte
}

// chunks cuts a PNG file that this package has encoded, after its signature.
func chunks(file []byte) []chunk {
	var out []chunk
	for rest := file[len(signature):]; len(rest) >= 12; {
		n := binary.BigEndian.Uint32(rest)
		out = append(out, chunk{string(rest[4:8]), rest[8 : 8+n]})
		rest = rest[12+n:]
	}
	return out
}

var errNotPNG = errors.New("not a PNG file, want its signature")
