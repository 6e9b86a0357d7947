package image

import (
	"bytes"
	"encoding/binary"
	"errors"
	stdimage "image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

var (
	red   = color.NRGBA{255, 0, 0, 255}
	green = color.NRGBA{0, 255, 0, 255}
	blue  = color.NRGBA{0, 0, 255, 255}
	none  = color.NRGBA{}
)

// paint makes a picture from rows of letters: r, g, b, black k, white w, half-transparent red h; others are transparent.
func paint(rows ...string) *stdimage.NRGBA {
	colours := map[rune]color.NRGBA{
		'r': red, 'g': green, 'b': blue, 'k': {0, 0, 0, 255}, 'w': {255, 255, 255, 255}, 'h': {255, 0, 0, 128},
	}
	img := newPicture(len(rows[0]), len(rows))
	for y, row := range rows {
		for x, r := range row {
			img.SetNRGBA(x, y, colours[r])
		}
	}
	return img
}

// letters is the inverse of paint; ? is any other colour.
func letters(img *stdimage.NRGBA) string {
	names := map[color.NRGBA]byte{
		red: 'r', green: 'g', blue: 'b', {0, 0, 0, 255}: 'k', {255, 255, 255, 255}: 'w', {255, 0, 0, 128}: 'h', none: '.',
	}
	var rows []string
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		var row []byte
		for x := b.Min.X; x < b.Max.X; x++ {
			n, ok := names[img.NRGBAAt(x, y)]
			if !ok {
				n = '?'
			}
			row = append(row, n)
		}
		rows = append(rows, string(row))
	}
	return strings.Join(rows, "/")
}

func pngOf(t testing.TB, img stdimage.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, g *gif.GIF) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// offsetGIF has a frame of 2x1 at 1,1 of a canvas of 4x3, and a second frame.
func offsetGIF(t testing.TB) []byte {
	p := color.Palette{none, red, blue}
	first := stdimage.NewPaletted(stdimage.Rect(1, 1, 3, 2), p)
	first.Pix = []uint8{1, 2}
	second := stdimage.NewPaletted(stdimage.Rect(0, 0, 4, 3), p)
	return gifOf(t, &gif.GIF{Image: []*stdimage.Paletted{first, second}, Delay: []int{1, 1}, Config: stdimage.Config{Width: 4, Height: 3}})
}

func TestDecode(t *testing.T) {
	paletted := stdimage.NewPaletted(stdimage.Rect(0, 0, 3, 1), color.Palette{none, color.NRGBA{255, 0, 0, 128}, green})
	copy(paletted.Pix, []uint8{0, 1, 2})
	gray := stdimage.NewGray(stdimage.Rect(0, 0, 2, 1))
	gray.Pix[1] = 255
	deep := stdimage.NewNRGBA64(stdimage.Rect(0, 0, 2, 1))
	deep.SetNRGBA64(0, 0, color.NRGBA64{0xffff, 0, 0, 0x8080})
	deep.SetNRGBA64(1, 0, color.NRGBA64{0, 0xffff, 0, 0xffff})
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"RGBA", pngOf(t, paint("rgb", "h.k")), "rgb/h.k"},
		{"RGB", pngOf(t, paint("rgb", "wwk")), "rgb/wwk"},
		{"palette", pngOf(t, paletted), ".hg"},
		{"gray", pngOf(t, gray), "kw"},
		{"16 bits", pngOf(t, deep), "hg"},
		{"part", pngOf(t, paint("rgb", "h.k").SubImage(stdimage.Rect(1, 0, 3, 2))), "gb/.k"},
		{"GIF", offsetGIF(t), "..../.rb./...."},
	} {
		img, err := Decode(bytes.NewReader(tc.data), Limits{})
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if got := letters(img); got != tc.want || img.Rect.Min != (stdimage.Point{}) {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	hidden := newPicture(1, 1)
	hidden.Pix = []uint8{1, 2, 3, 4}
	if img, err := Decode(bytes.NewReader(pngOf(t, hidden)), Limits{}); err != nil || !bytes.Equal(img.Pix, hidden.Pix) {
		t.Errorf("a faint colour: %v, %v", img, err)
	}
}

func TestDecodeJPEG(t *testing.T) {
	img := newPicture(8, 8)
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	got, err := Decode(&b, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if c := got.NRGBAAt(4, 4); got.Rect != img.Rect || c.A != 255 || c.R < 150 || c.R > 164 { // 200·200/255
		t.Errorf("%v %v", got.Rect, c)
	}
}

// header is a PNG file of a size, with nothing after.
func headerOf(w, h uint32) []byte {
	data := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return appendChunk([]byte(signature), "IHDR", append(data, 8, 6, 0, 0, 0))
}

func TestDecodeErrors(t *testing.T) {
	whole := pngOf(t, paint("rgb", "h.k"))
	broken := bytes.Clone(whole)
	broken[len(broken)-20] ^= 1
	for _, tc := range []struct {
		name   string
		data   []byte
		limits Limits
		want   string
	}{
		{"empty", nil, Limits{}, "found an empty file, want PNG, GIF or JPEG"},
		{"other", []byte("%PDF-1.7 and more"), Limits{}, "found a file that begins 25 50 44 46 2d 31 2e 37, want PNG, GIF or JPEG"},
		{"bomb", headerOf(60000, 60000), Limits{}, "found a PNG of 60000x60000 pixels, want at most 16777216 pixels"},
		{"wide", headerOf(1<<31-1, 1<<31-1), Limits{}, "found a PNG "},
		{"no width", headerOf(0, 7), Limits{}, "found a PNG with a bad header"},
		{"no canvas", []byte("GIF89a\x00\x00\x00\x00\x00\x00\x00"), Limits{}, "found a GIF of 0x0 pixels, want at least 1x1"},
		{"pixels", whole, Limits{Pixels: 5}, "found a PNG of 3x2 pixels, want at most 5 pixels"},
		{"bytes", whole, Limits{Bytes: 60}, "found more than 60 bytes, want at most 60"},
		{"check sum", broken, Limits{}, "found a damaged PNG (png: invalid format"},
		{"header only", headerOf(2, 2), Limits{}, "found a damaged PNG (unexpected EOF), want a whole picture"},
		{"bad JPEG", []byte("\xff\xd8\xff\xe0\x00\x01"), Limits{}, "found a JPEG with a bad header"},
	} {
		_, err := Decode(bytes.NewReader(tc.data), tc.limits)
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		}
	}
	for n := range whole {
		if _, err := Decode(bytes.NewReader(whole[:n]), Limits{}); err == nil {
			t.Errorf("the first %d of %d bytes: no error", n, len(whole))
		}
	}
	if _, err := Decode(iotest.ErrReader(fs.ErrPermission), Limits{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("a reader that fails: %v", err)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.png"), filepath.Join(dir, "bad.png")
	for path, data := range map[string][]byte{good: pngOf(t, paint("rg")), bad: []byte("text")} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if img, err := Read(good, Limits{}); err != nil || letters(img) != "rg" {
		t.Errorf("%v, %v", img, err)
	}
	if _, err := Read(bad, Limits{}); err == nil || err.Error() != bad+": found a file that begins 74 65 78 74, want PNG, GIF or JPEG" {
		t.Error(err)
	}
	missing := filepath.Join(dir, "missing.png")
	if _, err := Read(missing, Limits{}); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), missing) != 1 {
		t.Error(err)
	}
	if _, err := Read(dir, Limits{}); err == nil || err.Error() != dir+": found no regular file, want a picture" {
		t.Error(err)
	}
}
