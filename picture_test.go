package stride_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stride-ml/stride"
)

const pictureRecipe = `name: %s
title: A test
strategies: [%s]
companions: [%s]
data: {kind: pictures, folder: shapes, captions: captions.tsv, source: somewhere, licence: none}
elements: {width: 8, height: 8, alpha: binary, pieces: 30, min_count: 1, colours: 3}
network:
  kind: %s
  from: %q
  context: 16
  width: 32
  layers: 2
  heads: 2
  ffn: 48
  patch: 2
  stem: 8
  pixel: 4
  pixels: {width: 16, layers: 1, heads: 2, ffn: 24}
  caption: {width: 16, layers: 1, heads: 2, ffn: 24}
train: {steps: %d, batch_pictures: 12, micro_pictures: 12, learning_rate: 0.01, warmup: 5, dropout: 0, ema: 0.95, drop_condition: 0.1, shortcut: %g, guidance: 1.5}
generate: {passes: 6, guidance: 2, shortcut_passes: %d}
weights: f32
`

var (
	red  = color.NRGBA{220, 30, 20, 255}
	blue = color.NRGBA{20, 60, 230, 255}
)

// shape draws a square or a cross in the middle of 8x8 pixels.
func shape(name string, c color.NRGBA) *stdimage.NRGBA {
	p := stdimage.NewNRGBA(stdimage.Rect(0, 0, 8, 8))
	for y := 1; y < 7; y++ {
		for x := 1; x < 7; x++ {
			if name == "square" || x == 3 || x == 4 || y == 3 || y == 4 {
				p.SetNRGBA(x, y, c)
			}
		}
	}
	return p
}

// writeShapes writes four pictures with captions, each a few times.
func writeShapes(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	captions := "file\tcategory\tcaption\tsplit\n"
	for i := range 12 {
		shapeName, category := "square", "full"
		if i%2 == 1 {
			shapeName, category = "cross", "thin"
		}
		colourName, c := "red", red
		if i/2%2 == 1 {
			colourName, c = "blue", blue
		}
		var b bytes.Buffer
		if err := png.Encode(&b, shape(shapeName, c)); err != nil {
			return err
		}
		name := fmt.Sprintf("%02d.png", i)
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			return err
		}
		split := "train"
		if i >= 8 {
			split = "valid"
		}
		captions += strings.Join([]string{name, category, "a " + colourName + " " + shapeName, split}, "\t") + "\n"
	}
	return os.WriteFile(filepath.Join(dir, "captions.tsv"), []byte(captions), 0o644)
}

// different counts the pixels in which pictures differ.
func different(a, b *stdimage.NRGBA) int {
	n := 0
	for i := 0; i < len(a.Pix); i += 4 {
		if !bytes.Equal(a.Pix[i:i+4], b.Pix[i:i+4]) {
			n++
		}
	}
	return n
}

// looksLike names the shape that a picture is most like.
func looksLike(p *stdimage.NRGBA) string {
	best, name := math.Inf(1), ""
	for _, colour := range []struct {
		name string
		c    color.NRGBA
	}{{"red", red}, {"blue", blue}} {
		for _, kind := range []string{"square", "cross"} {
			sum := 0.0
			for i, v := range shape(kind, colour.c).Pix {
				sum += math.Abs(float64(v) - float64(p.Pix[i]))
			}
			if sum < best {
				best, name = sum, "a "+colour.name+" "+kind
			}
		}
	}
	return name
}

// paint generates a picture and returns all its steps.
func paint(t testing.TB, m *stride.Model, p stride.Prompt, opts ...stride.Option) []stride.Step {
	t.Helper()
	var steps []stride.Step
	for step, err := range m.Generate(t.Context(), p, opts...) {
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

func imageOf(s stride.Step) *stdimage.NRGBA { return s.Object.(stride.Picture).Image }

// final generates a picture.
func final(t testing.TB, m *stride.Model, p stride.Prompt, opts ...stride.Option) *stdimage.NRGBA {
	t.Helper()
	steps := paint(t, m, p, opts...)
	return imageOf(steps[len(steps)-1])
}

var crossPrompt = stride.Prompt{Text: "a red cross", Conditions: map[string]string{"category": "thi"}}

// TestPicturesByAllStrategies checks what each strategy's steps say, and that
// they may be kept.
func TestPicturesByAllStrategies(t *testing.T) {
	m := open(t, "tiny-pixels")
	for _, tc := range []struct {
		opts            []stride.Option
		strategy, model string
		passes          int
	}{
		{nil, "ar", "tiny-pixels", 64},
		{[]stride.Option{stride.NAR()}, "nar", "tiny-flow", 1},
		{[]stride.Option{stride.NAR(), stride.Shortcut(true)}, "nar", "tiny-flow", 1},
		{[]stride.Option{stride.NAR(), stride.Guidance(3)}, "nar", "tiny-flow", 1},
		{[]stride.Option{stride.Refine(3)}, "refine", "tiny-flow", 3}, // with shortcuts
		{[]stride.Option{stride.Refine(9)}, "refine", "tiny-flow", 9},
		{[]stride.Option{stride.Refine(9), stride.Solver("heun")}, "refine", "tiny-flow", 9},
		{[]stride.Option{stride.Refine(9), stride.Tile()}, "refine", "tiny-flow", 9},
		{[]stride.Option{stride.Strategy("refine"), stride.Solver("euler")}, "refine", "tiny-flow", 6},
	} {
		steps := paint(t, m, crossPrompt, append(tc.opts, stride.Seed(1))...)
		if len(steps) != tc.passes {
			t.Errorf("%s: %d steps, want %d", tc.strategy, len(steps), tc.passes)
		}
		ar := tc.strategy == "ar"
		for i, s := range steps {
			p, known := s.Object.(stride.Picture), 64
			if ar {
				known = i + 1
			}
			if s.Pass != i+1 || p.Known != known || p.Elements() != 64 || s.Stats.Elements != known || s.Done != (i == len(steps)-1) {
				t.Errorf("%s: step %d is %+v with %d pixels known", tc.strategy, i+1, s, p.Known)
			}
			if ar != (len(s.Fresh) == 1) || ar != (s.Confidence > 0) || ar != (s.Passes == 0) || ar != (s.Time == 0) || ar && s.Change != 0 {
				t.Errorf("%s: step %d is %+v", tc.strategy, i+1, s)
			}
			for j := 4 * known; j < len(p.Image.Pix); j++ {
				if p.Image.Pix[j] != 0 {
					t.Fatalf("%s: a pixel that is not known is not transparent in step %d", tc.strategy, i+1)
				}
			}
			if ar && !bytes.Equal(p.Image.Pix[:4*known], imageOf(steps[63]).Pix[:4*known]) {
				t.Errorf("%s: step %d is not the beginning of the last", tc.strategy, i+1)
			}
		}
		last := steps[len(steps)-1]
		s := last.Stats
		if s.Strategy != tc.strategy || s.Model != tc.model || s.Passes != tc.passes || s.Drawn != 64 || s.Seed != 1 || s.Stopped != "end" || s.FirstStep <= 0 || s.Total < s.FirstStep {
			t.Errorf("%s: stats %+v", tc.strategy, s)
		}
		if got := looksLike(imageOf(last)); got != crossPrompt.Text {
			t.Errorf("%s: the picture is like %s", tc.strategy, got)
		}
		if !ar && (last.Time != 1 || tc.passes > 1 && !(last.Change >= 0 && steps[1].Change > 0)) {
			t.Errorf("%s: last step %+v", tc.strategy, last)
		}
	}
}

func TestPicturesFollowTheirPrompt(t *testing.T) {
	m := open(t, "tiny-flow")
	for _, caption := range []string{"a red square", "a blue square", "a red cross", "a blue cross"} {
		for _, opt := range []stride.Option{stride.AR(), stride.NAR(), stride.Refine(2), stride.Refine(8)} {
			if got := looksLike(final(t, m, stride.Prompt{Text: caption}, opt, stride.Seed(3))); got != caption {
				t.Errorf("%s is like %s", caption, got)
			}
		}
	}
	// Without any wish all are likely.
	seen := map[string]bool{}
	for seed := range uint64(12) {
		seen[looksLike(final(t, m, stride.Prompt{}, stride.Refine(8), stride.Seed(seed)))] = true
	}
	if len(seen) < 2 {
		t.Errorf("12 pictures of anything are all like %v", seen)
	}
	any := stride.Prompt{Conditions: map[string]string{"category": "any"}}
	if a, b := final(t, m, stride.Prompt{}, stride.Seed(1)), final(t, m, any, stride.Seed(1)); different(a, b) > 0 {
		t.Error("category any differs from no category")
	}
}

// TestOnePassIsTheMean holds that nar is plain unless asked: no guidance, no
// shortcut.
func TestOnePassIsTheMean(t *testing.T) {
	m := open(t, "tiny-flow")
	plain := final(t, m, crossPrompt, stride.NAR(), stride.Seed(5))
	same := final(t, m, crossPrompt, stride.NAR(), stride.Guidance(1), stride.Shortcut(false), stride.Seed(5))
	if different(plain, same) > 0 {
		t.Error("nar is not the velocity of the caption alone")
	}
	refine := final(t, m, crossPrompt, stride.Refine(1), stride.Guidance(1), stride.Seed(5))
	if different(plain, refine) > 0 {
		t.Error("nar is not a refine of one pass")
	}
	if short := final(t, m, crossPrompt, stride.NAR(), stride.Shortcut(true), stride.Seed(5)); different(short, final(t, m, crossPrompt, stride.Refine(1), stride.Seed(5))) > 0 {
		t.Error("a shortcut of one pass is not refine's")
	}
}

func TestCompletion(t *testing.T) {
	m := open(t, "tiny-pixels")
	start := shape("square", blue)
	for _, tc := range []struct {
		opts []stride.Option
		rows int
	}{
		{nil, 4}, {[]stride.Option{stride.Keep(0.25)}, 2}, {[]stride.Option{stride.Keep(0.7)}, 6}, {[]stride.Option{stride.Keep(0)}, 0}, {[]stride.Option{stride.Keep(1)}, 8},
	} {
		steps := paint(t, m, stride.Prompt{Text: "a blue square", Picture: start}, append(tc.opts, stride.Seed(2))...)
		passes := 64 - 8*tc.rows
		last := steps[len(steps)-1]
		if len(steps) != max(1, passes) || last.Stats.Passes != passes || last.Stats.Drawn != passes || last.Stats.Elements != 64 || !last.Done {
			t.Errorf("keeping %d rows: %d steps, %+v", tc.rows, len(steps), last.Stats)
		}
		for i, s := range steps {
			if got := imageOf(s); !bytes.Equal(got.Pix[:32*tc.rows], start.Pix[:32*tc.rows]) {
				t.Fatalf("step %d has not kept %d rows", i+1, tc.rows)
			}
		}
		if got := looksLike(imageOf(last)); got != "a blue square" {
			t.Errorf("completed to %s", got)
		}
	}
	// Colours become those of the palette, other sizes the model's.
	large := stdimage.NewNRGBA(stdimage.Rect(10, 10, 26, 26))
	for i := range large.Pix {
		large.Pix[i] = []uint8{200, 40, 40, 255}[i%4]
	}
	got := final(t, m, stride.Prompt{Picture: large}, stride.Keep(1))
	for i := 0; i < len(got.Pix); i += 4 {
		if c := (color.NRGBA{got.Pix[i], got.Pix[i+1], got.Pix[i+2], got.Pix[i+3]}); c != red {
			t.Fatalf("pixel %d is %v, want the palette's %v", i/4, c, red)
		}
	}
}

// lowerHalf is white in the lower half, and elsewhere transparent, black or dark.
func lowerHalf() *stdimage.NRGBA {
	m := stdimage.NewNRGBA(stdimage.Rect(0, 0, 8, 8))
	for y := range 8 {
		for x := range 8 {
			switch {
			case y >= 4:
				m.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 255})
			case x < 2:
				m.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 20})
			case x < 4:
				m.SetNRGBA(x, y, color.NRGBA{100, 100, 100, 255})
			}
		}
	}
	return m
}

func TestInpainting(t *testing.T) {
	m := open(t, "tiny-flow")
	start := shape("square", blue)
	before := slices.Clone(start.Pix)
	for _, opts := range [][]stride.Option{
		{stride.NAR()}, {stride.Refine(8)}, {stride.Refine(8), stride.Strength(0.5)}, {stride.Refine(8), stride.Tile()}, {stride.Refine(7), stride.Solver("heun")},
	} {
		p := stride.Prompt{Text: "a blue cross", Picture: start, Mask: lowerHalf()}
		steps := paint(t, m, p, append(opts, stride.Seed(4))...)
		for i, s := range steps {
			if got := imageOf(s); !bytes.Equal(got.Pix[:4*32], start.Pix[:4*32]) {
				t.Fatalf("step %d of %d has not kept what is outside the mask", i+1, len(steps))
			}
		}
		if got := imageOf(steps[len(steps)-1]); different(got, start) == 0 {
			t.Error("nothing was made anew")
		}
	}
	if !bytes.Equal(before, start.Pix) {
		t.Error("the caller's picture was changed")
	}
	nothing := stdimage.NewNRGBA(start.Rect)
	if got := final(t, m, stride.Prompt{Picture: start, Mask: nothing}, stride.Refine(4), stride.Seed(1)); different(got, start) > 0 {
		t.Error("a mask of nothing changes something")
	}
}

// TestPictureToPicture changes a picture by more and more.
func TestPictureToPicture(t *testing.T) {
	m := open(t, "tiny-flow")
	start := shape("square", red)
	p := stride.Prompt{Text: "a blue cross", Picture: start}
	change := func(opts ...stride.Option) (sum int) {
		for i, v := range final(t, m, p, append(opts, stride.Refine(8), stride.Seed(1))...).Pix {
			sum += max(int(v), int(start.Pix[i])) - min(int(v), int(start.Pix[i]))
		}
		return sum
	}
	little, usual, whole := change(stride.Strength(0.02)), change(), change(stride.Strength(1))
	if usual != change(stride.Strength(0.6)) || 2*little > usual || 2*little > whole {
		t.Errorf("strength 0.02 changes a picture by %d, usual by %d, 1 by %d", little, usual, whole)
	}
	if p.Picture = nil; change() != whole {
		t.Error("strength 1 leaves something of the picture")
	}
}

func TestBetweenSeedsAndCaptions(t *testing.T) {
	m := open(t, "tiny-flow")
	between := func(p stride.Prompt, opts ...stride.Option) *stdimage.NRGBA {
		return final(t, m, p, append(opts, stride.Refine(6))...)
	}
	anything := stride.Prompt{}
	for mix, seed := range map[float32]uint64{0: 1, 1: 2} {
		if different(between(anything, stride.Seed(1), stride.Toward(2, mix)), between(anything, stride.Seed(seed))) > 0 {
			t.Errorf("mix %v of two seeds is not the picture of seed %d", mix, seed)
		}
	}
	middle := between(anything, stride.Seed(1), stride.Toward(2, 0.5))
	if different(middle, between(anything, stride.Seed(1))) == 0 || different(middle, between(anything, stride.Seed(2))) == 0 {
		t.Error("half way between two seeds is one of them")
	}
	two := stride.Prompt{Text: "a red square", Toward: "a blue cross"}
	for mix, caption := range map[float32]string{0: two.Text, 1: two.Toward} {
		if different(between(two, stride.Seed(1), stride.MixCaptions(mix)), between(stride.Prompt{Text: caption}, stride.Seed(1))) > 0 {
			t.Errorf("mix %v of two captions is not the picture of %s", mix, caption)
		}
	}
	half := between(two, stride.Seed(1))
	if different(half, between(two, stride.Seed(1), stride.MixCaptions(0.5))) > 0 || different(half, between(stride.Prompt{Text: two.Text}, stride.Seed(1))) == 0 {
		t.Error("a second caption is not mixed in by half")
	}
}

func TestNegativePrompt(t *testing.T) {
	m := open(t, "tiny-flow")
	for _, by := range []stride.Option{stride.Refine(6), stride.AR()} {
		count := func(negative string) (blues int) {
			for seed := range uint64(16) {
				p := stride.Prompt{Text: "square", Negative: negative}
				if strings.Contains(looksLike(final(t, m, p, by, stride.Guidance(2), stride.Seed(seed))), "blue") {
					blues++
				}
			}
			return blues
		}
		if away, towards := count("a blue square"), count("a red square"); away >= towards {
			t.Errorf("%d of 16 pictures are blue away from blue, %d away from red", away, towards)
		}
	}
	// One pass is guided too where it is to lead away from something.
	p := crossPrompt
	p.Negative = "a blue cross"
	guided := final(t, m, p, stride.NAR(), stride.Guidance(2), stride.Seed(1))
	if different(guided, final(t, m, p, stride.NAR(), stride.Seed(1))) > 0 {
		t.Error("nar with a negative prompt has not the model's guidance")
	}
}

func TestTile(t *testing.T) {
	m := open(t, "tiny-flow")
	plain, tile := final(t, m, stride.Prompt{}, stride.Seed(1)), final(t, m, stride.Prompt{}, stride.Seed(1), stride.Tile())
	if different(plain, tile) == 0 {
		t.Error("a tile is the plain picture")
	}
}

func TestSameSeedSamePicture(t *testing.T) {
	m := open(t, "tiny-flow")
	for _, opts := range [][]stride.Option{{stride.AR()}, {stride.NAR()}, {stride.Refine(5), stride.Tile(), stride.Toward(8, 0.3)}} {
		opts = append(opts, stride.Seed(5))
		want := final(t, m, stride.Prompt{}, opts...)
		var everyone sync.WaitGroup
		for range 4 {
			everyone.Go(func() {
				if got := final(t, m, stride.Prompt{}, opts...); different(got, want) > 0 {
					t.Error("the same seed gives another picture")
				}
			})
		}
		everyone.Wait()
	}
	a, b := final(t, m, stride.Prompt{}, stride.Seed(1)), final(t, m, stride.Prompt{}, stride.Seed(2))
	if different(a, b) == 0 {
		t.Error("two seeds give the same picture")
	}
}

func TestCancelPicture(t *testing.T) {
	m := open(t, "tiny-flow")
	for _, opt := range []stride.Option{stride.AR(), stride.Refine(8)} {
		ctx, cancel := context.WithCancel(t.Context())
		var last stride.Step
		var got error
		steps := 0
		for step, err := range m.Generate(ctx, crossPrompt, opt) {
			if steps++; steps == 2 {
				cancel()
			}
			last, got = step, err
		}
		cancel()
		if steps != 3 || !errors.Is(got, context.Canceled) || !last.Done || last.Stats.Stopped != "cancelled" || last.Stats.Passes != 2 || imageOf(last) == nil {
			t.Errorf("cancelled after 2 steps: %d steps, error %v, last %+v", steps, got, last)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		text, _, err := m.Text(ctx, crossPrompt, opt)
		if text != "picture of 8x8 pixels, 0 of 64 known" || !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled before the start: %q, %v", text, err)
		}
		if _, err := m.ScorePicture(ctx, crossPrompt, shape("cross", red)); !errors.Is(err, context.Canceled) {
			t.Errorf("scoring, cancelled: %v", err)
		}
		if _, err := m.Gain(ctx, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("measuring, cancelled: %v", err)
		}
	}
}

func TestTextOfPicture(t *testing.T) {
	m := open(t, "tiny-pixels")
	for _, opt := range []stride.Option{stride.AR(), stride.NAR(), stride.Refine(2)} {
		text, stats, err := m.Text(t.Context(), crossPrompt, opt, stride.Seed(1))
		if err != nil || text != "picture of 8x8 pixels" || stats.Elements != 64 {
			t.Errorf("%s: %q, %+v, %v", stats.Strategy, text, stats, err)
		}
	}
}

func TestScorePicture(t *testing.T) {
	m := open(t, "tiny-flow")
	steps := paint(t, m, crossPrompt, stride.AR(), stride.Guidance(1), stride.Temperature(1), stride.TopP(1), stride.Seed(3))
	want := 0.0
	for _, s := range steps {
		want -= math.Log2(s.Confidence)
	}
	got, err := m.ScorePicture(t.Context(), crossPrompt, imageOf(steps[63]))
	if err != nil || got.Units != 64 || got.Elements != 64 || math.Abs(got.Bits-want) > 1e-3 {
		t.Errorf("score %+v, %v; the steps sum up to %v bits", got, err, want)
	}
	other, err := m.ScorePicture(t.Context(), crossPrompt, shape("square", blue))
	if err != nil || other.Bits <= got.Bits {
		t.Errorf("another picture scores %+v, %v", other, err)
	}
	for _, p := range []*stdimage.NRGBA{nil, {}, {Rect: stdimage.Rect(0, 0, 8, 8), Stride: 32}} {
		var option *stride.OptionError
		if _, err := m.ScorePicture(t.Context(), crossPrompt, p); !errors.As(err, &option) || option.Option != "picture" {
			t.Errorf("scoring %+v: %v", p, err)
		}
	}
	var unsupported *stride.UnsupportedError
	if _, err := m.Score(t.Context(), crossPrompt, "a text"); !errors.As(err, &unsupported) {
		t.Errorf("scoring a text: %v", err)
	}
	if _, err := open(t, "tiny").ScorePicture(t.Context(), spring, shape("square", blue)); !errors.As(err, &unsupported) {
		t.Errorf("a text model scoring a picture: %v", err)
	}
}

func TestInfoOfPictures(t *testing.T) {
	for _, name := range []string{"tiny-pixels", "tiny-flow"} {
		m := open(t, name)
		info := m.Info()
		if p := info.Picture; p == nil || *p != (stride.PictureInfo{Width: 8, Height: 8, Colours: 3, Guidance: 2, GuidanceAR: 2, Shortcut: 4}) {
			t.Errorf("%s: picture %+v", name, p)
		}
		if info.Name != name || info.MaxLength != 64 || info.Context < 16 || info.Context > 17 || info.Parameters == 0 || len(info.Strategies) != 3 ||
			strings.Join(info.Conditions["category"], " ") != "full thin" || info.Fill || info.Acrostic || info.Recipe == "" {
			t.Errorf("%s: info %+v", name, info)
		}
		if v, err := m.Condition("category", "th"); err != nil || v != "thin" {
			t.Errorf("category th is %q, %v", v, err)
		}
	}
	if m := open(t, "tiny"); m.Info().Picture != nil || !m.Info().Fill {
		t.Errorf("a text model's info is %+v", m.Info())
	}
}

func TestGainOfPictures(t *testing.T) {
	g, err := open(t, "tiny-pixels").Gain(t.Context(), 0)
	if err != nil || g.Length != 64 || g.Positions <= 0 || g.Elements <= 0 || g.P != g.Positions/g.Elements {
		t.Errorf("gain %+v, %v", g, err)
	}
}
