package picture

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestWasserstein(t *testing.T) {
	cases := []struct {
		name string
		a, b []float32
		want float64
	}{
		{"the same", []float32{-1, 2, 5}, []float32{-1, 2, 5}, 0},
		{"shifted", []float32{-1, 2, 5}, []float32{1, 4, 7}, 2},
		{"one against two", []float32{0}, []float32{1, 3}, 2},
		{"the same, doubled", []float32{1, 2}, []float32{1, 1, 2, 2}, 0},
		{"two against three", []float32{0, 1}, []float32{0, 0.5, 1}, 1.0 / 6},
		{"three against two", []float32{0, 0.5, 1}, []float32{0, 1}, 1.0 / 6},
	}
	for _, c := range cases {
		if got := wasserstein(c.a, c.b); !near(got, c.want, 1e-12) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// TestShift moves one channel of a set. Seen along unit vectors in d dimensions, a
// step of length 1 has the mean length Γ(d/2) / (√π Γ((d+1)/2)).
func TestShift(t *testing.T) {
	const shift = 0.1
	reference := art(100, 16, 16, 2)
	for _, p := range reference.Pictures {
		for i := range p {
			p[i] *= 0.8 // room for the shift
		}
	}
	set := Set{16, 16, nil}
	for _, p := range reference.Pictures {
		q := slices.Clone(p)
		for i := 1; i < len(q); i += channels {
			q[i] += shift
		}
		set.Pictures = append(set.Pictures, q)
	}
	got, err := SlicedWasserstein(set, reference, PatchOptions{Patch: 1, Levels: 2, PerPicture: 16, Directions: 2048})
	if err != nil {
		t.Fatal(err)
	}
	step := shift * reference.halved().scales()[1]
	want := step * math.Gamma(2) / (math.Sqrt(math.Pi) * math.Gamma(2.5))
	if !near(got.Levels[1], want, 0.03*want) {
		t.Errorf("got %v, want %v", got.Levels[1], want)
	}
	if got.Levels[0] > 1e-5 {
		t.Errorf("got %v, but details did not change", got.Levels[0])
	}
	if !near(got.Mean, (got.Levels[0]+got.Levels[1])/2, 1e-12) {
		t.Errorf("got the mean %v of %v", got.Mean, got.Levels)
	}
}

func TestScales(t *testing.T) {
	scales := paint("wb", "bw").scales()
	if want := [channels]float64{1, 1, 1, 1}; scales != want { // alpha is constant
		t.Errorf("got %v, want %v", scales, want)
	}
	scales = paint("gggb").scales()
	if want := 1 / math.Sqrt(3.0/16); !near(scales[0], want, 1e-12) {
		t.Errorf("got %v, want %v", scales[0], want)
	}
}

func TestSlicedWassersteinSets(t *testing.T) {
	a, b, c := art(50, 16, 16, 1), art(80, 16, 16, 2), art(80, 16, 16, 3)
	o := PatchOptions{PerPicture: 8, Directions: 40}
	distance := func(set, reference Set, o PatchOptions) PatchDistance {
		t.Helper()
		d, err := SlicedWasserstein(set, reference, o)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if d := distance(b, b, o); d.Mean != 0 {
		t.Errorf("got %v between a set and itself", d)
	}
	alike, other := distance(b, c, o), distance(blurred(b, 1), c, o)
	if alike.Mean <= 0 || other.Mean < 2*alike.Mean {
		t.Errorf("got %v between sets that are alike and %v where one is blurred", alike, other)
	}
	if d := distance(b, c, PatchOptions{PerPicture: 8, Directions: 40, Seed: 1}); d.Mean == alike.Mean {
		t.Error("another seed changes nothing")
	}
	many := distance(a, b, o)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one := distance(a, b, o); one.Mean != many.Mean || !slices.Equal(one.Levels, many.Levels) {
		t.Errorf("got %v on one processor, %v on several", one, many)
	}
}

func TestPatchOptions(t *testing.T) {
	s := art(2, 16, 16, 1)
	for _, c := range []struct {
		o    PatchOptions
		want string // "" if it is no error
	}{
		{PatchOptions{}, ""},
		{PatchOptions{Patch: 16, Levels: 1}, ""},
		{PatchOptions{Patch: 9}, "patches of 9x9 pixels do not fit the 8x8 pixels of level 2"},
		{PatchOptions{Levels: math.MaxInt}, "4x4 pixels of level 3"},
		{PatchOptions{Patch: -1}, "positive"},
		{PatchOptions{PerPicture: -1}, "positive"},
		{PatchOptions{Levels: -1}, "positive"},
		{PatchOptions{Directions: -1}, "positive"},
		{PatchOptions{Directions: math.MaxInt}, "at most 1048576"},
	} {
		_, err := SlicedWasserstein(s, s, c.o)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: got error %v, want %q", c.o, err, c.want)
		}
	}
}

func TestRadixSort(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, math.MaxFloat32, -math.MaxFloat32,
		math.SmallestNonzeroFloat32, float32(math.Inf(1)), float32(math.Inf(-1))}
	for n := range 300 {
		x := make([]float32, n)
		for i := range x {
			if x[i] = float32(r.NormFloat64()); r.IntN(4) == 0 {
				x[i] = special[r.IntN(len(special))]
			}
		}
		want := slices.Clone(x)
		slices.Sort(want)
		radixSort(x, make([]float32, n+r.IntN(3)))
		if !slices.Equal(x, want) {
			t.Fatalf("got %v, want %v", x, want)
		}
	}
}
