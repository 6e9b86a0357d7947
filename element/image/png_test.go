package image

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"image/color"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestPNGTexts(t *testing.T) {
	img := paint("rgb", "h.k")
	texts := []Text{
		{"Title", "café\nau lait"}, {"prompt", "春眠不覺曉"}, {"empty", ""}, {"Stride Seed", "7"}, {"tab", "a\tb"}, {"é", "key"}, {"Title", "again"},
	}
	var b bytes.Buffer
	if err := EncodePNG(&b, img, texts); err != nil {
		t.Fatal(err)
	}
	file := bytes.Clone(b.Bytes())
	got, err := ReadTexts(&b)
	if err != nil || !slices.Equal(got, texts) {
		t.Errorf("%q, %v, want %q", got, err, texts)
	}
	if back, err := Decode(bytes.NewReader(file), Limits{}); err != nil || letters(back) != "rgb/h.k" {
		t.Errorf("the picture: %v, %v", back, err)
	}
	var kinds []string
	for _, c := range chunks(file) {
		kinds = append(kinds, c.kind)
	}
	if want := "IHDR tEXt iTXt tEXt tEXt iTXt tEXt tEXt IDAT IEND"; strings.Join(kinds, " ") != want {
		t.Errorf("%v, want %s", kinds, want)
	}
	b.Reset()
	if err := EncodePNG(&b, img, nil); err != nil || !bytes.Equal(b.Bytes(), pngOf(t, img)) {
		t.Errorf("without texts: %v", err)
	}
}

func TestPNGTextErrors(t *testing.T) {
	for _, tc := range []struct {
		text Text
		want string
	}{
		{Text{"", "x"}, `text 0: key "", want 1 to 79 Latin-1 characters`},
		{Text{strings.Repeat("k", 80), "x"}, "text 0: key"},
		{Text{" key", "x"}, "text 0: key"},
		{Text{"a  b", "x"}, "text 0: key"},
		{Text{"a\nb", "x"}, "text 0: key"},
		{Text{"題", "x"}, "text 0: key"},
		{Text{"key", "a\x00b"}, "text 0, key: want valid UTF-8 without NUL"},
		{Text{"key", "\xff"}, "text 0, key: want valid UTF-8 without NUL"},
	} {
		var b bytes.Buffer
		if err := EncodePNG(&b, paint("r"), []Text{tc.text}); err == nil || !strings.HasPrefix(err.Error(), tc.want) || b.Len() > 0 {
			t.Errorf("%q: %v and %d bytes, want %s", tc.text, err, b.Len(), tc.want)
		}
	}
	if err := EncodePNG(io.Discard, newPicture(0, 0), nil); err == nil {
		t.Error("a picture without pixels: no error")
	}
}

// TestReadTextsPillow reads what another program wrote.
func TestReadTextsPillow(t *testing.T) {
	f, err := os.Open("testdata/pillow.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := []Text{
		{"Title", "café"}, {"Comment", strings.Repeat("plain, ", 20)}, {"prompt", "春眠不覺曉"}, {"long", strings.Repeat("曉 ", 40)},
	}
	if got, err := ReadTexts(f); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func packed(s string) []byte {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.Bytes()
}

func TestReadTextsErrors(t *testing.T) {
	start := headerOf(1, 1)
	with := func(kind string, data ...string) []byte {
		return appendChunk(appendChunk(bytes.Clone(start), kind, []byte(strings.Join(data, ""))), "IEND")
	}
	bomb := string(packed(strings.Repeat("0", maxTextBytes+1)))
	broken := with("tEXt", "k\x00v")
	broken[len(broken)-13] ^= 1
	many := bytes.Clone(start)
	for range maxTexts + 1 {
		many = appendChunk(many, "tEXt", []byte("k\x00v"))
	}
	half := strings.Repeat("0", maxTextBytes/2)
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "not a PNG file"},
		{"other", []byte("GIF89a, and more"), "not a PNG file"},
		{"no end", start, `PNG chunk "" at offset 33: unexpected EOF`},
		{"long", append(bytes.Clone(start), 0xff, 0xff, 0xff, 0xff, 'I', 'D', 'A', 'T'), `PNG chunk "IDAT" at offset 33: length 4294967295, want less than 2^31`},
		{"long text", append(bytes.Clone(start), 1, 0, 0, 0, 't', 'E', 'X', 't'), `PNG chunk "tEXt" at offset 33: length 16777216, want at most 8388608`},
		{"early", append(bytes.Clone(start), 1, 0, 0, 0, 'I', 'D', 'A', 'T', 7), `PNG chunk "IDAT" at offset 33: unexpected EOF`},
		{"check sum", broken, `PNG chunk "tEXt" at offset 33: check sum`},
		{"no key", with("tEXt", "\x00v"), "want a key of 1 to 79 bytes that ends in NUL"},
		{"no NUL", with("tEXt", "key"), "want a key of 1 to 79 bytes that ends in NUL"},
		{"method", with("zTXt", "k\x00\x01"), "want compression method 0"},
		{"no method", with("zTXt", "k\x00"), "want compression method 0"},
		{"not zlib", with("zTXt", "k\x00\x00abc"), "zlib: invalid header"},
		{"cut zlib", with("zTXt", "k\x00\x00", bomb[:20]), "unexpected EOF"},
		{"bomb", with("zTXt", "k\x00\x00", bomb), "want at most 8388608 bytes of text"},
		{"iTXt bomb", with("iTXt", "k\x00\x01\x00\x00\x00", bomb), "want at most 8388608 bytes of text"},
		{"flag", with("iTXt", "k\x00\x02\x00\x00\x00text"), "want a compression flag of 0 or 1"},
		{"short iTXt", with("iTXt", "k\x00\x00"), "want a compression flag of 0 or 1"},
		{"no language", with("iTXt", "k\x00\x00\x00en"), "want a language and a translated key"},
		{"no translation", with("iTXt", "k\x00\x00\x00en\x00key"), "want a language and a translated key"},
		{"not UTF-8", with("iTXt", "k\x00\x00\x00\x00\x00\xff"), "want valid UTF-8"},
		{"many", many, "want at most 1000 texts"},
		{"much", appendChunk(with("tEXt", "k\x00", half)[:33+12+2+len(half)], "tEXt", []byte("k\x00"+half)), "want at most 8388608 bytes of text"},
	} {
		if _, err := ReadTexts(bytes.NewReader(tc.data)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		}
	}
	// What follows IEND does not matter.
	if texts, err := ReadTexts(bytes.NewReader(append(with("tEXt", "k\x00v"), "rubbish"...))); err != nil || len(texts) != 1 {
		t.Errorf("after the end: %v, %v", texts, err)
	}
}

// failing is a writer that fails.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestEncodeToFailingWriter(t *testing.T) {
	img := paint("r")
	if err := EncodePNG(failing{}, img, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if err := EncodeAPNG(failing{}, frames(img), 0, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
	if err := EncodeGIF(failing{}, frames(img), 0, true); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func TestHeaderSize(t *testing.T) {
	file := pngOf(t, Sheet(frames(paint("r")), 1, 1, color.White))
	if n := binary.BigEndian.Uint32(file[len(signature):]); headerSize != len(signature)+12+int(n) {
		t.Errorf("%d bytes, want %d", headerSize, len(signature)+12+int(n))
	}
}
