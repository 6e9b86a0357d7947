package stride

import (
	"math"
	"testing"
	"time"
)

func TestPassCosts(t *testing.T) {
	var p passCosts
	if p.known() || p.cost(1) != 1 || p.cost(7) != 2 {
		t.Errorf("before anything is measured passes cost %g and %g, want 1 and 2", p.cost(1), p.cost(7))
	}
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for _, d := range []int{500, 10, 11, 90, 10, 12} { // the first waited for memory, one for other programs
		p.note(1, ms(d))
	}
	for range 3 {
		p.note(9, ms(30))
	}
	p.note(1000, ms(1)) // more than are ever guessed
	for tokens, want := range map[int]float64{1: 0.011, 5: 0.0205, 9: 0.03, 16: 0.03 * 3.5 / (7. / 3)} {
		if got := p.cost(tokens); math.Abs(got-want) > 1e-9 {
			t.Errorf("%d tokens cost %g, want %g", tokens, got, want)
		}
	}
	var q passCosts
	q.note(7, ms(20))
	q.note(7, ms(20))
	if got := q.cost(1); math.Abs(got-0.01) > 1e-9 {
		t.Errorf("one token costs %g where seven take 20 ms, want 0.01", got)
	}
}
