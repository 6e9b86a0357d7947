package strategy

import (
	"slices"
	"testing"
)

// The index finds what a scan of the whole text finds.
func TestNGramsFindTheLongestMatch(t *testing.T) {
	r := newSource(5)
	for range 50 {
		d := newNGrams(120, 4)
		vocab := 2 + r.IntN(8)
		for range 120 {
			d.know([]int{r.IntN(vocab)})
			d.look(4)
			place, match := d.find()
			longest := 0
			for p := 1; p < len(d.text); p++ {
				longest = max(longest, d.matching(p))
			}
			if place > 0 && match == 0 && longest < 2 {
				continue // the source of a copy, behind a change
			}
			if match != longest && (match < longestGram || len(d.text) < mostTries) || match > 0 && d.matching(place) != match {
				t.Fatalf("%v: found %d tokens before place %d, the longest match has %d", d.text, match, place, longest)
			}
		}
	}
}

// Behind a change a copy goes on where it was, also where the words there stand
// elsewhere, too.
func TestNGramsFollowAnEdit(t *testing.T) {
	const change, another = 98, 99
	for _, c := range []struct {
		name   string
		source []int // ends with what else there is
		answer []int
		want   []int // guessed
	}{
		{"nothing known after a changed token", []int{1, 2, 3, 4, 5, 6, 7, 0}, []int{1, 2, 3, change}, []int{5, 6}},
		{"the nearest of equals", []int{1, 2, 3, 4, 5, 6, 7, 5, 8, 0, 0, 0, 0, 0, 0, 0, 0, 5, 9, 0}, []int{1, 2, 3, change, another, 5}, []int{6, 7}},
		{"a longer match elsewhere", []int{1, 2, 3, 4, 5, 6, 7, 8, 0, 11, 12, 13, 14, 0}, []int{1, 2, 3, 11, 12}, []int{13, 14}},
	} {
		d := newNGrams(100, 2)
		d.know(c.source)
		for _, token := range c.answer {
			d.look(2)
			d.know([]int{token})
		}
		var got []int
		for _, g := range d.look(2) {
			got = append(got, g.token)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: after %v guessed %v, want %v", c.name, c.answer, got, c.want)
		}
	}
}

// A copy of 200 tokens with a change in every 20 takes about two passes a change.
func TestSpeculateCopiesAroundChanges(t *testing.T) {
	net := &editor{vocab: 400, length: 200}
	prompt := make([]int, net.length)
	for i := range prompt {
		prompt[i] = net.original(i)
	}
	m, err := NewSpeculate(net, prompt, Options{MaxLength: net.length - 1}, Speculation{Cost: func(tokens int) float64 { return 1 + float64(tokens)/50 }})
	if err != nil {
		t.Fatal(err)
	}
	steps := finish(t, m)
	if last := steps[len(steps)-1]; len(last.Tokens) != net.length-1 || len(steps) > 40 {
		t.Errorf("%d tokens with 10 changes took %d passes, want at most 40", len(last.Tokens), len(steps))
	}
}

// editor copies a prompt of its length, of which it changes every 20th token.
type editor struct {
	vocab, length, at int
}

func (e *editor) Vocab() int   { return e.vocab }
func (e *editor) Context() int { return 3 * e.length }
func (e *editor) Rewind(n int) { e.at = n }

func (e *editor) original(i int) int { return 1 + newSource(uint64(i)).IntN(40) }

func (e *editor) ExtendAll(tokens []int) ([]float32, error) {
	all := make([]float32, len(tokens)*e.vocab)
	for i := range tokens {
		e.at++
		at := e.at - e.length // of the answer
		next := e.original(at)
		if at%20 == 10 {
			next = 200 + at
		}
		all[i*e.vocab+next] = 5
	}
	return all, nil
}

func (e *editor) Extend(tokens []int) ([]float32, error) {
	all, err := e.ExtendAll(tokens)
	return all[len(all)-e.vocab:], err
}
