package train

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	stdimage "image"

	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

const tinyPictures = `name: tiny
title: Small squares
seed: 3
data: {kind: pictures, folder: shapes, captions: captions.tsv, flip: true, flip_except: [edge], name_colours: 0.5, source: somewhere}
elements: {width: 8, height: 8, alpha: binary, pieces: 20, min_count: 1, colours: 5}
network:
  kind: %s
  context: 16
  width: 16
  layers: 1
  heads: 2
  ffn: 16
  patch: 2
  stem: 4
  pixel: 4
  pixels: {width: 16, layers: 1, heads: 2, ffn: 16}
  caption: {width: 16, layers: 1, heads: 2, ffn: 16}
train: {steps: 24, batch_pictures: 8, micro_pictures: 4, learning_rate: 0.01, warmup: 4, decay: 0.5, validate: 8, checkpoint: 10}
weights: q8_0
`

func tinyPicture(t testing.TB, kind string) *Recipe {
	t.Helper()
	return parsed(t, fmt.Sprintf(tinyPictures, kind))
}

// tinyShortcut is a recipe whose network learns steps of finite length of one that
// was trained by tinyPicture's on the same data.
func tinyShortcut(t testing.TB, data string) *Recipe {
	t.Helper()
	result, err := Run(t.Context(), tinyPicture(t, "flow"), Options{Data: data, Out: t.TempDir(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := tinyPicture(t, "flow")
	r.Network.From, r.Train.Shortcut = result.Model, 0.5
	return r
}

// shapes writes a folder of 8x8 squares and bars in two colours, with captions.
func shapes(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "shapes")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	captions := "file\tcategory\tcaption\tsplit\n"
	for i := range 24 {
		name, colour := "red", color.NRGBA{220, 30, 20, 255}
		if i%2 == 1 {
			name, colour = "blue", color.NRGBA{20, 60, 230, 255}
		}
		shape, category, width := "square", "middle", 4
		if i/2%2 == 1 {
			shape, category, width = "bar", "edge", 1
		}
		p := stdimage.NewNRGBA(stdimage.Rect(0, 0, 8, 8))
		for y := 2; y < 6; y++ {
			for x := i % 3; x < i%3+width; x++ {
				p.SetNRGBA(x, y, colour)
			}
		}
		split := "train"
		if i >= 16 {
			split = []string{"valid", "test"}[i%2]
		}
		file := fmt.Sprintf("%02d.png", i)
		writePNG(t, filepath.Join(folder, file), p)
		captions += strings.Join([]string{file, category, "a " + name + " " + shape, split}, "\t") + "\n"
	}
	if err := os.WriteFile(filepath.Join(folder, "captions.tsv"), []byte(captions), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func writePNG(t testing.TB, path string, p stdimage.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestNameColour gives captions the colour that pictures have, before and
// after they are given another one.
func TestNameColour(t *testing.T) {
	red := stdimage.NewNRGBA(stdimage.Rect(0, 0, 2, 2))
	for i := range 4 {
		red.SetNRGBA(i%2, i/2, color.NRGBA{170, 60, 50, 255})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	named, other := 0, map[string]bool{}
	for range 200 {
		it := image.Item{Image: red, Caption: "a dragon"}
		nameColour(&it, rng)
		name := image.ColourName(it.Image)
		if it.Caption != image.WithColour("a dragon", name) {
			t.Fatalf("caption %q of a picture whose colour is %q", it.Caption, name)
		}
		if it.Image == red {
			named++
		} else {
			other[name] = true
		}
	}
	if named < 70 || named > 130 || len(other) < 5 {
		t.Errorf("%d of 200 kept their colour, the others got %v; want about half, and five colours or more", named, other)
	}
	it := image.Item{Image: red, Caption: "a grey wolf"}
	nameColour(&it, rng)
	if it.Caption != "a grey wolf" || it.Image != red {
		t.Errorf("a caption that names a colour became %q", it.Caption)
	}
}

// TestPicturesResume stops runs of every kind of network of pictures in the
// middle and compares every byte with an unbroken run.
func TestPicturesResume(t *testing.T) {
	data := shapes(t)
	for _, kind := range []string{"pixel", "flow", "shortcut", "classifier"} {
		t.Run(kind, func(t *testing.T) {
			var r *Recipe
			if kind == "shortcut" {
				r = tinyShortcut(t, data)
			} else {
				r = tinyPicture(t, kind)
			}
			whole := t.TempDir()
			result, err := Run(t.Context(), r, Options{Data: data, Out: whole, Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			if likely := kind == "pixel"; math.IsNaN(result.Valid) || math.IsNaN(result.ValidBits) == likely || math.IsNaN(result.TestBits) == likely {
				t.Errorf("result %+v", result)
			}
			resumes(t, r, data, whole, 7, 9)
		})
	}
}

// TestPixelLearns holds that a pixel network learns the shapes, and that its
// test figure is the likelihood that the written model gives.
func TestPixelLearns(t *testing.T) {
	data := shapes(t)
	r := tinyPicture(t, "pixel")
	r.Train.Steps, r.Train.Dropout, r.Train.EMA, r.Weights = 150, 0, 0.9, "f32"
	result, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if result.TestBits > 0.12 {
		t.Errorf("%.3f bits per pixel on shapes of which only the place is open, want below 0.12", result.TestBits)
	}
	f := open(t, result.Model)
	m, err := network.ReadPixel(f)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := text.FromMetadata(f.Value)
	if err != nil {
		t.Fatal(err)
	}
	format, err := text.FormatFromMetadata(f.Value)
	if err != nil {
		t.Fatal(err)
	}
	look, ok, err := image.FormatFromMetadata(f.Value)
	if err != nil || !ok || len(look.Palette) != m.Colours {
		t.Fatalf("picture format %+v, %v", look, err)
	}
	items, _, err := image.Folder{Dir: filepath.Join(data, "shapes"), Captions: "captions.tsv"}.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	var bits float64
	n := 0
	for _, it := range items {
		if it.Split != "test" {
			continue
		}
		caption, err := format.Encode(tok, it.Caption, map[string]string{"category": it.Category})
		if err != nil {
			t.Fatal(err)
		}
		nll := make([]float32, m.Elements())
		if err := network.NewPixel(m, pool).Score(caption, look.Palette.Indices(nil, it.Image), nll); err != nil {
			t.Fatal(err)
		}
		for _, v := range nll {
			bits += float64(v) / math.Ln2
			n++
		}
	}
	if got := bits / float64(n); math.Abs(got-result.TestBits) > 1e-3 {
		t.Errorf("the model file gives %.4f bits per pixel, training reported %.4f", got, result.TestBits)
	}
}

// TestFlowLearns holds that the loss falls, and that a network taught shortcuts
// makes sharper pictures in one step than one that was not, which makes their
// mean.
func TestFlowLearns(t *testing.T) {
	data := shapes(t)
	items, _, err := image.Folder{Dir: filepath.Join(data, "shapes"), Captions: "captions.tsv"}.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sharp := map[float64]float64{}
	teacher := ""
	for _, shortcut := range []float64{0, 1} {
		r := tinyPicture(t, "flow")
		r.Network.From, r.Train.Shortcut = teacher, shortcut
		r.Train.Steps, r.Train.EMA, r.Train.Guidance, r.Weights, r.Data.Flip, r.Data.NameColours = 300, 0.95, 1, "f32", false, 0
		result, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		if result.Valid > 1 {
			t.Errorf("shortcut %g: velocity error %.2f, want below 1", shortcut, result.Valid)
		}
		teacher = result.Model
		f := open(t, result.Model)
		m, err := network.ReadFlow(f)
		if err != nil {
			t.Fatal(err)
		}
		look, _, err := image.FormatFromMetadata(f.Value)
		if err != nil {
			t.Fatal(err)
		}
		sharp[shortcut] = edges(t, m, look.Norm, items)
	}
	if !(sharp[1] > 1.2*sharp[0] && sharp[1] < 1.2) {
		t.Errorf("one step has %.2f of the edges of real pictures with shortcuts taught, %.2f without; want a fifth more, and not more than 1.2", sharp[1], sharp[0])
	}
}

// edges is how much neighbours in a row differ in pictures made in one step,
// without a caption: a mean square, over that of real pictures.
func edges(t *testing.T, m *network.FlowModel, norm image.Norm, real []image.Item) float64 {
	t.Helper()
	pool := tensor.NewPool(1)
	defer pool.Close()
	f := network.NewFlow(m, pool)
	none, err := f.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	differ := func(x []float32) (sum float64) {
		row := m.Width * m.Channels
		for i := range x {
			if i%row >= m.Channels {
				d := float64(x[i] - x[i-m.Channels])
				sum += d * d
			}
		}
		return sum
	}
	var made, beside float64
	for _, it := range real {
		beside += differ(norm.Values(nil, it.Image)) / float64(len(real))
	}
	rng := rand.New(rand.NewPCG(9, 9))
	const n = 16
	for range n {
		x := make([]float32, f.Size())
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		v, err := f.Velocity(x, 0, 1, [][]float32{none})
		if err != nil {
			t.Fatal(err)
		}
		for i := range x {
			x[i] += v[i]
		}
		made += differ(x) / n
	}
	return made / beside
}

func TestPictureRecipeErrors(t *testing.T) {
	good := strings.Replace(fmt.Sprintf(tinyPictures, "flow"), "checkpoint: 10", "checkpoint: 10, shortcut: 0.25", 1)
	good = strings.Replace(good, "  patch: 2", "  from: x.gguf\n  patch: 2", 1)
	for _, tc := range []struct{ from, to, want string }{
		{"folder: shapes", "folder: ../shapes", "want a folder below the data folder"},
		{"captions: captions.tsv", "captions: /captions.tsv", "data.captions"},
		{"flip: true", "fit: squeeze", "r.yaml:4:"},
		{"flip: true", "train: [{file: x}]", "their splits come from the captions file"},
		{"width: 8, height: 8", "width: 0, height: 8", "pictures of 0x8"},
		{"alpha: binary", "alpha: half", "elements.alpha"},
		{"colours: 5", "colours: 1", "elements.colours is 1"},
		{"kind: flow", "kind: decoder", "want pixel or flow or classifier for pictures"},
		{"patch: 2", "patch: 3", "patches of 3 do not divide"},
		{"micro_pictures: 4", "micro_pictures: 9", "micro_pictures 9"},
		{"shortcut: 0.25", "shortcut: 2", "shortcut is 2"},
		{"  from: x.gguf\n", "", "shortcut needs network.from"},
		{"kind: flow", "kind: flow\n  context: 0", "r.yaml"},
	} {
		if _, err := ParseRecipe("r.yaml", []byte(strings.Replace(good, tc.from, tc.to, 1))); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error %v, want one with %q", tc.to, err, tc.want)
		}
	}
}

// TestBadPicturesAreNamed trains on a folder in which some pictures are broken.
func TestBadPicturesAreNamed(t *testing.T) {
	data := shapes(t)
	folder := filepath.Join(data, "shapes")
	if err := os.WriteFile(filepath.Join(folder, "03.png"), []byte("\x89PNG\r\n\x1a\nbroken"), 0o644); err != nil {
		t.Fatal(err)
	}
	var said []string
	r := tinyPicture(t, "pixel")
	r.Train.Steps, r.Train.Warmup = 1, 0
	if _, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1, Progress: func(p Progress) { said = append(said, p.Message) }}); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "left out 03.png: ") }) {
		t.Errorf("03.png is not named among %q", said)
	}
	r.Data.Folder = "none"
	if _, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1}); err == nil || !strings.Contains(err.Error(), "the data comes from: somewhere") {
		t.Errorf("no folder: %v", err)
	}
}

// TestPicturesWithoutCaptions trains on a plain folder with a subfolder for
// each category.
func TestPicturesWithoutCaptions(t *testing.T) {
	data := shapes(t)
	folder := filepath.Join(data, "shapes")
	if err := os.Remove(filepath.Join(folder, "captions.tsv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "odd"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < 24; i += 2 {
		name := fmt.Sprintf("%02d.png", i)
		if err := os.Rename(filepath.Join(folder, name), filepath.Join(folder, "odd", name)); err != nil {
			t.Fatal(err)
		}
	}
	r := tinyPicture(t, "flow")
	r.Data.Captions, r.Train.Steps, r.Train.Warmup = "", 2, 0
	result, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	format, err := text.FormatFromMetadata(open(t, result.Model).Value)
	if err != nil || len(format.Conditions) != 1 || !slices.Equal(format.Conditions[0].Values, []string{"odd"}) {
		t.Errorf("conditions %+v, %v; want a category odd", format.Conditions, err)
	}
}
