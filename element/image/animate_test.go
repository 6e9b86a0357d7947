package image

import (
	"bytes"
	"encoding/binary"
	stdimage "image"
	"image/draw"
	"image/gif"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func frames(f ...*stdimage.NRGBA) []*stdimage.NRGBA { return f }

// play draws the frames of a GIF as the specification has it.
func play(t *testing.T, g *gif.GIF) []*stdimage.NRGBA {
	t.Helper()
	canvas := stdimage.NewRGBA(stdimage.Rect(0, 0, g.Config.Width, g.Config.Height))
	var out []*stdimage.NRGBA
	for i, f := range g.Image {
		draw.Draw(canvas, f.Rect, f, f.Rect.Min, draw.Over)
		out = append(out, Fit{}.Apply(canvas))
		if g.Disposal[i] == gif.DisposalBackground {
			draw.Draw(canvas, f.Rect, stdimage.Transparent, stdimage.Point{}, draw.Src)
		}
	}
	return out
}

func TestEncodeGIF(t *testing.T) {
	in := frames(paint("...", "..."), paint("r..", "..."), paint("rgb", ".hk"), paint("..b", "k.."))
	var b bytes.Buffer
	if err := EncodeGIF(&b, in, 123*time.Millisecond, true); err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(&b)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(g.Delay, []int{12, 12, 12, 150}) || g.LoopCount != 0 {
		t.Errorf("delays %v, loops %d", g.Delay, g.LoopCount)
	}
	for i, want := range []string{".../...", "r../...", "rgb/.rk", "..b/k.."} {
		if got := letters(play(t, g)[i]); got != want {
			t.Errorf("frame %d: %s, want %s", i, got, want)
		}
	}
	for _, tc := range []struct {
		delay time.Duration
		want  []int
	}{{0, []int{2, 150}}, {-time.Hour, []int{2, 150}}, {2 * time.Second, []int{200, 200}}, {time.Hour, []int{65535, 65535}}} {
		b.Reset()
		if err := EncodeGIF(&b, in[:2], tc.delay, false); err != nil {
			t.Fatal(err)
		}
		if g, err = gif.DecodeAll(&b); err != nil || !slices.Equal(g.Delay, tc.want) || g.LoopCount != -1 {
			t.Errorf("%v: delays %v, want %v; loops %d; %v", tc.delay, g.Delay, tc.want, g.LoopCount, err)
		}
	}
}

func TestEncodeGIFManyColours(t *testing.T) {
	img := noise(40, 40, 1)
	var b bytes.Buffer
	if err := EncodeGIF(&b, frames(img), 0, false); err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(&b)
	if err != nil {
		t.Fatal(err)
	}
	got := play(t, g)[0]
	var sum, n float64
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i+3] != got.Pix[i+3] {
			t.Fatalf("pixel %d: alpha %d, want %d", i/4, got.Pix[i+3], img.Pix[i+3])
		}
		if img.Pix[i+3] > 0 {
			sum += toLab(img.NRGBAAt(i/4%40, i/160)).distance(toLab(got.NRGBAAt(i/4%40, i/160)))
			n++
		}
	}
	if sum/n > 0.003 {
		t.Errorf("mean squared error %.5f, want at most 0.003", sum/n)
	}
}

// TestEncodeAPNG takes the file apart: the right chunks in order, and each frame a PNG of its own.
func TestEncodeAPNG(t *testing.T) {
	in := frames(paint("rrr", "rrr"), paint("rgb", ".h."), paint("...", "..."))
	var b bytes.Buffer
	if err := EncodeAPNG(&b, in, 80*time.Millisecond, []Text{{"prompt", "three dots"}}); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	if first, err := Decode(bytes.NewReader(file), Limits{}); err != nil || letters(first) != "rrr/rrr" {
		t.Errorf("as PNG: %v, %v", first, err)
	}
	if texts, err := ReadTexts(bytes.NewReader(file)); err != nil || !slices.Equal(texts, []Text{{"prompt", "three dots"}}) {
		t.Errorf("%v, %v", texts, err)
	}
	var kinds, delays []string
	var sequence uint32
	var got []string
	take := func() uint32 { sequence++; return sequence - 1 }
	for _, c := range chunks(file) {
		kinds = append(kinds, c.kind)
		switch c.kind {
		case "acTL":
			if n, plays := binary.BigEndian.Uint32(c.data), binary.BigEndian.Uint32(c.data[4:]); n != 3 || plays != 0 || len(c.data) != 8 {
				t.Errorf("acTL: %d frames, %d plays", n, plays)
			}
		case "fcTL":
			want := append(binary.BigEndian.AppendUint32(nil, take()), 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)
			if len(c.data) != 26 || !bytes.Equal(c.data[:20], want) || c.data[24] != 0 || c.data[25] != 0 {
				t.Errorf("fcTL: % x", c.data)
			}
			delay := time.Duration(binary.BigEndian.Uint16(c.data[20:])) * time.Second / time.Duration(binary.BigEndian.Uint16(c.data[22:]))
			delays = append(delays, delay.String())
		case "IDAT", "fdAT":
			data := c.data
			if c.kind == "fdAT" {
				if n := binary.BigEndian.Uint32(data); n != take() {
					t.Errorf("fdAT: sequence %d, want %d", n, sequence-1)
				}
				data = data[4:]
			}
			alone := appendChunk(appendChunk(bytes.Clone(file[:headerSize]), "IDAT", data), "IEND")
			img, err := Decode(bytes.NewReader(alone), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, letters(img))
		}
	}
	if want := "IHDR tEXt acTL fcTL IDAT fcTL fdAT fcTL fdAT IEND"; strings.Join(kinds, " ") != want {
		t.Errorf("%v, want %s", kinds, want)
	}
	if want := []string{"80ms", "80ms", "1.5s"}; !slices.Equal(delays, want) {
		t.Errorf("delays %v, want %v", delays, want)
	}
	if want := []string{"rrr/rrr", "rgb/.h.", ".../..."}; !slices.Equal(got, want) {
		t.Errorf("frames %v, want %v", got, want)
	}
}

// TestEncodeAPNGSplitData has frames whose pixels fill several chunks.
func TestEncodeAPNGSplitData(t *testing.T) {
	var b bytes.Buffer
	if err := EncodeAPNG(&b, frames(noise(200, 200, 1), noise(200, 200, 2)), time.Hour, nil); err != nil {
		t.Fatal(err)
	}
	var sequence uint32
	parts := 0
	for _, c := range chunks(b.Bytes()) {
		if c.kind == "fcTL" || c.kind == "fdAT" {
			if n := binary.BigEndian.Uint32(c.data); n != sequence {
				t.Errorf("%s: sequence %d, want %d", c.kind, n, sequence)
			}
			sequence++
		}
		if c.kind == "fdAT" {
			parts++
		}
		if c.kind == "fcTL" && binary.BigEndian.Uint16(c.data[20:]) != 65535 {
			t.Errorf("delay % x, want the longest", c.data[20:24])
		}
	}
	if parts < 2 {
		t.Errorf("%d chunks of pixels, want several", parts)
	}
}

func TestAnimationErrors(t *testing.T) {
	for _, tc := range []struct {
		frames []*stdimage.NRGBA
		want   string
	}{
		{nil, "no frame"},
		{frames(paint("r"), nil), "no frame, or one that is nil"},
		{frames(newPicture(0, 3)), "frames of 0x3, want 1 to 65535 a side"},
		{frames(newPicture(65536, 1)), "frames of 65536x1, want 1 to 65535 a side"},
		{frames(paint("r"), paint("rr")), "frame 1 is 2x1, want 1x1 as the first"},
	} {
		if err := EncodeGIF(io.Discard, tc.frames, 0, true); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("GIF: %v, want %s", err, tc.want)
		}
		if err := EncodeAPNG(io.Discard, tc.frames, 0, nil); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("APNG: %v, want %s", err, tc.want)
		}
	}
	if err := EncodeAPNG(io.Discard, frames(paint("r")), 0, []Text{{"", ""}}); err == nil {
		t.Error("a text without a key: no error")
	}
}
