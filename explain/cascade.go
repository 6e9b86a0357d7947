package explain

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/stride-ml/stride/strategy"
)

const (
	frames = 12 // of the contour
	hop    = 6  // samples of a frame
	chunk  = 3  // frames that the wave waits for
	bands  = 2  // of a frame: pitch and loudness, 0 to 1
)

// contour stands in for a network of frames that knows one thing: neighbours are
// alike. It makes so many a pass; those of one pass see the frame before the pass
// and not each other.
type contour struct {
	source *rand.Rand
	each   int
	made   int
	last   [bands]float64
}

func newContour(seed uint64, each int) *contour {
	return &contour{source: rand.New(rand.NewPCG(seed, 0)), each: each, last: [bands]float64{0.4, 0.8}}
}

// Size is the number of values.
func (c *contour) Size() int { return frames * bands }

// Elements is the number of frames.
func (c *contour) Elements() int { return frames }

// Next is a strategy.Vectors'.
func (c *contour) Next() (out []float32, err error) {
	before := c.last
	for range min(c.each, frames-c.made) {
		spread := 0.15 * math.Sqrt(float64(len(out)/bands+1)) // it strays further from what was seen
		for b := range bands {
			v := before[b] + spread*c.source.NormFloat64()
			c.last[b] = max(0.1, min(1, v))
			out = append(out, float32(c.last[b]))
		}
		c.made++
	}
	return out, nil
}

// wave stands in for a vocoder: a sine of each frame's pitch and loudness, whose
// phase goes on.
type wave struct{ phase float64 }

// Write is a strategy.Vocoder's.
func (w *wave) Write(dst, values []float32) ([]float32, error) {
	for f := range slices.Chunk(values, bands) {
		for range hop {
			w.phase += 0.12 + 0.7*float64(f[0])
			dst = append(dst, f[1]*float32(math.Sin(w.phase)))
		}
	}
	return dst, nil
}

// Close has nothing left.
func (w *wave) Close(dst []float32) []float32 { return dst }

// cascade makes a contour by ar and a wave of it by nar, in turns.
func (p *page) cascade() (any, error) {
	m, err := strategy.NewCascade([]strategy.Stage{
		{Name: "contour", Begin: func() (strategy.Machine, error) { return strategy.NewVectors(newContour(p.Seed, 1)) }},
		{Name: "wave", Fed: true, Begin: func() (strategy.Machine, error) {
			return strategy.NewVocoder(&wave{}, nil, strategy.VocoderOptions{Bands: bands, Hop: hop, Chunk: chunk, First: chunk})
		}},
	})
	if err != nil {
		return nil, err
	}
	var values [2][]float32
	var turns []string
	for step, err := range strategy.Steps(m) {
		if err != nil {
			return nil, err
		}
		i := step.Stage - 1
		values[i] = append(values[i], step.Values...)
		style := faint
		if i == 1 {
			style = fresh
		}
		turns = append(turns, p.paint(style, strconv.Itoa(step.Stage)))
	}
	blind, err := newContour(p.Seed, frames).Next()
	if err != nil {
		return nil, err
	}
	return struct {
		Pitch, Loud, Blind, Wave, Turns string
		Frames, Samples, Hop            int
	}{
		bars(values[0], 0), bars(values[0], 1), bars(blind, 0), curve(values[1], 6), "  " + strings.Join(turns, " "),
		frames, len(values[1]), hop,
	}, nil
}

// bars draws one band of frames in two rows, each frame as wide as its samples.
func bars(values []float32, band int) string {
	const rows, eighths = 2, 8
	levels := []rune(" ▁▂▃▄▅▆▇█")
	lines := make([]string, rows)
	for row := range rows {
		var b strings.Builder
		for f := range slices.Chunk(values, bands) {
			height := int(math.Round(float64(f[band]) * rows * eighths))
			level := levels[max(0, min(height-(rows-1-row)*eighths, eighths))]
			b.WriteString(strings.Repeat(string(level), hop))
		}
		lines[row] = "  " + strings.TrimRight(b.String(), " ")
	}
	return strings.Join(lines, "\n")
}

// curve draws samples from -1 to 1 in so many rows of two half cells.
func curve(samples []float32, rows int) string {
	lines := make([]string, rows)
	for row := range rows {
		var b strings.Builder
		for _, v := range samples {
			n := min(int((1-v)/2*float32(2*rows)), 2*rows-1)
			switch n - 2*row {
			case 0:
				b.WriteString("▀")
			case 1:
				b.WriteString("▄")
			default:
				b.WriteString(" ")
			}
		}
		lines[row] = "  " + strings.TrimRight(b.String(), " ")
	}
	return strings.Join(lines, "\n")
}
