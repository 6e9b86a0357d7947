package image

import (
	stdimage "image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestLab holds to the values of CSS Color 4 for the primaries.
func TestLab(t *testing.T) {
	for c, want := range map[color.NRGBA]lab{
		red:                  {0.62796, 0.22486, 0.12585},
		green:                {0.86644, -0.23389, 0.17950},
		blue:                 {0.45201, -0.03246, -0.31153},
		{255, 255, 255, 255}: {1, 0, 0},
		{0, 0, 0, 255}:       {0, 0, 0},
	} {
		if got := toLab(c); got.distance(want) > 1e-9 {
			t.Errorf("%v: %v, want %v", c, got, want)
		}
	}
	for i := range 1 << 12 {
		c := color.NRGBA{uint8(i >> 4), uint8(i * 7), uint8(i * 31), 255}
		if got := toLab(c).nrgba(); got != c {
			t.Fatalf("%v becomes %v", c, got)
		}
	}
}

// noise makes a picture of random colours, one in four pixels transparent.
func noise(w, h int, seed uint64) *stdimage.NRGBA {
	r := rand.New(rand.NewPCG(seed, 0))
	img := newPicture(w, h)
	for i := 0; i < len(img.Pix); i += 4 {
		if r.IntN(4) > 0 {
			copy(img.Pix[i:], []uint8{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255})
		}
	}
	return img
}

func TestLearnPaletteExact(t *testing.T) {
	p, err := LearnPalette([]*stdimage.NRGBA{paint("rgb", "..."), paint("kk.", "h.k")}, 8, 0)
	if err != nil {
		t.Fatal(err)
	}
	// From dark to light; half-transparent red counts as red.
	if want := (Palette{none, {0, 0, 0, 255}, blue, red, green}); !slices.Equal(p, want) {
		t.Errorf("%v, want %v", p, want)
	}
}

func TestLearnPalette(t *testing.T) {
	pictures := []*stdimage.NRGBA{noise(64, 64, 1), noise(64, 64, 2)}
	last := math.Inf(1)
	for _, n := range []int{2, 3, 16, 64, 256} {
		p, err := LearnPalette(pictures, n, 7)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := LearnPalette(pictures, n, 7)
		if !slices.Equal(p, again) {
			t.Errorf("%d colours: two runs differ", n)
		}
		if len(p) != n || p[0] != none {
			t.Errorf("%d colours: %d, first %v", n, len(p), p[0])
		}
		light := -1.0
		for _, c := range p[1:] {
			if l := toLab(c).l; l < light || c.A != 255 {
				t.Errorf("%d colours: %v out of order or not opaque", n, c)
			} else {
				light = l
			}
		}
		if e := meanError(p, pictures[0]); e >= last {
			t.Errorf("%d colours: error %.4f, want less than %.4f of fewer", n, e, last)
		} else {
			last = e
		}
	}
	if last > 0.06 {
		t.Errorf("error %.4f of 256 colours, want at most 0.06", last)
	}
}

func meanError(p Palette, img *stdimage.NRGBA) float64 {
	var sum, n float64
	for i, id := range p.Indices(nil, img) {
		if id > 0 {
			c := img.Pix[4*i:]
			sum += math.Sqrt(toLab(color.NRGBA{c[0], c[1], c[2], 255}).distance(toLab(p[id])))
			n++
		}
	}
	return sum / n
}

// TestLearnPaletteKeepsFrequent checks that outlines stay black among many colours that are nearly black.
func TestLearnPaletteKeepsFrequent(t *testing.T) {
	img := noise(64, 64, 3)
	for i := 0; i < len(img.Pix); i += 16 {
		copy(img.Pix[i:], []uint8{0, 0, 0, 255})
		copy(img.Pix[i+4:], []uint8{uint8(i % 9), uint8(i % 7), uint8(i % 5), 255})
	}
	p, err := LearnPalette([]*stdimage.NRGBA{img}, 16, 0)
	if err != nil || p[1] != (color.NRGBA{0, 0, 0, 255}) {
		t.Errorf("%v, %v, want black first", p, err)
	}
}

func TestLearnPaletteManyColours(t *testing.T) {
	img := newPicture(1024, 300)
	for i := range 1024 * 300 {
		copy(img.Pix[4*i:], []uint8{uint8(i), uint8(i >> 6), uint8(i >> 11), 255})
	}
	samples := histogram([]*stdimage.NRGBA{img})
	total := 0.0
	for _, s := range samples {
		total += s.weight
	}
	if len(samples) > maxSamples || total != 1024*300 {
		t.Errorf("%d colours of %v pixels", len(samples), total)
	}
	p, err := LearnPalette([]*stdimage.NRGBA{img}, 4, 0)
	if err != nil || len(p) != 4 {
		t.Errorf("%v, %v", p, err)
	}
}

func TestLearnPaletteErrors(t *testing.T) {
	pictures := []*stdimage.NRGBA{paint("r")}
	for _, tc := range []struct {
		pictures []*stdimage.NRGBA
		n        int
		want     string
	}{
		{pictures, 1, "a palette of 1 colours, want 2 to 256"},
		{pictures, 257, "a palette of 257 colours, want 2 to 256"},
		{nil, 16, "no opaque pixel in 0 pictures"},
		{[]*stdimage.NRGBA{paint("..")}, 16, "no opaque pixel in 1 pictures"},
	} {
		if _, err := LearnPalette(tc.pictures, tc.n, 0); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%v, want %s", err, tc.want)
		}
	}
}

func TestIndices(t *testing.T) {
	p := Palette{none, {0, 0, 0, 255}, blue, red, green}
	img := paint("rgb", ".kh")
	ids := p.Indices(nil, img)
	if want := []int{3, 4, 2, 0, 1, 3}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
	if got := letters(p.Picture(ids, 3, 2)); got != "rgb/.kr" {
		t.Errorf("drawn again: %s", got)
	}
	if got := p.Indices([]int{9}, img.SubImage(stdimage.Rect(1, 0, 3, 1)).(*stdimage.NRGBA)); !slices.Equal(got, []int{9, 4, 2}) {
		t.Errorf("a part, appended: %v", got)
	}
	if got := (Palette{none}).Indices(nil, img); !slices.Equal(got, make([]int, 6)) {
		t.Errorf("without colours: %v", got)
	}
}

// TestIndicesNearest compares the search with the obvious one.
func TestIndicesNearest(t *testing.T) {
	img := noise(64, 64, 4)
	p, err := LearnPalette([]*stdimage.NRGBA{noise(32, 32, 5)}, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(p)-1, func(i, j int) { p[i+1], p[j+1] = p[j+1], p[i+1] })
	for i, id := range p.Indices(nil, img) {
		c := img.Pix[4*i:]
		want := 0
		if c[3] > 0 {
			best := math.Inf(1)
			for k, e := range p[1:] {
				if d := toLab(color.NRGBA{c[0], c[1], c[2], 255}).distance(toLab(e)); d < best {
					best, want = d, k+1
				}
			}
		}
		if id != want {
			t.Fatalf("pixel %d: %d, want %d", i, id, want)
		}
	}
}

func TestPictureHoles(t *testing.T) {
	p := Palette{none, red}
	for want, ids := range map[string][]int{
		"r./..": {1},
		".r/r.": {-1, 1, 1, 99},
		"rr/rr": {1, 1, 1, 1, 1, 1},
		"../..": nil,
	} {
		if got := letters(p.Picture(ids, 2, 2)); got != want {
			t.Errorf("%v: %s, want %s", ids, got, want)
		}
	}
}
