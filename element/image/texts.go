package image

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"unicode/utf8"
)

// What ReadTexts reads of a file at most.
const (
	maxTexts     = 1000
	maxTextBytes = 8 << 20 // of all texts, decompressed
)

// ReadTexts reads the texts of a PNG file in order: chunks tEXt, zTXt and iTXt up to IEND; pixels are not decoded. An
// error names the chunk and its offset: a wrong check sum, a file that ends early, texts that are not as the
// specification has them, or more than 1000 texts or 8 MiB.
func ReadTexts(r io.Reader) ([]Text, error) {
	head := make([]byte, len(signature))
	if _, err := io.ReadFull(r, head); err != nil || string(head) != signature {
		return nil, errNotPNG
	}
	var texts []Text
	left := maxTextBytes
	for offset := int64(len(signature)); ; {
		c, size, err := readChunk(r)
		if err != nil {
			return nil, fmt.Errorf("PNG chunk %q at offset %d: %w", c.kind, offset, err)
		}
		if c.kind == "IEND" {
			return texts, nil
		}
		if c.isText() {
			t, err := c.text(left)
			if err == nil && len(texts) == maxTexts {
				err = fmt.Errorf("want at most %d texts", maxTexts)
			}
			if err != nil {
				return nil, fmt.Errorf("PNG chunk %q at offset %d: %w", c.kind, offset, err)
			}
			left -= len(t.Key) + len(t.Value)
			texts = append(texts, t)
		}
		offset += size
	}
}

func (c chunk) isText() bool { return c.kind == "tEXt" || c.kind == "zTXt" || c.kind == "iTXt" }

// readChunk reads a chunk, and its data if that is text; size is that of the whole chunk.
func readChunk(r io.Reader) (c chunk, size int64, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return c, 0, early(err)
	}
	n := binary.BigEndian.Uint32(head[:])
	c.kind = string(head[4:])
	if n > 1<<31-1 {
		return c, 0, fmt.Errorf("length %d, want less than 2^31", n)
	}
	if c.isText() && n > maxTextBytes {
		return c, 0, fmt.Errorf("length %d, want at most %d", n, maxTextBytes)
	}
	sum := crc32.NewIEEE()
	sum.Write(head[4:])
	to := io.Writer(sum)
	var data bytes.Buffer
	if c.isText() {
		to = io.MultiWriter(sum, &data)
	}
	if _, err := io.CopyN(to, r, int64(n)); err != nil {
		return c, 0, early(err)
	}
	var want [4]byte
	if _, err := io.ReadFull(r, want[:]); err != nil {
		return c, 0, early(err)
	}
	if got := binary.BigEndian.Uint32(want[:]); got != sum.Sum32() {
		return c, 0, fmt.Errorf("check sum %08x, want %08x", got, sum.Sum32())
	}
	c.data = data.Bytes()
	return c, 12 + int64(n), nil
}

// early tells of a file that ends before IEND.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// text reads the chunk's text of at most so many bytes.
func (c chunk) text(limit int) (Text, error) {
	key, rest, ok := bytes.Cut(c.data, []byte{0})
	if !ok || len(key) < 1 || len(key) > 79 {
		return Text{}, errors.New("want a key of 1 to 79 bytes that ends in NUL")
	}
	packed := c.kind == "zTXt"
	if c.kind == "iTXt" {
		if len(rest) < 2 || rest[0] > 1 {
			return Text{}, errors.New("want a compression flag of 0 or 1 and a method")
		}
		packed = rest[0] == 1
		method := rest[1]
		_, rest, ok = bytes.Cut(rest[2:], []byte{0}) // language
		if ok {
			_, rest, ok = bytes.Cut(rest, []byte{0}) // translated key
		}
		if !ok {
			return Text{}, errors.New("want a language and a translated key that end in NUL")
		}
		if packed {
			rest = append([]byte{method}, rest...) // as in zTXt
		}
	}
	if packed {
		var err error
		if rest, err = inflate(rest, limit); err != nil {
			return Text{}, err
		}
	}
	t := Text{Key: utf8Of(key), Value: string(rest)}
	if c.kind != "iTXt" {
		t.Value = utf8Of(rest)
	}
	if !utf8.ValidString(t.Value) {
		return Text{}, errors.New("want valid UTF-8")
	}
	if len(t.Key)+len(t.Value) > limit {
		return Text{}, fmt.Errorf("want at most %d bytes of text in a file", maxTextBytes)
	}
	return t, nil
}

// inflate undoes the compression of a text: a byte that names the method, 0, then zlib.
func inflate(data []byte, limit int) ([]byte, error) {
	if len(data) < 1 || data[0] != 0 {
		return nil, errors.New("want compression method 0")
	}
	z, err := zlib.NewReader(bytes.NewReader(data[1:]))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(limit)+1))
	if err == nil && len(out) > limit {
		err = fmt.Errorf("want at most %d bytes of text in a file", maxTextBytes)
	}
	return out, err
}

// utf8Of converts Latin-1.
func utf8Of(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}
