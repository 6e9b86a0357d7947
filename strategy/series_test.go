package strategy

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stride-ml/stride/internal/golden"
)

// steady stands in for a network of frames of two values, 0.1 more in each.
type steady struct {
	elements, each, made int // of frames, those of a pass, those made
	spoil                func(pass int, values []float32) ([]float32, error)
}

func (n *steady) Size() int     { return 2 * n.elements }
func (n *steady) Elements() int { return n.elements }

func (n *steady) Next() ([]float32, error) {
	var out []float32
	for range min(n.each, n.elements-n.made) {
		n.made++
		out = append(out, 0.1*float32(n.made), -0.1*float32(n.made))
	}
	if n.spoil != nil {
		return n.spoil(n.made/n.each, out)
	}
	return out, nil
}

// sentences are objects one after another, each by the machine that it names, and
// ten times as large as their networks think.
type sentences struct {
	t    *testing.T
	each []string
	err  error
}

func (s *sentences) Next() (Machine, int, error) {
	if len(s.each) == 0 {
		return nil, 0, s.err
	}
	name := s.each[0]
	s.each = s.each[1:]
	var m Machine
	var err error
	if name == "ar" {
		m, err = NewVectors(&steady{elements: 5, each: 2})
	} else {
		m, err = NewFlow(name, &still{}, FlowOptions{Seed: 3, Passes: 3})
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return m, 2, s.err
}

func (s *sentences) Restore(values []float32) {
	for i := range values {
		values[i] *= 10
	}
}

// still stands in for a flow network over two frames of two values whose data are
// 1, 2, 3 and 4 alone.
type still struct{}

func (still) Size() int                       { return 4 }
func (still) Elements() int                   { return 2 }
func (still) Encode([]int) ([]float32, error) { return []float32{0}, nil }

func (still) Velocity(x []float32, t, _ float32, _ [][]float32) ([]float32, error) {
	v := make([]float32, len(x))
	for i := range v {
		v[i] = (float32(i+1) - x[i]) / (1 - t)
	}
	return v, nil
}

func series2(t *testing.T, each ...string) Machine {
	t.Helper()
	m, err := NewSeries(&sentences{t: t, each: each})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGoldenSeriesTraces shows where the steps of objects that follow each other
// lie in the whole.
func TestGoldenSeriesTraces(t *testing.T) {
	for name, each := range map[string][]string{"series_ar": {"ar", "ar"}, "series_refine3": {"refine", "refine"}, "series_mixed": {"refine", "ar"}} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			m := series2(t, each...)
			for _, s := range finish(t, m) {
				b.WriteString(s.String() + "\n")
			}
			golden.Compare(t, name+".txt", b.String())
		})
	}
}

// TestSeriesFeedsCascade holds that the settled values of a series are all its
// objects, one after another and restored.
func TestSeriesFeedsCascade(t *testing.T) {
	var got []float32
	var drawn int
	for _, s := range finish(t, series2(t, "refine", "ar")) {
		if s.Settled > len(got) {
			got = append(got, s.Values[len(got)-s.Start:s.Settled-s.Start]...)
		}
		drawn = s.Drawn
	}
	want := []float32{10, 20, 30, 40, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5}
	if len(got) != len(want) || drawn != 7 {
		t.Fatalf("settled %v, %d elements; want %v, 7", got, drawn, want)
	}
	for i, v := range want {
		if math.Abs(float64(got[i]-v)) > 1e-4 {
			t.Errorf("value %d is %g, want %g", i, got[i], v)
		}
	}
}

func TestSeriesErrors(t *testing.T) {
	broken := errors.New("broken")
	if _, err := NewSeries(&sentences{t: t}); err == nil || !strings.Contains(err.Error(), "no objects") {
		t.Errorf("error %v, want one of no objects", err)
	}
	if _, err := NewSeries(&sentences{t: t, err: broken}); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the first object", err)
	}
	objects := &sentences{t: t, each: []string{"ar"}}
	m, err := NewSeries(objects)
	if err != nil {
		t.Fatal(err)
	}
	objects.err = broken // of the second
	for range 2 {
		if _, err := m.Next(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if _, err := m.Next(); !errors.Is(err, broken) {
			t.Errorf("error %v, want that of the second object, again and again", err)
		}
	}
}

func TestVectorsErrors(t *testing.T) {
	nan := float32(math.NaN())
	for want, spoil := range map[string]func(int, []float32) ([]float32, error){
		"pass 2: broken": func(pass int, v []float32) ([]float32, error) {
			return v, map[bool]error{true: errors.New("broken")}[pass == 2]
		},
		"pass 1: the network made 0 values": func(int, []float32) ([]float32, error) { return nil, nil },
		"made 3 values after 0 of 10":       func(_ int, v []float32) ([]float32, error) { return v[:3], nil },
		"made 12 values after 0 of 10":      func(int, []float32) ([]float32, error) { return make([]float32, 12), nil },
		"pass 2: value 5 of 10 is NaN": func(pass int, v []float32) ([]float32, error) {
			v[1] = map[bool]float32{true: nan, false: 1}[pass == 2]
			return v, nil
		},
	} {
		m, err := NewVectors(&steady{elements: 5, each: 2, spoil: spoil})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err = m.Next(); err != nil {
				break
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
		if _, again := m.Next(); again == nil || again.Error() != err.Error() {
			t.Errorf("then error %v, want %v again", again, err)
		}
	}
	if _, err := NewVectors(&steady{}); err == nil {
		t.Error("no error for an object without elements")
	}
}
