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

// benchTraining times training steps of a network of pictures, once build has
// made it: pictures per second.
func benchTraining(b *testing.B, p *pictures, goal objective, learn func([]*stdimage.NRGBA) error, build func() error) {
	t := p.t
	defer t.pool.Close()
	format := categories(p.items["train"])
	if err := p.elements(nil, format, learn); err != nil {
		b.Fatal(err)
	}
	p.enc = newEncoder(p.tok, format, t.recipe.Network.Context, 0)
	if err := build(); err != nil {
		b.Fatal(err)
	}
	t.goal, t.opt = goal, newOptimiser(goal.params())
	t.train(1e-3)
	for b.Loop() {
		t.train(1e-3)
	}
	b.ReportMetric(float64(b.N*t.recipe.Train.BatchPictures)/b.Elapsed().Seconds(), "pictures/s")
}

// benchRecipe is a bundled recipe that starts from random weights.
func benchRecipe(b *testing.B, name string) *Recipe {
	r, err := LoadRecipe("../recipes/" + name + ".yaml")
	if err != nil {
		b.Fatal(err)
	}
	r.Network.From, r.Train.Shortcut = "", 0
	return r
}

// BenchmarkTrainFlow is training steps of the tiles-flow recipe's network,
// without shortcuts.
func BenchmarkTrainFlow(b *testing.B) {
	o := &flowObjective{pictures: benchPictures(benchRecipe(b, "tiles-flow"))}
	benchTraining(b, &o.pictures, o, nil, o.build)
}

// BenchmarkTrainPixel is training steps of the tiles recipe's network.
func BenchmarkTrainPixel(b *testing.B) {
	o := &pixelObjective{pictures: benchPictures(benchRecipe(b, "tiles"))}
	benchTraining(b, &o.pictures, o, o.learnPalette, o.build)
}
