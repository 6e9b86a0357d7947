package text

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// prose makes words of letters with the frequencies of natural ones (Zipf's law), about n bytes of them.
func prose(n int) string {
	r := rand.New(rand.NewPCG(3, 4))
	syllables := strings.Fields("the un able ing er st on ra li to com pre de tion ment al ness ful mi ka so be re at in")
	words := make([]string, 20000)
	for i := range words {
		for range 1 + r.IntN(4) {
			words[i] += syllables[r.IntN(len(syllables))]
		}
	}
	zipf := rand.NewZipf(r, 1.1, 2, uint64(len(words)-1))
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(words[zipf.Uint64()])
		b.WriteString([]string{" ", " ", " ", ", ", ".\n"}[r.IntN(5)])
	}
	return b.String()
}

// poems makes lines of five Han characters, about n bytes of them.
func poems(n int) string {
	r := rand.New(rand.NewPCG(5, 6))
	zipf := rand.NewZipf(r, 1.1, 20, 6999)
	var b strings.Builder
	for b.Len() < n {
		for range 5 {
			b.WriteRune(rune(0x4E00 + zipf.Uint64()))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"prose", prose(1 << 18)}, {"poems", poems(1 << 18)}} {
		tok := train(b, TrainOptions{Pieces: 4000}, c.text)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			var ids []int
			for b.Loop() {
				ids = tok.AppendEncode(ids[:0], c.text)
			}
			b.ReportMetric(float64(len(ids))/float64(len([]rune(c.text))), "tokens/char")
		})
	}
}

func BenchmarkTrain(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"prose", prose(1 << 20)}, {"poems", poems(1 << 20)}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				train(b, TrainOptions{Pieces: 4000}, c.text)
			}
		})
	}
}

// BenchmarkFromMetadata loads a vocabulary: it is on the way from the start of a process to its first character.
func BenchmarkFromMetadata(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"prose", prose(1 << 20)}, {"poems", poems(1 << 20)}} {
		get := getter(train(b, TrainOptions{Pieces: 8000}, c.text).Metadata())
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var tok *Tokenizer
			for b.Loop() {
				var err error
				if tok, err = FromMetadata(get); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(tok.Size()), "tokens")
		})
	}
}

// BenchmarkEncodeByteLevel encodes by the tokenizers in testdata, whose vocabularies are small: words take more merges
// than in the models themselves.
func BenchmarkEncodeByteLevel(b *testing.B) {
	toks, _ := references(b)
	for _, name := range []string{"smollm", "llama-bpe", "qwen2", "tekken", "gemma"} {
		for _, c := range []struct{ name, text string }{{"prose", prose(1 << 18)}, {"poems", poems(1 << 18)}} {
			b.Run(name+"/"+c.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(c.text)))
				var ids []int
				for b.Loop() {
					ids = toks[name].AppendEncode(ids[:0], c.text)
				}
			})
		}
	}
}
