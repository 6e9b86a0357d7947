package english

import (
	"os"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech/english/internal/dictionary"
	"github.com/stride-ml/stride/element/speech/english/internal/graphone"
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

// BenchmarkLoad is what the first word waits for, and the first that is not in the dictionary.
func BenchmarkLoad(b *testing.B) {
	b.Run("dictionary", func(b *testing.B) {
		for b.Loop() {
			if _, err := dictionary.Read(dictionaryFile); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("letters", func(b *testing.B) {
		for b.Loop() {
			if _, err := graphone.Read(lettersFile); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkLetters(b *testing.B) {
	m := letterModel()
	for b.Loop() {
		m.Say("pneumothorax")
	}
}
