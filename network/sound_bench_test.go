package network

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/speech"
)

var (
	vocoderFile = flag.String("vocoder", "", "model file that BenchmarkVocoder times, instead of random weights of the recipe's sizes")
	samplesFile = flag.String("samples", "", "where BenchmarkVocoder writes the sound that it made last, float32, for testdata/vocoder.py to compare")
)

// recipeVocoder and recipeVoice are the sizes of the recipes' networks.
var (
	recipeVocoder = VocoderConfig{Bands: 80, Rate: 16000, FFT: 512, Hop: 160, Dim: 288, Layers: 8, FFN: 864, Kernel: 7}
	recipeVoice   = AcousticConfig{Symbols: 74, Speakers: 1, Bands: 80, Rate: 16000, Hop: 160, Group: 2, Dim: 192, FFN: 576, Kernel: 7, Encoder: 4, Causal: 5, Flow: 6}
)

// benchVocoder is the network of the file that was asked for.
func benchVocoder(b *testing.B) *VocoderModel {
	b.Helper()
	if *vocoderFile == "" {
		m, err := NewVocoderModel(recipeVocoder)
		if err != nil {
			b.Fatal(err)
		}
		m.Init(1)
		return m
	}
	file, err := checkpoint.Open(*vocoderFile)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	m, err := ReadVocoder(file)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// BenchmarkVocoder makes seconds of sound, all frames being there and as a stream,
// and tells how many in a second. testdata/vocoder.py times PyTorch and
// onnxruntime beside it.
func BenchmarkVocoder(b *testing.B) {
	m := benchVocoder(b)
	for _, tc := range []struct {
		name           string
		seconds, chunk int
	}{{"1s", 1, wholeChunk}, {"10s", 10, wholeChunk}, {"stream", 10, streamChunk}} {
		b.Run(tc.name, func(b *testing.B) {
			v := newVocoder(b, m, 0)
			frames := tc.seconds * m.Rate / m.Hop
			mel := vocoderFrames(frames * m.Bands)
			var out []float32
			for b.Loop() {
				s := v.Stream(tc.chunk, 1)
				var err error
				if out, err = s.Write(out[:0], mel); err != nil {
					b.Fatal(err)
				}
				out = s.Close(out)
			}
			reportSound(b, float64(frames*m.Hop)/float64(m.Rate), float64(frames)*m.FLOPs())
			if *samplesFile != "" {
				writeSamples(b, *samplesFile, out)
			}
		})
	}
}

// vocoderFrames is so many log-mel values that testdata/vocoder.py makes too.
func vocoderFrames(n int) []float32 {
	mel := make([]float32, n)
	for i := range mel {
		mel[i] = float32(-3 + 2*math.Sin(float64(i)*0.7))
	}
	return mel
}

// reportSound tells how many times faster than it lasts a sound was made.
func reportSound(b *testing.B, seconds, operations float64) {
	took := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(seconds/took, "s/s")
	b.ReportMetric(operations/took/1e9, "GFLOP/s")
}

func writeSamples(b *testing.B, path string, samples []float32) {
	b.Helper()
	data, err := binary.Append(nil, binary.LittleEndian, samples)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSpeak makes the log-mel frames of a sentence, its lengths planned
// first, by each strategy: seconds of speech a second, without its samples.
func BenchmarkSpeak(b *testing.B) {
	m, err := NewAcousticModel(recipeVoice)
	if err != nil {
		b.Fatal(err)
	}
	m.Init(1)
	symbols, places := make([]int, 45), make([]int, 45)
	for i := range symbols {
		symbols[i], places[i] = i%m.Symbols, i%speech.Places
	}
	for _, tc := range []struct {
		name   string
		passes int // 0 is ar
	}{{"ar", 0}, {"nar", 1}, {"refine8", 8}} {
		b.Run(tc.name, func(b *testing.B) {
			a := NewAcoustic(m, newPool(b, 0))
			var u *Utterance
			for b.Loop() {
				d, err := a.Plan(symbols, places, 0, 1)
				if err != nil {
					b.Fatal(err)
				}
				for i := range d.Frames {
					d.Frames[i] = 8 // weights are random: a likely length
				}
				if u, err = a.Speak(d); err != nil {
					b.Fatal(err)
				}
				if err := speak(u, tc.passes); err != nil {
					b.Fatal(err)
				}
			}
			operations := m.FLOPs(tc.passes == 0) * float64(max(1, tc.passes)*u.Elements()/m.Group)
			reportSound(b, float64(u.Elements()*m.Hop)/float64(m.Rate), operations)
		})
	}
}

// speak makes all frames of an utterance: by ar, or from noise in so many passes.
func speak(u *Utterance, passes int) error {
	if passes == 0 {
		for {
			values, err := u.Next()
			if err != nil || len(values) == 0 {
				return err
			}
		}
	}
	condition, err := u.Encode(nil)
	if err != nil {
		return err
	}
	x := wave(u.Size()) // stands for noise
	for i := range passes {
		step := 1 / float32(passes)
		v, err := u.Velocity(x, float32(i)*step, step, [][]float32{condition})
		if err != nil {
			return fmt.Errorf("pass %d: %w", i, err)
		}
		for k, s := range v {
			x[k] += step * s
		}
	}
	u.Restore(x)
	return nil
}
