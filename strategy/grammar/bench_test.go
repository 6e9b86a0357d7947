package grammar

import (
	"math/rand/v2"
	"testing"
)

// largeVocabulary has as many tokens as SmolLM2: all bytes, and pieces of the
// lengths that pieces of words have, half of them after a space.
func largeVocabulary() *Vocabulary {
	r := rand.New(rand.NewPCG(1, 1))
	seen := map[string]bool{}
	var pieces []string
	for _, s := range []string{`{"`, `":`, `": "`, `", "`, `"}`, `"]`, `},`, `[`, "\n  ", "  "} {
		pieces, seen[s] = append(pieces, s), true
	}
	for len(pieces) < 49152-257 {
		s := ""
		if r.IntN(2) == 0 {
			s = " "
		}
		for range 2 + r.IntN(8) {
			s += string("etaoinshrdlucmfwypvbgkjqxz"[int(26*r.Float64()*r.Float64())])
		}
		if !seen[s] {
			pieces, seen[s] = append(pieces, s), true
		}
	}
	return byteTokens(pieces...)
}

// BenchmarkVocabulary is what the first grammar of a model waits for.
func BenchmarkVocabulary(b *testing.B) {
	v := largeVocabulary()
	for b.Loop() {
		NewVocabulary(v.pieces, v.ends...)
	}
}

// BenchmarkMask is what a step adds: of all the states of a response, met for the
// first time and met again.
func BenchmarkMask(b *testing.B) {
	g, err := FromSchema([]byte(`{"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0},
		"tags": {"type": "array", "items": {"enum": ["red", "green", "blue"]}}}, "required": ["name", "age", "tags"]}`))
	if err != nil {
		b.Fatal(err)
	}
	v := largeVocabulary()
	response := `{"name": "the name of a person", "age": 42, "tags": ["red", "blue"]}`
	steps := func(b *testing.B, a *Automaton, left int) {
		m, err := a.Matcher()
		if err != nil {
			b.Fatal(err)
		}
		for i := range len(response) {
			if _, err := m.Mask(left); err != nil {
				b.Fatal(err)
			}
			if err := m.Accept(int(response[i])); err != nil {
				b.Fatal(err)
			}
		}
	}
	perStep := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(response)), "us/step")
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			steps(b, New(g, v), -1)
		}
		perStep(b)
	})
	a := New(g, v)
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			steps(b, a, -1)
		}
		perStep(b)
	})
	b.Run("near the end", func(b *testing.B) {
		for b.Loop() {
			steps(b, a, 20)
		}
		perStep(b)
	})
}
