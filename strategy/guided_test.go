package strategy

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// spy is a causal network whose logits are the sum of what its cache holds times
// a step for each token; the last token never comes.
type spy struct {
	cache []int
	fail  error
}

func (s *spy) Vocab() int   { return 5 }
func (s *spy) Context() int { return 20 }
func (s *spy) Rewind(n int) { s.cache = s.cache[:min(n, len(s.cache))] }
func (s *spy) Extend(tokens []int) ([]float32, error) {
	s.cache = append(s.cache, tokens...)
	sum := 0
	for _, t := range s.cache {
		sum += t
	}
	return []float32{0, float32(sum), float32(2 * sum), 1, float32(math.Inf(-1))}, s.fail
}

func TestGuidedLogits(t *testing.T) {
	with, without := &spy{}, &spy{}
	g, err := NewGuided(with, without, []int{1, 2, 3}, []int{4}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if g.Vocab() != 5 || g.Context() != 20 {
		t.Errorf("vocabulary %d, context %d; want 5 and 20, that of the longer prompt", g.Vocab(), g.Context())
	}
	got, err := g.Extend([]int{1, 2, 3, 1}) // sums 7 and 5
	if want := []float32{0, 5 + 3*2, 10 + 3*4, 1, float32(math.Inf(-1))}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if _, err := g.Extend([]int{2}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(with.cache, []int{1, 2, 3, 1, 2}) || !slices.Equal(without.cache, []int{4, 1, 2}) {
		t.Errorf("caches %v and %v", with.cache, without.cache)
	}
	g.Rewind(4)
	if len(with.cache) != 4 || len(without.cache) != 2 {
		t.Errorf("rewound to 4: caches %v and %v", with.cache, without.cache)
	}
	g.Rewind(2)
	if len(with.cache)+len(without.cache) != 0 {
		t.Errorf("rewound into the prompt: caches %v and %v, want both empty", with.cache, without.cache)
	}
	if _, err := g.Extend([]int{1, 2, 3}); err != nil || !slices.Equal(without.cache, []int{4}) {
		t.Errorf("begun anew: cache %v (%v)", without.cache, err)
	}
}

func TestGuidedErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, pair := range map[string][2]*spy{"with": {{fail: broken}, {}}, "without": {{}, {fail: broken}}} {
		g, err := NewGuided(pair[0], pair[1], []int{1}, []int{2}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Extend([]int{1}); !errors.Is(err, broken) {
			t.Errorf("%s: error %v, want that of the network", name, err)
		}
	}
	for _, guidance := range []float32{-1, 101, float32(math.NaN())} {
		if _, err := NewGuided(&spy{}, &spy{}, []int{1}, []int{2}, guidance); err == nil {
			t.Errorf("guidance %g: no error", guidance)
		}
	}
	for _, negative := range [][]int{{}, {5}, make([]int, 21)} {
		if _, err := NewGuided(&spy{}, &spy{}, []int{1}, negative, 2); err == nil {
			t.Errorf("negative prompt %v: no error", negative)
		}
	}
	g, err := NewGuided(&spy{}, &spy{}, []int{1, 2}, []int{3}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Extend([]int{1}); err == nil {
		t.Error("a part of the prompt: no error")
	}
}

// TestGuidedAR holds that guidance leads away from what both prompts allow to
// what only one does: the spy prefers token 2 the more the larger its prompt.
func TestGuidedAR(t *testing.T) {
	count := func(guidance float32) (n int) {
		for seed := range uint64(50) {
			g, err := NewGuided(&spy{}, &spy{}, []int{1}, []int{0}, guidance)
			if err != nil {
				t.Fatal(err)
			}
			m, err := NewAR(g, []int{1}, Options{Seed: seed, MaxLength: 1, End: 3, Sampling: Sampling{Temperature: 1, TopP: 1}})
			if err != nil {
				t.Fatal(err)
			}
			step, err := m.Next()
			if err != nil {
				t.Fatal(err)
			}
			if slices.Equal(step.Tokens, []int{2}) {
				n++
			}
		}
		return n
	}
	plain, guided := count(1), count(4)
	if plain < 15 || guided < plain+8 {
		t.Errorf("token 2 came %d times in 50, with guidance %d times; want some, and clearly more", plain, guided)
	}
}
