package stride

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// randomise draws all weights, also those that training begins at zero.
func randomise(ps []*tensor.Param) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, p := range ps {
		for i := range p.Data {
			p.Data[i] = float32(rng.NormFloat64()) * 0.2
		}
		p.Update()
	}
}

// enlarge gives a tiny model of pictures a network with random weights that is
// large enough for its work to be cut between workers.
func enlarge(t testing.TB, m *Model, workers int) {
	t.Helper()
	m.pool.Close()
	m.pool = tensor.NewPool(workers)
	const width, height = 32, 16
	for _, e := range m.members {
		var err error
		switch n := e.engine.(type) {
		case *flows:
			n.shape.Width, n.shape.Height = width, height
			c := network.FlowConfig{Width: width, Height: height, Channels: 4, Patch: 4, Stem: 16, Dim: 128, Layers: 2, Heads: 4, FFN: 256}
			c.Text = network.Config{Vocab: e.tok.Size(), Context: 16, Width: 64, Layers: 1, Heads: 2, KVHeads: 2, FFN: 64, Eps: 1e-5, RopeBase: 10000}
			if n.model, err = network.NewFlowModel(c); err == nil {
				randomise(n.model.Params())
			}
		case *pixels:
			n.shape.Width, n.shape.Height = width, height
			c := network.PixelConfig{Width: width, Height: height, Colours: len(n.shape.Palette), Pixel: 8}
			c.Rows = network.Config{Vocab: e.tok.Size(), Context: 16 + height, Width: 256, Layers: 1, Heads: 2, KVHeads: 2, FFN: 512, Eps: 1e-5, RopeBase: 10000}
			c.Pixels = network.Config{Vocab: len(n.shape.Palette), Context: width, Width: 64, Layers: 1, Heads: 2, KVHeads: 2, FFN: 64, Eps: 1e-5, RopeBase: 10000}
			if n.model, err = network.NewPixelModel(c); err == nil {
				randomise(n.model.Params())
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		e.load.Do(func() {}) // nothing more to read
	}
}

// TestWorkersDoNotMatter generates the same pictures with pools of every size.
func TestWorkersDoNotMatter(t *testing.T) {
	want := map[string][]byte{}
	for workers := 1; workers <= 3; workers++ {
		m, err := Open("tiny-flow")
		if err != nil {
			t.Fatal(err)
		}
		enlarge(t, m, workers)
		for name, opts := range map[string][]Option{
			"ar": {AR()}, "nar": {NAR()}, "refine": {Refine(3), Guidance(2), Tile(), Toward(7, 0.4)}, "heun": {Refine(4), Solver("heun"), Shortcut(false)},
		} {
			var last Step
			for step, err := range m.Generate(t.Context(), Prompt{Text: "a red cross"}, append(opts, Seed(9))...) {
				if err != nil {
					t.Fatal(err)
				}
				last = step
			}
			got := last.Object.(Picture).Image.Pix
			if slices.Max(got) == 0 {
				t.Errorf("%s is an empty picture", name)
			}
			if workers == 1 {
				want[name] = got
			} else if !bytes.Equal(got, want[name]) {
				t.Errorf("%s differs between 1 worker and %d", name, workers)
			}
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// idle counts the evaluators that wait for a generation.
func idle(e *member) int {
	switch n := e.engine.(type) {
	case *pixels:
		return len(n.nets.free)
	case *flows:
		return len(n.nets.free)
	case *causal:
		return len(n.decoders.free)
	}
	return len(e.engine.(*masked).nets.free)
}

// TestEvaluatorsComeBack ends generations in every way and counts evaluators.
func TestEvaluatorsComeBack(t *testing.T) {
	for _, name := range []string{"tiny-flow", "tiny"} {
		m, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, opt := range []Option{AR(), NAR(), Refine(3)} {
			e, _, err := m.serving(func() string { c := config{}; opt(&c); return c.strategy }())
			if err != nil {
				t.Fatal(err)
			}
			ended := map[string]func() error{
				"broken off": func() error {
					for range m.Generate(t.Context(), Prompt{}, opt) {
						break
					}
					return nil
				},
				"cancelled": func() error {
					ctx, cancel := context.WithCancel(t.Context())
					cancel()
					_, _, err := m.Text(ctx, Prompt{}, opt)
					if errors.Is(err, context.Canceled) {
						return nil
					}
					return err
				},
				"refused": func() error {
					if _, _, err := m.Text(t.Context(), Prompt{}, opt, Passes(-1)); err == nil {
						return errors.New("no error")
					}
					return nil
				},
				"finished": func() error { _, _, err := m.Text(t.Context(), Prompt{}, opt); return err },
			}
			for how, f := range ended {
				if err := f(); err != nil {
					t.Fatal(err)
				}
				if got := idle(e); got != 1 {
					t.Errorf("%s: %d evaluators are free when a generation was %s, want 1", name, got, how)
				}
			}
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

// breaks is a machine with a mistake in it.
type breaks struct{}

func (breaks) Next() (strategy.Step, error) { panic("mistake") }

func TestPanicsBecomeErrors(t *testing.T) {
	g := &generation{name: "m", machine: breaks{}}
	if _, err := g.next(time.Now()); err == nil || !strings.HasPrefix(err.Error(), "m: internal error: mistake\n") {
		t.Errorf("error %v", err)
	}
}

func testPictures(width, height int) pictures {
	var p pictures
	p.shape.Width, p.shape.Height = width, height
	return p
}

// TestFit holds that pictures of whole multiples stay what they are.
func TestFit(t *testing.T) {
	small := image.NewNRGBA(image.Rect(-1, -1, 3, 1)) // 4x2
	for i := range small.Pix {
		small.Pix[i] = uint8(i * 7)
		if i%4 == 3 {
			small.Pix[i] = 255
		}
	}
	e := testPictures(4, 4)
	got, err := e.fit("picture", small, false)
	if err != nil || !bytes.Equal(got.Pix[16:48], small.Pix) || slices.Max(got.Pix[:16]) > 0 || slices.Max(got.Pix[48:]) > 0 {
		t.Errorf("a picture in margins is %v, %v", got, err)
	}
	for _, factor := range []int{2, 3} {
		large := image.NewNRGBA(image.Rect(0, 0, 4*factor, 2*factor))
		for y := range 2 * factor {
			for x := range 4 * factor {
				large.SetNRGBA(x, y, small.NRGBAAt(x/factor-1, y/factor-1))
			}
		}
		if back, err := e.fit("picture", large, false); err != nil || !bytes.Equal(back.Pix, got.Pix) {
			t.Errorf("%d times as large: %v, %v", factor, back, err)
		}
	}
}

func TestMask(t *testing.T) {
	e := testPictures(3, 2)
	mask, picture := image.NewNRGBA(image.Rect(0, 0, 6, 4)), image.NewNRGBA(image.Rect(2, 2, 8, 6))
	colours := []color.NRGBA{{255, 255, 255, 255}, {255, 255, 255, 127}, {127, 127, 127, 255}, {128, 128, 128, 128}, {0, 255, 0, 255}, {255, 0, 255, 255}}
	for y := range 4 {
		for x := range 6 {
			mask.SetNRGBA(x, y, colours[x/2+3*(y/2)])
		}
	}
	got, err := e.mask(mask, picture)
	if want := []bool{true, false, false, true, true, false}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

// BenchmarkPixels is pictures by ar on the shape of the bundled network of tiles:
// passes alone, the picture of each step alone, which may be kept, and both as a
// caller sees them.
func BenchmarkPixels(b *testing.B) {
	m, err := Open("tiny-pixels")
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	e := m.members[0].engine.(*pixels)
	const colours = 128
	e.shape.Width, e.shape.Height, e.shape.Palette = 32, 32, slices.Repeat(e.shape.Palette[:1], colours)
	trunk := network.Config{Vocab: e.tok.Size(), Context: 80, Width: 224, Layers: 5, Heads: 7, KVHeads: 7, FFN: 608, Eps: 1e-5, RopeBase: 10000}
	row := network.Config{Vocab: colours, Context: 32, Width: 96, Layers: 2, Heads: 3, KVHeads: 3, FFN: 256, Eps: 1e-5, RopeBase: 10000}
	if e.model, err = network.NewPixelModel(network.PixelConfig{Width: 32, Height: 32, Colours: colours, Rows: trunk, Pixels: row, Pixel: 24}); err != nil {
		b.Fatal(err)
	}
	e.model.Init(1)
	e.load.Do(func() {})
	run := func(name string, next func(*generation) (done bool, err error)) {
		b.Run(name, func(b *testing.B) {
			var g *generation
			b.ReportAllocs()
			for b.Loop() {
				if g == nil {
					if g, err = m.start(Prompt{}, []Option{Seed(1)}); err != nil {
						b.Fatal(err)
					}
				}
				done, err := next(g)
				if err != nil {
					b.Fatal(err)
				}
				if done {
					g.free()
					g = nil
				}
			}
		})
	}
	run("passes", func(g *generation) (bool, error) { s, err := g.machine.Next(); return s.Done, err })
	tokens := make([]int, 1024)
	n := 0
	run("pictures", func(g *generation) (bool, error) {
		n = n%1024 + 1
		g.show(strategy.Step{Tokens: tokens[:n]})
		return n == 1024, nil
	})
	run("steps", func(g *generation) (bool, error) { s, err := g.next(time.Now()); return s.Done, err })
}
