package train

import (
	"math/rand/v2"
	"testing"

	stdimage "image"

	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/tensor"
)

// benchPictures is the data of a recipe with random pictures.
func benchPictures(r *Recipe) pictures {
	t := &trainer{recipe: r, pool: tensor.NewPool(0)}
	t.run = tensor.NewRun(t.pool, tensor.Training())
	p := pictures{t: t, items: map[string][]image.Item{}}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 256 {
		img := stdimage.NewNRGBA(stdimage.Rect(0, 0, r.Elements.Width, r.Elements.Height))
		for i := range img.Pix {
			img.Pix[i] = uint8(rng.IntN(4)*63) | 128
		}
		p.items["train"] = append(p.items["train"], image.Item{Caption: "a small red dragon", Category: "monster", Split: "train", Image: img})
	}
	p.n, p.seed = 256, r.Seed
	return p
}

// BenchmarkTrainFlow is training steps of the tiles-flow recipe's network:
// pictures per second.
func BenchmarkTrainFlow(b *testing.B) {
	r, err := LoadRecipe("../recipes/tiles-flow.yaml")
	if err != nil {
		b.Fatal(err)
	}
	r.Network.From = ""
	r.Train.Shortcut = 0 // a plain step
	o := &flowObjective{pictures: benchPictures(r)}
	t := o.t
	defer t.pool.Close()
	format := categories(o.items["train"])
	if err := o.elements(nil, format, false); err != nil {
		b.Fatal(err)
	}
	o.enc = newEncoder(o.tok, format, r.Network.Context, 0)
	if err := o.build(); err != nil {
		b.Fatal(err)
	}
	t.goal, t.opt = o, newOptimiser(o.params())
	t.train(1e-3)
	for b.Loop() {
		t.train(1e-3)
	}
	b.ReportMetric(float64(b.N*r.Train.BatchPictures)/b.Elapsed().Seconds(), "pictures/s")
}

// BenchmarkTrainPixel is training steps of the tiles recipe's network: pictures
// per second.
func BenchmarkTrainPixel(b *testing.B) {
	r, err := LoadRecipe("../recipes/tiles.yaml")
	if err != nil {
		b.Fatal(err)
	}
	r.Network.From = ""
	o := &pixelObjective{pictures: benchPictures(r)}
	t := o.t
	defer t.pool.Close()
	format := categories(o.items["train"])
	if err := o.elements(nil, format, true); err != nil {
		b.Fatal(err)
	}
	o.enc = newEncoder(o.tok, format, r.Network.Context, 0)
	if err := o.build(); err != nil {
		b.Fatal(err)
	}
	t.goal, t.opt = o, newOptimiser(o.params())
	t.train(1e-3)
	for b.Loop() {
		t.train(1e-3)
	}
	b.ReportMetric(float64(b.N*r.Train.BatchPictures)/b.Elapsed().Seconds(), "pictures/s")
}
