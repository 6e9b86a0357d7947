package picture

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// cross returns samples at ±arm[i] along each axis from centre: their mean is the
// centre, their covariance diagonal with 2·arm[i]²/(2n-1) for n axes.
func cross(centre []float32, arms ...float32) [][]float32 {
	var out [][]float32
	for i, arm := range arms {
		for _, sign := range []float32{-1, 1} {
			s := append([]float32(nil), centre...)
			s[i] += sign * arm
			out = append(out, s)
		}
	}
	return out
}

// turned returns samples of two features turned by an angle.
func turned(samples [][]float32, angle float64) [][]float32 {
	sin, cos := float32(math.Sin(angle)), float32(math.Cos(angle))
	var out [][]float32
	for _, s := range samples {
		out = append(out, []float32{cos*s[0] - sin*s[1], sin*s[0] + cos*s[1]})
	}
	return out
}

func gaussians(n, dim int, seed uint64) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	out := make([][]float32, n)
	for i := range out {
		out[i] = make([]float32, dim)
		for j := range out[i] {
			out[i][j] = float32(r.NormFloat64()) * float32(1+j%3)
		}
	}
	return out
}

func TestFrechet(t *testing.T) {
	origin := []float32{0, 0}
	// Turned by 45 degrees the covariances no longer commute. For 2x2 matrices
	// tr M^½ = √(tr M + 2√det M). Here C₁ = ⅔·diag(1,9) and C₂ = ⅔·[5 -4; -4 5].
	turn := 2.0/3*(1+9+1+9) - 2*2.0/3*math.Sqrt(5+45+2*math.Sqrt(9*9))
	cases := []struct {
		name   string
		a, b   [][]float32
		want   float64
		within float64
	}{
		{"the same", cross(origin, 1, 3), cross(origin, 1, 3), 0, 1e-12},
		{"means differ", cross(origin, 1, 3), cross([]float32{3, 4}, 1, 3), 25, 1e-9},
		{"diagonal", cross(origin, 1, 3), cross(origin, 2, 7), 2.0 / 3 * (1*1 + 4*4), 1e-9},
		{"diagonal and means", cross([]float32{1, 1}, 1, 3), cross(origin, 2, 7), 2 + 2.0/3*17, 1e-9},
		{"turned", cross(origin, 1, 3), turned(cross(origin, 1, 3), math.Pi/4), turn, 1e-5},
		{"one is a point", [][]float32{{1, 2}, {1, 2}}, cross([]float32{1, 2}, 1, 3), 2.0 / 3 * 10, 1e-9},
		{"both are points", [][]float32{{1, 2}, {1, 2}, {1, 2}}, [][]float32{{1, 4}, {1, 4}}, 4, 1e-12},
		{"one feature", [][]float32{{-1}, {1}}, [][]float32{{-3}, {3}}, 8, 1e-12},
		// Two samples ±u: the covariance is 2uuᵀ, and tr (C₁C₂)^½ = 2|u·v|.
		{"fewer samples than features", [][]float32{{1, 2, 0, 0, 1}, {-1, -2, 0, 0, -1}},
			[][]float32{{1, 0, 3, 0, 1}, {-1, 0, -3, 0, -1}}, 2*6 + 2*11 - 4*2, 1e-9},
		{"fewer samples than features, the same", gaussians(10, 64, 1), gaussians(10, 64, 1), 0, 1e-9},
		{"many features, the same", gaussians(200, 64, 1), gaussians(200, 64, 1), 0, 1e-9},
	}
	for _, c := range cases {
		for _, pair := range [][2][][]float32{{c.a, c.b}, {c.b, c.a}} {
			got, err := Frechet(pair[0], pair[1])
			if err != nil || !near(got, c.want, c.within) {
				t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
			}
		}
	}
}

// TestFrechetBias shows what the comment warns of: from one distribution, small sets
// lie farther apart than large ones.
func TestFrechetBias(t *testing.T) {
	previous := math.Inf(1)
	for _, n := range []int{8, 32, 128, 512} {
		d, err := Frechet(gaussians(n, 16, 1), gaussians(n, 16, 2))
		if err != nil || !(d > 0 && d < previous) {
			t.Errorf("%d samples: got %v, %v, after %v", n, d, err, previous)
		}
		previous = d
	}
}

func TestFrechetErrors(t *testing.T) {
	good := [][]float32{{1, 2}, {3, 4}}
	for _, c := range []struct {
		name string
		a, b [][]float32
		want string
	}{
		{"empty", nil, good, "set: no samples"},
		{"empty reference", good, nil, "reference: 0 samples"},
		{"one sample", [][]float32{{1, 2}}, good, "set: 1 samples"},
		{"no features", [][]float32{{}, {}}, [][]float32{{}, {}}, "no features"},
		{"ragged", [][]float32{{1, 2}, {3}}, good, "set: sample 1 has 1 features, expected 2"},
		{"other features", good, [][]float32{{1, 2, 3}, {4, 5, 6}}, "reference: sample 0 has 3 features, expected 2"},
		{"NaN", good, [][]float32{{1, 2}, {3, float32(math.NaN())}}, "reference: sample 1: feature 1 is NaN"},
		{"infinite", [][]float32{{1, float32(math.Inf(-1))}, {3, 4}}, good, "set: sample 0: feature 1 is -Inf"},
	} {
		if _, err := Frechet(c.a, c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}
