package strategy

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// echo is a network whose next token depends on all that its cache holds.
type echo struct {
	context int
	cache   []int
	passes  [][]int // what the cache held after each pass
}

const echoVocab = 11

func (e *echo) next() int {
	h := 7
	for i, t := range e.cache {
		h = (h*31 + t*(i+3)) % 1009
	}
	return 1 + h%(echoVocab-1) // 0 is END
}

func (e *echo) Vocab() int   { return echoVocab }
func (e *echo) Context() int { return e.context }
func (e *echo) Rewind(n int) { e.cache = e.cache[:min(n, len(e.cache))] }

func (e *echo) Extend(tokens []int) ([]float32, error) {
	if e.cache = append(e.cache, tokens...); len(e.cache) > e.context {
		return nil, errors.New("full")
	}
	e.passes = append(e.passes, slices.Clone(e.cache))
	logits := make([]float32, echoVocab)
	logits[e.next()] = 1
	return logits, nil
}

// keeper is an echo that can reuse a prompt.
type keeper struct{ echo }

func (k *keeper) Reuse(prompt []int) int {
	n := 0
	for n < min(len(prompt)-1, len(k.cache)) && prompt[n] == k.cache[n] {
		n++
	}
	k.Rewind(n)
	return n
}

// TestShift holds what the network sees in each pass to the rule.
func TestShift(t *testing.T) {
	for _, keep := range []int{0, 1, 3, 100} {
		net, prompt := &echo{context: 8}, []int{5, 6, 7}
		m, err := NewAR(net, prompt, Options{Shift: true, ShiftKeep: keep, MaxLength: 40})
		if err != nil {
			t.Fatal(err)
		}
		steps := finish(t, m)
		last := steps[len(steps)-1]
		if len(last.Tokens) != 40 || last.Stopped != "length" || len(net.passes) != 40 {
			t.Fatalf("keep %d: %d elements in %d passes, stopped by %s", keep, len(last.Tokens), len(net.passes), last.Stopped)
		}
		window, kept := slices.Clone(prompt), min(keep, 4)
		for i, got := range net.passes {
			if i > 0 {
				window = append(window, last.Tokens[i-1])
			}
			if len(window) > 8 {
				rest := window[kept:]
				window = append(slices.Clone(window[:kept]), rest[(len(rest)+1)/2:]...)
			}
			if !slices.Equal(got, window) {
				t.Fatalf("keep %d: pass %d saw %v, want %v", keep, i+1, got, window)
			}
			fresh := &echo{context: 8, cache: slices.Clone(window)}
			if want := fresh.next(); last.Tokens[i] != want {
				t.Fatalf("keep %d: element %d is %d, want %d as after %v alone", keep, i, last.Tokens[i], want, window)
			}
		}
	}
	var unsupported *UnsupportedError
	if _, err := NewNAR(spring(), []int{1}, Options{Shift: true}); !errors.As(err, &unsupported) || !slices.Equal(unsupported.Can, []string{"ar", "speculate"}) {
		t.Errorf("nar with a shift: %v", err)
	}
	var option *OptionError
	if _, err := NewAR(&echo{context: 8}, []int{1}, Options{Shift: true, ShiftKeep: -1}); !errors.As(err, &option) {
		t.Errorf("keeping -1: %v", err)
	}
}

// TestSpeculateShifts holds that what follows a shift is what ar has there, whatever
// guesses, in fewer passes where the text repeats itself.
func TestSpeculateShifts(t *testing.T) {
	faster := map[string]bool{}
	for _, keep := range []int{0, 3, 50} {
		for seed := range uint64(8) {
			net := newChain(6, 4+float64(seed))
			net.context = 12 + 7*int(seed)
			o := Options{Sampling: Sampling{Temperature: 1}, Seed: seed, Shift: true, ShiftKeep: keep, MaxLength: 300}
			o.Constraint.Allow = func(int, []int) []int { return []int{1, 2, 3, 4, 5} }
			want, _, alone := byAR(t, net, []int{1, 2, 3}, o)
			for name, s := range everySpeculation(net) {
				got, _, large := bySpeculation(t, net, []int{1, 2, 3}, o, s)
				if !slices.Equal(got.Tokens, want.Tokens) || got.Stopped != "length" {
					t.Fatalf("%s, keeping %d, seed %d: %v stopped by %s, want %v", name, keep, seed, got.Tokens, got.Stopped, want.Tokens)
				}
				// The last element may have been guessed, and be in the cache.
				if n := len(alone.cache); len(large.cache)-n > 1 || len(large.cache) < n || !slices.Equal(large.cache[:n], alone.cache) {
					t.Fatalf("%s, keeping %d: the cache holds %v, of ar %v", name, keep, large.cache, alone.cache)
				}
				faster[name] = faster[name] || got.Pass*4 < want.Pass*3
			}
		}
	}
	for name := range everySpeculation(newChain(2, 1)) {
		if !faster[name] && !strings.Contains(name, "jacobi") && !strings.Contains(name, "short") {
			t.Errorf("%s: guesses never saved a quarter of the passes", name)
		}
	}
}

// TestReuse holds that a network that has the beginning of a prompt is given the
// rest alone, and gives the same elements.
func TestReuse(t *testing.T) {
	net := &keeper{echo{context: 50}}
	for _, c := range []struct {
		prompt []int
		held   int // positions after the first pass that were there before
	}{{[]int{3, 4, 5}, 0}, {[]int{3, 4, 5}, 2}, {[]int{3, 4, 9, 9}, 2}, {[]int{4}, 0}} {
		before := len(net.passes)
		m, err := NewAR(net, c.prompt, Options{MaxLength: 6})
		if err != nil {
			t.Fatal(err)
		}
		if len(net.cache) != c.held {
			t.Errorf("%v: %d positions are kept, want %d", c.prompt, len(net.cache), c.held)
		}
		steps := finish(t, m)
		if got := net.passes[before]; !slices.Equal(got, c.prompt) {
			t.Errorf("the first pass saw %v, want %v", got, c.prompt)
		}
		fresh, err := NewAR(&echo{context: 50}, c.prompt, Options{MaxLength: 6})
		if err != nil {
			t.Fatal(err)
		}
		if want := finish(t, fresh); !slices.Equal(steps[5].Tokens, want[5].Tokens) {
			t.Errorf("%v: %v, want %v", c.prompt, steps[5].Tokens, want[5].Tokens)
		}
	}
}
