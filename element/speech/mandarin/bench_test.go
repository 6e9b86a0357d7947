package mandarin

import (
	"sync"
	"testing"
)

// BenchmarkFirstSentence is what the first sentence of a program waits for: each
// time the dictionary is decoded anew.
func BenchmarkFirstSentence(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		words = sync.OnceValue(openDictionary)
		if _, err := new(Front).Words("學長今天還說他喜歡我呢！"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSentence is what those after it take.
func BenchmarkSentence(b *testing.B) {
	words()
	for b.Loop() {
		if _, err := new(Front).Words("學長今天還說他喜歡我呢！"); err != nil {
			b.Fatal(err)
		}
	}
}
