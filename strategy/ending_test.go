package strategy

import (
	"strings"
	"testing"
)

// TestFurtherEnds lets a network draw a token that ends a response beside END.
func TestFurtherEnds(t *testing.T) {
	for _, o := range []Options{{End: 0}, {End: 0, Ends: []int{5, 3}}} {
		m, err := NewAR(&counting{}, []int{1}, o)
		if err != nil {
			t.Fatal(err)
		}
		var last Step
		for step, err := range Steps(m) {
			if err != nil {
				t.Fatal(err)
			}
			last = step
		}
		want := "context"
		if o.Ends != nil {
			want = "end"
		}
		if last.Stopped != want {
			t.Errorf("with ends %v it stopped by %s, want %s", o.Ends, last.Stopped, want)
		}
		if o.Ends != nil && (len(last.Tokens) != 1 || last.Tokens[0] != 2 || last.Drawn != 2) {
			t.Errorf("got %v of %d drawn, want 2 and the end", last.Tokens, last.Drawn)
		}
	}
	_, err := NewAR(&counting{}, []int{1}, Options{Ends: []int{8}})
	if err == nil || !strings.Contains(err.Error(), "ends[0]: got 8") {
		t.Errorf("got %v, want an error for a token outside of the vocabulary", err)
	}
	_, err = NewAR(&counting{}, []int{1}, Options{Ends: []int{7}, Constraint: Constraint{Banned: []int{7}}})
	if err == nil || !strings.Contains(err.Error(), "END (7)") {
		t.Errorf("got %v, want an error for an end that is banned", err)
	}
}

// counting is sure that each token is followed by the next.
type counting struct{ n int }

func (c *counting) Vocab() int   { return 8 }
func (c *counting) Context() int { return 6 }
func (c *counting) Rewind(n int) { c.n = n }

func (c *counting) Extend(tokens []int) ([]float32, error) {
	c.n += len(tokens)
	logits := make([]float32, 8)
	logits[(tokens[len(tokens)-1]+1)%8] = 9
	return logits, nil
}
