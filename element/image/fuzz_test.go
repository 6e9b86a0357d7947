package image

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func FuzzDecode(f *testing.F) {
	f.Add(pngOf(f, paint("rgb", "h.k")))
	f.Add(offsetGIF(f))
	f.Add(headerOf(60000, 60000))
	f.Add([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00"))
	limits := Limits{Pixels: 1 << 12, Bytes: 1 << 16}
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Decode(bytes.NewReader(data), limits)
		if err != nil {
			return
		}
		if n := img.Rect.Dx() * img.Rect.Dy(); n < 1 || n > limits.Pixels || len(img.Pix) != 4*n || img.Rect.Min.X != 0 || img.Rect.Min.Y != 0 {
			t.Errorf("%v with %d bytes", img.Rect, len(img.Pix))
		}
	})
}

func FuzzReadTexts(f *testing.F) {
	var b bytes.Buffer
	if err := EncodePNG(&b, paint("r"), []Text{{"Title", "café"}, {"prompt", "春曉"}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	pillow, err := os.ReadFile("testdata/pillow.png")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pillow)
	f.Fuzz(func(t *testing.T, data []byte) {
		// Check sums that are right, or hardly anything would come through.
		if len(data) > len(signature) {
			data = mend(data)
		}
		texts, err := ReadTexts(bytes.NewReader(data))
		if err != nil {
			return
		}
		total := 0
		for _, x := range texts {
			total += len(x.Key) + len(x.Value)
		}
		if len(texts) > maxTexts || total > maxTextBytes {
			t.Errorf("%d texts of %d bytes", len(texts), total)
		}
	})
}

// mend gives each whole chunk its check sum.
func mend(data []byte) []byte {
	out := bytes.Clone(data[:len(signature)])
	rest := data[len(signature):]
	for len(rest) >= 12 {
		n := int(rest[2])<<8 | int(rest[3])
		if rest[0]|rest[1] != 0 || n > len(rest)-12 {
			break
		}
		out = appendChunk(out, string(rest[4:8]), rest[8:8+n])
		rest = rest[12+n:]
	}
	return append(out, rest...)
}

func FuzzCaptions(f *testing.F) {
	f.Add("file\tcaption\tcategory\tsplit\na.png\ta dot\tdots\ttrain\n")
	f.Add("\ufeffsplit\tfile\r\n\t../x\r\n\n\xff")
	f.Add("file")
	f.Fuzz(func(t *testing.T, data string) {
		rows, err := parseCaptions(strings.NewReader(data))
		if err != nil {
			return
		}
		last := 1
		for _, r := range rows {
			if r.line <= last || r.line > strings.Count(data, "\n")+1 {
				t.Errorf("line %d after %d", r.line, last)
			}
			last = r.line
			if r.err == nil && !filepath.IsLocal(r.file) {
				t.Errorf("%q is outside the folder", r.file)
			}
			if strings.ContainsAny(r.file+r.caption+r.category+r.split, "\t\n") {
				t.Errorf("line %d: a field with a separator", r.line)
			}
		}
	})
}
