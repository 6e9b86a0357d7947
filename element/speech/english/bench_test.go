package english

import (
	"os"
	"strings"
	"sync"
	"testing"
)

func BenchmarkWords(b *testing.B) {
	data, err := os.ReadFile("testdata/sentences.txt")
	if err != nil {
		b.Fatal(err)
	}
	sentences := strings.Split(string(data), "\n")
	known("a")
	letterModel()
	f := &Front{}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for _, s := range sentences {
			if _, err := f.Words(s); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "sentences/s")
}

// BenchmarkFirstSentence is what the first sentence of a program waits for: each
// time the files are opened anew, and nothing that was decoded is kept.
func BenchmarkFirstSentence(b *testing.B) {
	for name, text := range map[string]string{
		"known": "The quick brown fox jumps over the lazy dog, and nobody knows why.",
		"other": "The quick brown Zorblaxian jumps over the lazy dog, and nobody knows why.",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				words, letterModel = sync.OnceValue(openDictionary), sync.OnceValue(openLetters)
				if _, err := new(Front).Words(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLetters(b *testing.B) {
	m := letterModel()
	for b.Loop() {
		m.Say("pneumothorax")
	}
}
