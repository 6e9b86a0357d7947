package strategy

import (
	"fmt"
	"slices"
	"testing"
)

func TestARStops(t *testing.T) {
	const whole = 23 // elements of the poems
	for _, c := range []struct {
		name             string
		context, most    int
		length           LengthMode
		elements, passes int
		stopped          string
	}{
		{"end", 200, 0, Predicted, whole, whole + 1, "end"},
		{"end, exactly at the most", 200, whole + 1, Predicted, whole, whole + 1, "end"},
		{"length", 200, 7, Predicted, 7, 7, "length"},
		{"context", 10, 0, Predicted, 10, 10, "context"}, // one position is the prompt's, and the last element needs none
		{"context before length", 10, 11, Predicted, 10, 10, "context"},
		{"length at the context", 10, 10, Predicted, 10, 10, "length"},
		{"exact length", 200, 0, 9, 8, 8, "end"},
		{"exact length at the context", 10, 0, 11, 10, 10, "end"},
		{"exact length beyond the most", 200, 5, 9, 5, 5, "length"},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := spring()
			net.Texts, net.Weights = net.Texts[:1], net.Weights[:1]
			net.Texts[0] = slices.Clone(spring().Texts[1])
			net.Most = c.context
			o := tableOptions(1)
			o.Sampling = Sampling{}
			o.MaxLength, o.Length = c.most, c.length
			steps := finish(t, open(t, "ar", net, o))
			last := steps[len(steps)-1]
			if len(last.Tokens) != c.elements || len(steps) != c.passes || last.Stopped != c.stopped || net.Calls != c.passes {
				t.Errorf("%d elements in %d passes, stopped by %s; want %d in %d, %s", len(last.Tokens), len(steps), last.Stopped, c.elements, c.passes, c.stopped)
			}
			if c.stopped == "end" && last.Length != c.elements+1 {
				t.Errorf("length is %d, want %d", last.Length, c.elements+1)
			}
		})
	}
}

// A machine begins with an empty cache whatever the one before left there.
func TestAREmptiesTheCache(t *testing.T) {
	net := spring()
	first := open(t, "ar", net, tableOptions(1))
	if _, err := first.Next(); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(finish(t, open(t, "ar", net, tableOptions(2))))
	if want := fmt.Sprint(finish(t, open(t, "ar", spring(), tableOptions(2)))); got != want {
		t.Errorf("on a used cache:\n%s\non a new one:\n%s", got, want)
	}
}

// flat is a network that costs nothing: the same logits at every position.
type flat struct {
	logits  []float32
	context int
}

func newFlat(vocab, context int) *flat {
	r := newSource(1)
	f := &flat{make([]float32, vocab), context}
	for i := range f.logits {
		f.logits[i] = float32(2 * r.NormFloat64())
	}
	return f
}

func (f *flat) Vocab() int                      { return len(f.logits) }
func (f *flat) Context() int                    { return f.context }
func (f *flat) Extend([]int) ([]float32, error) { return f.logits, nil }
func (f *flat) Rewind(int)                      {}

func flatMachine(t testing.TB, context int) Machine {
	m, err := NewAR(newFlat(8000, context), []int{2}, Options{
		Sampling:   Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95, MinP: 0.05},
		Constraint: Constraint{Banned: []int{1, 2, 3}, LineStarts: []int{9, 9}, Newline: 5},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestARAllocatesNothing(t *testing.T) {
	machines := map[string]Machine{"usual": flatMachine(t, 1000)}
	for name, sampling := range map[string]Sampling{
		"penalties": {Temperature: 1, RepeatPenalty: 1.2, FrequencyPenalty: 0.1, PresencePenalty: 0.1, Bias: map[int]float32{7: 2}},
		"typical":   {Temperature: 1, Typical: 0.9, TopK: 500},
	} {
		m, err := NewAR(newFlat(800, 1000), []int{2}, Options{Sampling: sampling, Constraint: Constraint{Banned: []int{1}}})
		if err != nil {
			t.Fatal(err)
		}
		for range 400 { // until nearly all tokens were seen
			if _, err := m.Next(); err != nil {
				t.Fatal(err)
			}
		}
		machines[name] = m
	}
	for name, m := range machines {
		allocatesNothing(t, name, m)
	}
}

func allocatesNothing(t *testing.T, name string, m Machine) {
	if allocations := testing.AllocsPerRun(300, func() {
		if step, err := m.Next(); err != nil || step.Done {
			t.Fatal(step, err)
		}
	}); allocations > 0 {
		t.Errorf("%s: %v allocations a step, want none", name, allocations)
	}
}

// BenchmarkARStep is what the strategy adds to a pass of the network.
func BenchmarkARStep(b *testing.B) {
	b.ReportAllocs()
	m := flatMachine(b, 1<<20)
	for b.Loop() {
		if _, err := m.Next(); err != nil {
			b.Fatal(err)
		}
	}
}
