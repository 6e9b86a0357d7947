package measure

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	stdimage "image"
	"image/color"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/internal/golden"
	"github.com/stride-ml/stride/measure/plot"
)

const fakeRecipe = `name: fake
title: shapes
data: {kind: pictures, folder: shapes, captions: captions.tsv, source: testdata}
elements: {width: 16, height: 16, alpha: binary, min_count: 1}
network: {kind: flow, context: 24, width: 16, layers: 1, heads: 2, ffn: 16, patch: 2, stem: 4, caption: {width: 16, layers: 1, heads: 2, ffn: 16}}
train: {steps: 1, warmup: 0}
`

var (
	inks = []struct {
		name string
		color.NRGBA
	}{{"red", color.NRGBA{220, 30, 20, 255}}, {"green", color.NRGBA{20, 200, 40, 255}}, {"blue", color.NRGBA{20, 60, 230, 255}}}
	outlines = []struct {
		name, category string
		width, height  int
	}{{"square", "block", 8, 8}, {"bar", "line", 12, 3}, {"pole", "line", 3, 12}}
)

// drawShape draws the shape of a caption with its corner at x, y; nil for other
// captions.
func drawShape(caption string, x, y int) *stdimage.NRGBA {
	p := stdimage.NewNRGBA(stdimage.Rect(0, 0, 16, 16))
	for _, ink := range inks {
		for _, s := range outlines {
			if caption != "a "+ink.name+" "+s.name {
				continue
			}
			for i := range s.width * s.height {
				p.SetNRGBA(x+i%s.width, y+i/s.width, ink.NRGBA)
			}
			return p
		}
	}
	return nil
}

// shapeData makes a data folder of pictures: 108 of the split train, 9 of valid
// and 27 of test, of 9 captions.
func shapeData(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "shapes")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	captions := "file\tcategory\tcaption\tsplit\n"
	for i, ink := range inks {
		for j, s := range outlines {
			caption := "a " + ink.name + " " + s.name
			for k := range 16 {
				split := "train"
				if k >= 12 {
					split = []string{"test", "test", "test", "valid"}[k-12]
				}
				var b bytes.Buffer
				if err := image.EncodePNG(&b, drawShape(caption, k%4, k/4), nil); err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprintf("%d%d%02d.png", i, j, k)
				if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
				captions += strings.Join([]string{name, s.category, caption, split}, "\t") + "\n"
			}
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "captions.tsv"), []byte(captions), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// fakePictures is a source made of a table: ar takes 1 ms a pixel and draws
// shapes that are not in the data; a full pass takes 10 ms for each condition,
// and few passes blur.
type fakePictures struct {
	info      stride.Info
	calls     int
	stopAfter int
	cancel    func()
}

func newFakePictures() *fakePictures {
	return &fakePictures{info: stride.Info{
		Name: "fake", Strategies: []string{"ar", "refine", "nar"}, Recipe: fakeRecipe, MaxLength: 256,
		Conditions: map[string][]string{"category": {"block", "line"}},
		Picture:    &stride.PictureInfo{Width: 16, Height: 16, Colours: 4, Guidance: 3, Shortcut: 2},
	}}
}

func (f *fakePictures) Info() stride.Info { return f.info }

func (f *fakePictures) Gain(_ context.Context, length int) (stride.GainResult, error) {
	return stride.GainResult{Length: length, Elements: 1000, Positions: 25600, P: 25.6}, nil
}

func (f *fakePictures) ElementFLOPs(strategy string) (float64, error) {
	return map[string]float64{"ar": 1e6, "nar": 1e5, "refine": 1e5}[strategy], nil
}

func (f *fakePictures) Score(context.Context, stride.Prompt, string) (stride.Score, error) {
	return stride.Score{}, errors.New("pictures are not scored")
}

func (f *fakePictures) generate(ctx context.Context, p stride.Prompt, by Row, seed uint64) (object, error) {
	f.calls++
	if f.stopAfter > 0 && f.calls > f.stopAfter {
		f.cancel()
	}
	if err := ctx.Err(); err != nil {
		return object{}, err
	}
	img := drawShape(p.Text, int(seed)%4, int(seed/4)%5)
	if img == nil {
		img = stdimage.NewNRGBA(stdimage.Rect(0, 0, 16, 16))
	}
	s := stride.Stats{Strategy: by.Strategy, Elements: 256, Drawn: 256, Stopped: "end"}
	if by.Strategy == "ar" {
		s.Passes, s.Total = 256, 256*time.Millisecond
	} else {
		s.Passes = max(1, by.Asked)
		s.Total = time.Duration(10*s.Passes*by.Conditions) * time.Millisecond
		for range 4 / s.Passes {
			img = blurred(img)
		}
	}
	s.FirstStep = s.Total / time.Duration(s.Passes)
	if seed%2 == 1 {
		s.Total += time.Millisecond
	}
	return object{prompt: p, image: img, stats: s}, nil
}

// blurred is a picture of means of squares of 2 by 2 pixels.
func blurred(img *stdimage.NRGBA) *stdimage.NRGBA {
	values := image.Values(nil, img)
	out := slices.Clone(values)
	for i := range 15 * 64 {
		if i%64 < 60 {
			out[i] = (values[i] + values[i+4] + values[i+64] + values[i+68]) / 4
		}
	}
	return image.FromValues(out, 16, 16, false)
}

// fakeJudge knows colours and categories by the mean of the picture.
type fakeJudge struct{}

func (fakeJudge) See(pictures []*stdimage.NRGBA) ([]Sight, error) {
	out := make([]Sight, len(pictures))
	for i, p := range pictures {
		var sums [4]float64
		for k, v := range p.Pix {
			sums[k%4] += float64(v) / 255 / 256
		}
		out[i].Features = []float32{float32(10 * sums[0]), float32(10 * sums[1]), float32(10 * sums[2]), float32(10 * sums[3])}
		out[i].Evidence = append(sums[:3], sums[3]-0.2)
	}
	return out, nil
}

func (fakeJudge) Knows(caption string) bool { return strings.HasPrefix(caption, "a ") }

func (fakeJudge) Score(s Sight, caption, category string) float64 {
	score := s.Evidence[3]
	if category == "line" {
		score = -score
	}
	for i, ink := range inks {
		if strings.Contains(caption, ink.name) {
			score += s.Evidence[i]
		}
	}
	return score
}

func (fakeJudge) Close() {}

// comparePictures is compare with the fake judge.
func comparePictures(t *testing.T, ctx context.Context, f *fakePictures, o CompareOptions) (*Comparison, error) {
	t.Helper()
	o, err := o.withDefaults(f.info)
	if err != nil {
		t.Fatal(err)
	}
	y, err := newPictureYard(ctx, f.info, o)
	if err != nil {
		t.Fatal(err)
	}
	if y.real != nil {
		y.judge = fakeJudge{}
		y.directions = 24
	}
	return compareBy(ctx, f, o, y)
}

func TestComparePicturesGolden(t *testing.T) {
	var told []string
	o := CompareOptions{
		Data: shapeData(t), Objects: 30, Passes: []int{1, 4}, Seed: 8,
		Progress: func(done, total int, next string) {
			if done == 0 || done == total {
				told = append(told, next)
			}
		},
	}
	c, err := comparePictures(t, t.Context(), newFakePictures(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(told, ", "); !strings.HasPrefix(got, "ar, , measuring real pictures, measuring ar, ") || !strings.HasSuffix(got, "measuring shortcut 8, ") {
		t.Errorf("progress %s", got)
	}
	table := c.Table()
	golden.Compare(t, "pictures.txt", table)
	for line := range strings.Lines(table) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 125 {
			t.Errorf("%d characters, want at most 125: %s", n, line)
		}
	}

	var b bytes.Buffer
	if err := c.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(records) != 1+len(c.Rows)+4 {
		t.Fatalf("%d records, error %v", len(records), err)
	}
	head := strings.Join(records[0], " ")
	for _, want := range []string{"median_s", "swd_low", "fd_own_high", "caption_accuracy_low", "colour_accuracy", "sharpness_ratio", "near_copies", "diversity", "conditions"} {
		if !strings.Contains(head, want) {
			t.Errorf("no column %s in %s", want, head)
		}
	}
	if strings.Contains(head, "nll") {
		t.Errorf("columns of texts in %s", head)
	}

	frontiers := c.Frontiers()
	if len(frontiers) != 3 {
		t.Fatalf("%d frontiers, want one of FD-own, one of SWD and one of captions", len(frontiers))
	}
	for i, want := range []string{"FD-own", "SWD", "own caption"} {
		var svg bytes.Buffer
		if err := frontiers[i].Write(&svg, plot.SVG); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{want, "time per picture", "real pictures", "refine, shortcuts", "4 passes"} {
			if !strings.Contains(svg.String(), want) {
				t.Errorf("frontier %d does not hold %q", i, want)
			}
		}
	}
}

func TestComparePicturesFigures(t *testing.T) {
	c, err := comparePictures(t, t.Context(), newFakePictures(), CompareOptions{Data: shapeData(t), Objects: 54, Count: 2, Passes: []int{1, 16}, Runs: 3})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		seconds, flops float64
		conditions     int
	}{
		"ar": {0.256, 256e6, 1}, "nar": {0.01, 256e5, 1}, "refine 1": {0.02, 2 * 256e5, 2}, "refine 16": {0.32, 32 * 256e5, 2}, "shortcut 4": {0.04, 4 * 256e5, 1},
	} {
		r := row(t, c, name)
		near(t, "predicted time of "+name, r.Predicted, want.seconds)
		near(t, "time of "+name, r.Seconds.Median, want.seconds+0.0005) // half the seeds are odd
		near(t, "FLOPs of "+name, r.FLOPs, want.flops)
		if r.Conditions != want.conditions || r.Objects != 54 || r.Stride*r.Passes != 256 || r.Seconds.N != 3 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if c.Predicted.Fastest != "nar" || c.Measured.BreakEven != 1 {
		t.Errorf("predicted %+v, measured %+v", c.Predicted, c.Measured)
	}
	sharp, mixed, real := row(t, c, "ar").Pictures, row(t, c, "nar").Pictures, c.Real[0].Pictures
	if !(sharp.Sharpness > 0.9 && mixed.Sharpness < 0.5*sharp.Sharpness && real.Sharpness == 1) {
		t.Errorf("sharpness %v, blurred %v, real %v", sharp.Sharpness, mixed.Sharpness, real.Sharpness)
	}
	if !(sharp.Patches.Median < mixed.Patches.Median && real.Patches.Median < mixed.Patches.Median && real.Patches.N == rounds) {
		t.Errorf("SWD %+v, blurred %+v, real %+v", sharp.Patches, mixed.Patches, real.Patches)
	}
	if !(sharp.Copies > 0 && real.Copies == 0 && sharp.Diversity > 0 && real.Diversity > 0) {
		t.Errorf("copies %v, real %v; diversity %v, real %v", sharp.Copies, real.Copies, sharp.Diversity, real.Diversity)
	}
	shuffled := c.Real[2].Pictures
	if !(real.Captions > 0.4 && shuffled.Captions < 0.3 && real.CaptionsLow < real.CaptionsHigh) {
		t.Errorf("captions: real %v, %v to %v; shuffled %v", real.Captions, real.CaptionsLow, real.CaptionsHigh, shuffled.Captions)
	}
	var names []string
	for _, s := range c.Sheets() {
		names = append(names, s.Name)
		if len(s.Columns) == 0 || len(s.Rows) == 0 || s.Image.Rect.Dx()%len(s.Columns) != 4 {
			t.Errorf("sheet %s: %d columns, %d rows, %v", s.Name, len(s.Columns), len(s.Rows), s.Image.Rect)
		}
	}
	if strings.Join(names, " ") != "sheet nearest" {
		t.Errorf("sheets %v", names)
	}
}

// Without data there is only speed, and how much one caption varies.
func TestComparePicturesBare(t *testing.T) {
	f := newFakePictures()
	f.info.Picture.Shortcut, f.info.Picture.Guidance, f.info.Conditions = 0, 1, nil
	c, err := compare(t.Context(), f, CompareOptions{Objects: 32, Passes: []int{2}})
	if err != nil {
		t.Fatal(err)
	}
	q := row(t, c, "refine 2").Pictures
	if len(c.Rows) != 3 || len(c.Real) != 0 || math.IsNaN(q.Diversity) || !math.IsNaN(q.Sharpness) || !math.IsNaN(q.Patches.Median) {
		t.Errorf("%d rows, %d of real pictures, %+v", len(c.Rows), len(c.Real), q)
	}
	if s := c.Sheets(); len(s) != 1 || s[0].Columns[0] != "ar" {
		t.Errorf("sheets %+v, want one without real pictures", s)
	}
	if table := c.Table(); !strings.Contains(table, "no data folder given") || strings.Contains(table, "SWD") {
		t.Errorf("table\n%s", table)
	}
	if err := c.WriteFrontier(&bytes.Buffer{}, plot.SVG); !errors.Is(err, ErrNoFrontier) {
		t.Errorf("frontier without quality: %v", err)
	}
}

// Prompts of one's own are compared with all test pictures.
func TestComparePicturesPrompts(t *testing.T) {
	prompts := []stride.Prompt{{Text: "a red bar"}, {Text: "something else"}}
	c, err := comparePictures(t, t.Context(), newFakePictures(), CompareOptions{Data: shapeData(t), Objects: 6, Prompts: prompts, Passes: []int{4}})
	if err != nil {
		t.Fatal(err)
	}
	if c.Real[0].Objects != 27 {
		t.Errorf("%d real pictures, want all 27 of the test split", c.Real[0].Objects)
	}
	if s := c.Sheets()[0]; s.Columns[0] != "ar" || s.Rows[1] != "something else" {
		t.Errorf("sheet with columns %v, rows %v", s.Columns, s.Rows)
	}
}

func TestComparePicturesCancelled(t *testing.T) {
	for _, after := range []int{8 + 1, 8 + 20, 8 + 100} {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFakePictures()
		f.stopAfter, f.cancel = after, cancel
		c, err := comparePictures(t, ctx, f, CompareOptions{Data: shapeData(t), Objects: 30, Passes: []int{1, 2}})
		if !errors.Is(err, context.Canceled) || c == nil {
			t.Fatalf("after %d: %v", after, err)
		}
		if q := row(t, c, "ar").Pictures; math.IsNaN(q.Sharpness) || math.IsNaN(q.Patches.Median) != (after < 8+2*8) {
			t.Errorf("after %d: %+v", after, q)
		}
		if c.Table() == "" || len(c.Real) < 2 {
			t.Errorf("after %d: %d rows of real pictures", after, len(c.Real))
		}
		cancel()
	}
}

func TestComparePicturesErrors(t *testing.T) {
	data := shapeData(t)
	for _, c := range []struct {
		name string
		with func(*fakePictures, *CompareOptions)
		want string
	}{
		{"no recipe", func(f *fakePictures, o *CompareOptions) { f.info.Recipe = "x: 1" }, "unknown key"},
		{"no folder", func(f *fakePictures, o *CompareOptions) { o.Data = filepath.Join(data, "none") }, "expected the folder that holds shapes, from testdata"},
		{"no classifier", func(f *fakePictures, o *CompareOptions) { o.Classifier = "none.gguf" }, "none.gguf"},
		{"no captions", func(f *fakePictures, o *CompareOptions) {
			f.info.Recipe = strings.Replace(fakeRecipe, "captions: captions.tsv", "captions: other.tsv", 1)
		}, "other.tsv"},
	} {
		f, o := newFakePictures(), CompareOptions{Data: data}
		c.with(f, &o)
		if _, err := compare(t.Context(), f, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
	_, err := compare(t.Context(), newFakePictures(), CompareOptions{Data: filepath.Join(data, "none")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	for _, o := range []CompareOptions{{Guidance: 2}, {Classifier: "x"}, {Objects: -1}} {
		var bad *stride.OptionError
		if _, err := compare(t.Context(), newFake(t), o); !errors.As(err, &bad) {
			t.Errorf("a comparison of poems with %+v: %v", o, err)
		}
	}
}
