package checkpoint

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkParse opens a model with a vocabulary of 16,000 tokens and 75 tensors, without reading weights.
func BenchmarkParse(b *testing.B) {
	const vocabulary = 16000
	model := NewBuilder("llama")
	tokens, scores, kinds := make([]string, vocabulary), make([]float32, vocabulary), make([]int32, vocabulary)
	for i := range tokens {
		tokens[i], scores[i] = string(rune(0x4e00+i)), float32(-i)
	}
	must(b, model.Set("tokenizer.ggml.tokens", tokens))
	must(b, model.Set("tokenizer.ggml.scores", scores))
	must(b, model.Set("tokenizer.ggml.token_type", kinds))
	for i := range 75 {
		must(b, model.Add(fmt.Sprintf("blk.%d.weight", i), F32, []int{4, 4}, make([]float32, 16)))
	}
	var file bytes.Buffer
	_, err := model.WriteTo(&file)
	must(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("bench", file.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFloat32 reads the weights of a layer; a second has MB/s / 4 million values.
func BenchmarkFloat32(b *testing.B) {
	eachType(b, Type.readable, func(b *testing.B, kind Type, values []float32) {
		_, size, _, _ := kind.size([]int{len(values)})
		raw := make([]byte, size)
		if kind.writable() {
			encode(kind, raw, values)
		}
		model := NewBuilder("test")
		must(b, model.AddRaw("w", kind, []int{len(values)}, raw))
		f := parsed(b, model)
		for b.Loop() {
			if err := f.Float32("w", values); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEncode converts the weights of a layer for writing.
func BenchmarkEncode(b *testing.B) {
	eachType(b, Type.writable, func(b *testing.B, kind Type, values []float32) {
		_, size, _, _ := kind.size([]int{len(values)})
		raw := make([]byte, size)
		for b.Loop() {
			encode(kind, raw, values)
		}
	})
}

func eachType(b *testing.B, which func(Type) bool, run func(b *testing.B, kind Type, values []float32)) {
	for kind := range Type(len(formats)) {
		if !which(kind) {
			continue
		}
		b.Run(kind.String(), func(b *testing.B) {
			values := make([]float32, 384*1536)
			r := rand.New(rand.NewPCG(1, 2))
			for i := range values {
				values[i] = float32(r.NormFloat64() * 0.02)
			}
			b.ReportAllocs()
			run(b, kind, values)
			perSecond := float64(len(values)) * float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(perSecond/1e6, "Mvalues/s")
		})
	}
}
