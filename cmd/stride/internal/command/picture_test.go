package command

import (
	"bytes"
	"fmt"
	stdimage "image"
	"image/color"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/internal/golden"
)

// drawing is a small picture: each letter is a colour.
func drawing(rows ...string) *stdimage.NRGBA {
	inks := map[rune]color.NRGBA{'r': {220, 40, 30, 255}, 'g': {30, 160, 60, 255}, 'k': {0, 0, 0, 255}, 'w': {255, 255, 255, 255}, 'f': {255, 255, 255, 60}}
	p := stdimage.NewNRGBA(stdimage.Rect(0, 0, len(rows[0]), len(rows)))
	for y, row := range rows {
		for x, r := range row {
			p.SetNRGBA(x, y, inks[r])
		}
	}
	return p
}

// pictureSteps are the steps of a refine and of an ar that draw the same picture
// of 4 by 3 pixels.
func pictureSteps() map[string][]stride.Step {
	rows := []string{"rr.k", "rg.k", ".gwf"}
	refine := func(pass int, p *stdimage.NRGBA) stride.Step {
		return stride.Step{Pass: pass, Passes: 2, Object: stride.Picture{Image: p, Known: 12}, Time: float64(pass) / 2, Change: 0.12 * float64(pass-1), Done: pass == 2,
			Stats: stride.Stats{Strategy: "refine", Elements: 12, Passes: pass, Seed: 7}}
	}
	out := map[string][]stride.Step{"refine": {refine(1, drawing("rrrr", "rggg", ".gg.")), refine(2, drawing(rows...))}}
	for n := 1; n <= 12; n++ {
		p := drawing(rows...)
		for i := n; i < 12; i++ {
			p.SetNRGBA(i%4, i/4, color.NRGBA{})
		}
		out["ar"] = append(out["ar"], stride.Step{Pass: n, Object: stride.Picture{Image: p, Known: n}, Fresh: []int{n - 1}, Confidence: 0.5, Done: n == 12,
			Stats: stride.Stats{Strategy: "ar", Elements: n, Passes: n, Seed: 7}})
	}
	return out
}

var groundColours = regexp.MustCompile(`\x1b\[([34])8;2;(\d+);(\d+);(\d+)m`)

// markedCells shows the colours of cells as marks that can be read in a diff.
func markedCells(line string) string {
	line = groundColours.ReplaceAllStringFunc(line, func(s string) string {
		var ground string
		var r, g, b int
		m := groundColours.FindStringSubmatch(s)
		fmt.Sscan(strings.Join(m[1:], " "), &ground, &r, &g, &b)
		return fmt.Sprintf("{%s%02x%02x%02x}", map[string]string{"3": "ink ", "4": "on "}[ground], r, g, b)
	})
	return marked.Replace(strings.NewReplacer(noGround, "{on none}").Replace(line))
}

// TestPictureFrames compares what the live view shows of pictures with a golden
// text. Rewrite it with -update.
func TestPictureFrames(t *testing.T) {
	var b strings.Builder
	all := pictureSteps()
	for _, tc := range []struct {
		name     string
		title    string
		captions []string
		steps    [][]stride.Step
		width    int
		colours  bool
	}{
		{"refine", "a red dragon", make([]string, 1), [][]stride.Step{all["refine"]}, 60, true},
		{"refine without colours", "a red dragon", make([]string, 1), [][]stride.Step{all["refine"]}, 60, false},
		{"ar", "a red dragon", make([]string, 1), [][]stride.Step{{all["ar"][0], all["ar"][5], all["ar"][11]}}, 60, true},
		{"two in a row", "red", make([]string, 3), [][]stride.Step{all["refine"], all["refine"], all["refine"]}, 14, true},
		{"captions of their own", "", []string{"red", "a green dragon"}, [][]stride.Step{all["refine"], all["refine"]}, 40, false},
	} {
		g := newGallery(&console{styledOut: &bytes.Buffer{}, colours: tc.colours, size: func() (int, int) { return tc.width, 24 }}, len(tc.steps), time.Nanosecond, nil)
		g.title, g.caption = tc.title, func(i int) string { return tc.captions[i] }
		for i, steps := range tc.steps {
			for _, step := range steps {
				if err := g.show(step); err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "== %s, picture %d, pass %d\n", tc.name, i+1, step.Pass)
				for _, line := range g.lines {
					if w := lipgloss.Width(line); w >= tc.width {
						t.Errorf("%s, pass %d: %q is %d cells wide in a terminal of %d", tc.name, step.Pass, line, w, tc.width)
					}
					b.WriteString(markedCells(line) + "\n")
				}
			}
		}
	}
	golden.Compare(t, "pictures.golden", b.String())
}

// TestGallerySkips checks that of many steps in a moment only some are drawn,
// and the finished picture always.
func TestGallerySkips(t *testing.T) {
	for _, tc := range []struct {
		name  string
		pace  time.Duration
		setup func(*gallery)
		want  []int
	}{
		{"at once", 0, func(*gallery) {}, []int{1, 12}},
		{"paced", time.Nanosecond, func(*gallery) {}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{"done only", 0, func(g *gallery) { g.doneOnly = true }, []int{12}},
	} {
		var out bytes.Buffer
		g := newGallery(&console{styledOut: &out, size: func() (int, int) { return 80, 24 }}, 1, tc.pace, nil)
		tc.setup(g)
		g.skip = time.Hour
		var drawn []int
		for _, step := range pictureSteps()["ar"] {
			out.Reset()
			if err := g.show(step); err != nil {
				t.Fatal(err)
			}
			if out.Len() > 0 {
				drawn = append(drawn, step.Pass)
			}
		}
		if !slices.Equal(drawn, tc.want) {
			t.Errorf("%s: drawn %v, want %v", tc.name, drawn, tc.want)
		}
	}
}

func TestShrunk(t *testing.T) {
	p := stdimage.NewNRGBA(stdimage.Rect(0, 0, 64, 48))
	for _, tc := range []struct{ known, columns, rows, width, height, want int }{
		{64 * 48, 64, 24, 64, 48, 64 * 48},
		{64 * 48, 63, 24, 32, 24, 32 * 24},
		{64*10 + 5, 32, 24, 32, 24, 32 * 5},
		{64 * 48, 200, 10, 22, 16, 22 * 16},
		{0, 0, 0, 1, 1, 0},
	} {
		small, known := shrunk(p, tc.known, tc.columns, tc.rows)
		if got := [3]int{small.Rect.Dx(), small.Rect.Dy(), known}; got != [3]int{tc.width, tc.height, tc.want} {
			t.Errorf("%+v: %v", tc, got)
		}
	}
}

func TestRecorder(t *testing.T) {
	r := &recorder{}
	for _, step := range pictureSteps()["ar"] {
		if err := r.show(step); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.frames) != 3 { // a row each
		t.Errorf("%d frames of 3 rows", len(r.frames))
	}
	r = &recorder{}
	for pass := 1; pass <= 200; pass++ {
		step := pictureSteps()["refine"][0]
		step.Pass, step.Passes, step.Done = pass, 200, pass == 200
		if err := r.show(step); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.frames); n < mostFrames/2 || n > mostFrames {
		t.Errorf("%d frames of 200 passes", n)
	}
}

func TestSizes(t *testing.T) {
	model := &stride.PictureInfo{Width: 32, Height: 16}
	for _, tc := range []struct {
		text string
		want int
		err  string
	}{
		{"", 1, ""},
		{"32", 1, ""}, {"256", 8, ""}, {"256x128", 8, ""}, {"8x", 8, ""}, {"8X", 8, ""}, {"4096", 128, ""},
		{"100", 0, "--size 100: want a whole multiple of the model's 32x16, up to 128x; the nearest: 96x48, 128x64"},
		{"256x256", 0, "the nearest: 256x128, 288x144"},
		{"1", 0, "the nearest: 32x16, 64x32"},
		{"129x", 0, "--size 129x: want a whole multiple of the model's 32x16, up to 128x; the nearest: 4096x2048"},
		{"999999", 0, "the nearest: 4096x2048"},
		{"0", 0, "is no size"}, {"x", 0, "is no size"}, {"-4", 0, "is no size"}, {"4x4x4", 0, "is no size"}, {"x8", 0, "is no size"}, {"8xx", 0, "is no size"},
	} {
		var s sizeFlag
		var err error
		if tc.text != "" {
			err = s.UnmarshalText([]byte(tc.text))
		}
		k := 0
		if err == nil {
			k, err = s.scale(model)
		}
		if k != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%q: %d, %v, want %d, %q", tc.text, k, err, tc.want, tc.err)
		}
	}
}

func TestSpriteNames(t *testing.T) {
	got := spriteNames([]string{"orc", "elf", "orc", ""})
	if want := []string{"orc 1", "elf", "orc 2", "picture 4"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSheetPlaces looks for each picture where the atlas says that it is.
func TestSheetPlaces(t *testing.T) {
	inks := []string{"r", "g", "k", "w"}
	for _, n := range []int{1, 2, 4} {
		for _, columns := range []int{0, 1, 3, 9} {
			for _, gap := range []*int{nil, pointer(0), pointer(5)} {
				var all []*stdimage.NRGBA
				for _, ink := range inks[:n] {
					row := strings.Repeat(ink, 32)
					all = append(all, drawing(slices.Repeat([]string{row}, 16)...))
				}
				on := newSheet(sheetFlag{on: true, columns: columns}, gap, n, 32, 16)
				whole := image.Sheet(all, on.columns, on.gap, nil)
				if w, h := on.size(n, 32, 16); whole.Rect.Dx() != w || whole.Rect.Dy() != h {
					t.Errorf("%d on %+v: size is %v, want %dx%d", n, on, whole.Rect, w, h)
				}
				for i, p := range all {
					at := on.place(i, 32, 16)
					for _, corner := range []stdimage.Point{{}, {X: 31, Y: 15}} {
						if got, want := whole.NRGBAAt(at.X+corner.X, at.Y+corner.Y), p.NRGBAAt(corner.X, corner.Y); got != want {
							t.Errorf("%d on %+v: picture %d at %v has %v, want %v", n, on, i, at, got, want)
						}
					}
				}
			}
		}
	}
}
