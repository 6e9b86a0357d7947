package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// What torch.nn.functional.ctc_loss of PyTorch 2.15, with log_softmax before it,
// makes in float64 of the logits of [ctcLogits]; and the gradients of some rows.
var (
	ctcLengths = []int{9, 4, 1, 5, 3}
	ctcLabels  = [][]int{{1, 2, 2, 4}, {3, 3}, {}, {2, 1, 2}, {1, 1, 2}}
	ctcWeights = []float32{1, 0.5, 2, 0.25, 3}
	ctcLosses  = []float64{9.204493325479827, 5.462537345106891, 0.372961148268716, 5.692540969487167, math.Inf(1)}
	ctcGrads   = map[int][]float64{
		0:  {-0.294139, -0.474439, 0.500515, 0.21797, 0.050093},
		4:  {-0.389318, 0.275211, 0.038175, 0.062073, 0.013858},
		8:  {-0.209669, 0.31372, 0.085933, 0.057805, -0.247788},
		9:  {-0.014289, 0.093614, 0.249325, -0.348806, 0.020156},
		12: {-0.005726, 0.01832, 0.085949, -0.351514, 0.252972},
		13: {-0.622616, 0.419074, 0.11879, 0.071405, 0.013347},
		16: {-0.026274, -0.1244, -0.037654, 0.138968, 0.04936},
		18: {0.012908, 0.050493, -0.112301, 0.035332, 0.013568},
		19: make([]float64, 5), // labels do not fit
		21: make([]float64, 5),
	}
)

func ctcLogits() (data []float32, spans []Span) {
	at := 0
	for _, n := range ctcLengths {
		spans = append(spans, Span{at, n})
		at += n
	}
	for i := range 5 * at {
		data = append(data, float32(2*math.Pow(math.Sin(0.7*float64(i)), 3)+math.Cos(0.3*float64(i))))
	}
	return data, spans
}

func runCTC(pool *Pool, data []float32, spans []Span, labels [][]int, weights []float32, opts ...RunOption) ([]float32, *Tensor) {
	r := NewRun(pool, opts...)
	x := r.New(len(data)/5, 5)
	copy(x.Data, data)
	losses := make([]float32, len(spans))
	r.CTC(x, spans, labels, 0, weights, losses)
	return losses, x
}

func TestCTCOfPyTorch(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	data, spans := ctcLogits()
	losses, x := runCTC(pool, data, spans, ctcLabels, ctcWeights, Training())
	for i, want := range ctcLosses {
		if got := float64(losses[i]); got != want && !(math.Abs(got-want) <= 1e-5) {
			t.Errorf("span %d: loss %g, want %g", i, got, want)
		}
	}
	for row, want := range ctcGrads {
		for i, g := range x.gradRow(row) {
			if !(math.Abs(float64(g)-want[i]) <= 2e-6) {
				t.Errorf("row %d: gradient %v, want %v", row, x.gradRow(row), want)
				break
			}
		}
	}
	if plain, y := runCTC(pool, data, spans, ctcLabels, ctcWeights); plain[0] != losses[0] || y.Grad != nil {
		t.Errorf("without training: loss %g, want %g, and gradient of %d values, want none", plain[0], losses[0], len(y.Grad))
	}
}

// TestCTCCountsWays sums up by hand: of two positions with all classes alike,
// three of 25 ways say one label.
func TestCTCCountsWays(t *testing.T) {
	pool := NewPool(1)
	defer pool.Close()
	for _, tc := range []struct {
		rows   int
		labels []int
		ways   float64
	}{{2, []int{1}, 3}, {2, nil, 1}, {3, []int{1, 1}, 1}, {3, []int{1, 2}, 5}, {0, nil, 1}, {2, []int{1, 1}, 0}, {0, []int{1}, 0}} {
		losses, _ := runCTC(pool, make([]float32, 5*tc.rows), []Span{{0, tc.rows}}, [][]int{tc.labels}, []float32{1})
		if want := float64(tc.rows)*math.Log(5) - math.Log(tc.ways); float64(losses[0]) != want && !(math.Abs(float64(losses[0])-want) <= 1e-5) {
			t.Errorf("%d rows, labels %v: loss %g, want %g", tc.rows, tc.labels, losses[0], want)
		}
	}
}

// TestCTCGradient compares gradients with central differences.
func TestCTCGradient(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	data, spans := ctcLogits()
	eval := func() (sum float64, grad []float32) {
		losses, x := runCTC(pool, data, spans, ctcLabels, ctcWeights, Training())
		for i, l := range losses[:4] {
			sum += float64(l) * float64(ctcWeights[i])
		}
		return sum, x.Grad
	}
	_, grad := eval()
	rng := rand.New(rand.NewPCG(8, 8))
	for range 60 {
		const h = 1e-2
		i := rng.IntN(len(data))
		old := data[i]
		data[i] = old + h
		up, _ := eval()
		data[i] = old - h
		down, _ := eval()
		data[i] = old
		if want := (up - down) / (2 * h); math.Abs(want-float64(grad[i])) > 1e-3 {
			t.Errorf("x[%d]: gradient %.5f, central difference %.5f", i, grad[i], want)
		}
	}
}
