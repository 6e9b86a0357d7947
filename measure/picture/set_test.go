package picture

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// art returns n random pieces of pixel art: some rectangles of few colours on a
// transparent ground.
func art(n, width, height int, seed uint64) Set {
	r := rand.New(rand.NewPCG(seed, 0))
	s := Set{width, height, make([][]float32, n)}
	for i := range s.Pictures {
		p := slices.Repeat([]float32{-1}, s.values())
		for range 3 + r.IntN(6) {
			colour := [channels]float32{float32(r.IntN(5))/2 - 1, float32(r.IntN(5))/2 - 1, float32(r.IntN(5))/2 - 1, 1}
			left, top := r.IntN(width), r.IntN(height)
			for y := top; y < min(top+1+r.IntN(8), height); y++ {
				for x := left; x < min(left+1+r.IntN(8), width); x++ {
					copy(p[(y*width+x)*channels:], colour[:])
				}
			}
		}
		s.Pictures[i] = p
	}
	return s
}

// blurred returns the set with every pixel replaced by the mean of those up to
// radius away in each direction.
func blurred(s Set, radius int) Set {
	out := Set{s.Width, s.Height, make([][]float32, len(s.Pictures))}
	for i, p := range s.Pictures {
		q := make([]float32, len(p))
		for at := range q {
			x, y, c := at/channels%s.Width, at/channels/s.Width, at%channels
			var sum, n float32
			for v := max(y-radius, 0); v <= min(y+radius, s.Height-1); v++ {
				for u := max(x-radius, 0); u <= min(x+radius, s.Width-1); u++ {
					sum += p[(v*s.Width+u)*channels+c]
					n++
				}
			}
			q[at] = sum / n
		}
		out.Pictures[i] = q
	}
	return out
}

// paint returns a picture from rows of letters: w white, b black, g grey, . transparent.
func paint(rows ...string) Set {
	s := Set{Width: len(rows[0]), Height: len(rows), Pictures: [][]float32{nil}}
	for _, letter := range strings.Join(rows, "") {
		pixel := map[rune][]float32{'w': {1, 1, 1, 1}, 'b': {-1, -1, -1, 1}, 'g': {0, 0, 0, 1}, '.': {-1, -1, -1, -1}}[letter]
		s.Pictures[0] = append(s.Pictures[0], pixel...)
	}
	return s
}

// features stand in for those of a network: rectified random filters over 5x5
// pixels, averaged over each picture.
func features(s Set) [][]float32 {
	const filters, side = 12, 5
	r := rand.New(rand.NewPCG(3, 0))
	weights := make([]float32, filters*side*side*channels)
	for i := range weights {
		weights[i] = float32(r.NormFloat64())
	}
	out := make([][]float32, len(s.Pictures))
	for i, p := range s.Pictures {
		f := make([]float32, filters)
		for y := range s.Height - side + 1 {
			for x := range s.Width - side + 1 {
				for j := range f {
					var sum float32
					for k := range side * side * channels {
						at := ((y+k/channels/side)*s.Width+x+k/channels%side)*channels + k%channels
						sum += weights[j*side*side*channels+k] * p[at]
					}
					f[j] += max(sum, 0) / float32(s.Width*s.Height)
				}
			}
		}
		out[i] = f
	}
	return out
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

func TestMirrored(t *testing.T) {
	got, want := paint("wb.", "g.w").mirrored(), paint(".bw", "w.g")
	if !slices.Equal(got.Pictures[0], want.Pictures[0]) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHalved(t *testing.T) {
	got := paint("wwbg.", "wwg..", "wwwww").halved()
	want := []float32{1, 1, 1, 1, -0.5, -0.5, -0.5, 0.5}
	if got.Width != 2 || got.Height != 1 || !slices.Equal(got.Pictures[0], want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDetails(t *testing.T) {
	got := paint("bbbb", "bwbb", "bbbb", "bbbb").details().Pictures[0]
	// White is 2 more than black; it keeps 1 - 4/16 and gives 2/16 and 1/16 to its neighbours.
	want := []float32{-0.125, -0.25, -0.125, 0, -0.25, 1.5, -0.25, 0, -0.125, -0.25, -0.125, 0, 0, 0, 0, 0}
	for i, w := range want {
		if got[i*channels] != w {
			t.Errorf("pixel %d: got %v, want %v", i, got[i*channels], w)
		}
		if got[i*channels+3] != 0 {
			t.Errorf("pixel %d: alpha has detail %v", i, got[i*channels+3])
		}
	}
}

func TestBadSets(t *testing.T) {
	good := art(3, 16, 16, 1)
	with := func(at int, v float32) Set {
		p := slices.Clone(good.Pictures[2])
		p[at] = v
		return Set{16, 16, [][]float32{good.Pictures[0], good.Pictures[1], p}}
	}
	cases := []struct {
		name string
		set  Set
		want string
	}{
		{"no pictures", Set{Width: 16, Height: 16}, "no pictures"},
		{"no size", Set{Pictures: good.Pictures}, "0x0 pixels"},
		{"ragged", Set{16, 16, [][]float32{good.Pictures[0], good.Pictures[1][:8]}}, "picture 1 has 8 values, expected 1024"},
		{"NaN", with(5, float32(math.NaN())), "picture 2: value 5 is NaN"},
		{"infinite", with(6, float32(math.Inf(1))), "picture 2: value 6 is +Inf"},
		{"levels of 255", with(7, 255), "value 7 is 255, expected one in [-1,1]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var errs []error
			add := func(err error) { errs = append(errs, err) }
			for _, pair := range [][2]Set{{c.set, good}, {good, c.set}} {
				_, err := SlicedWasserstein(pair[0], pair[1], PatchOptions{})
				add(err)
				_, err = Nearest(pair[0], pair[1])
				add(err)
				_, err = SharpnessRatio(pair[0], pair[1])
				add(err)
			}
			_, err := Diversity(c.set)
			add(err)
			for i, err := range errs {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("call %d: got error %v, want one with %q", i, err, c.want)
				}
			}
		})
	}
	_, err := Nearest(good, art(1, 8, 16, 1))
	if err == nil || !strings.Contains(err.Error(), "16x16 pixels, training set of 8x16") {
		t.Errorf("sizes differ: got error %v", err)
	}
}

// TestBlur holds the figures to what they are for: the more blur, the worse.
func TestBlur(t *testing.T) {
	real := art(60, 16, 16, 1)
	known := features(real)
	sharp, wasserstein, frechet := math.Inf(1), -1.0, -1.0
	for radius := range 5 {
		set := blurred(real, radius)
		s, err := SharpnessRatio(set, real)
		if err != nil {
			t.Fatal(err)
		}
		w, err := SlicedWasserstein(set, real, PatchOptions{Directions: 64})
		if err != nil {
			t.Fatal(err)
		}
		f, err := Frechet(features(set), known)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("radius %d: sharpness %.4f, wasserstein %.4f %.4f, fréchet %.6f", radius, s, w.Mean, w.Levels, f)
		if radius == 0 && (s != 1 || w.Mean != 0 || f > 1e-9) {
			t.Errorf("a set beside itself: sharpness %v, wasserstein %v, fréchet %v", s, w, f)
		}
		if s >= sharp || w.Mean <= wasserstein || f <= frechet {
			t.Errorf("radius %d is not worse than %d", radius, radius-1)
		}
		sharp, wasserstein, frechet = s, w.Mean, f
	}
}

func TestRealFloor(t *testing.T) {
	real := make([]int, 11)
	for i := range real {
		real[i] = i
	}
	var seen [][]int
	metric := func(a, b []int) (float64, error) {
		seen = append(seen, append(slices.Clone(a), b...))
		return float64(len(a)*100 + len(b)), nil
	}
	floor, err := RealFloor(real, 0, 3, 7, metric)
	if err != nil || !slices.Equal(floor, []float64{505, 505, 505}) {
		t.Fatalf("got %v, %v, want halves of 5", floor, err)
	}
	if slices.Equal(seen[0], seen[1]) {
		t.Error("two rounds split alike")
	}
	for _, s := range seen {
		slices.Sort(s)
		if len(slices.Compact(s)) != 10 {
			t.Errorf("the parts share objects: %v", s)
		}
	}
	if floor, err = RealFloor(real, 2, 1, 7, metric); err != nil || floor[0] != 202 {
		t.Errorf("got %v, %v, want parts of 2", floor, err)
	}
	again := len(seen)
	if _, err = RealFloor(real, 2, 1, 7, metric); err != nil || !slices.Equal(seen[again], seen[again-1]) {
		t.Errorf("the same seed gives %v and %v", seen[again-1], seen[again])
	}
	broken := errors.New("broken")
	for name, call := range map[string]func() ([]float64, error){
		"one object": func() ([]float64, error) { return RealFloor(real[:1], 0, 1, 0, metric) },
		"too large":  func() ([]float64, error) { return RealFloor(real, 6, 1, 0, metric) },
		"negative":   func() ([]float64, error) { return RealFloor(real, -1, 1, 0, metric) },
		"no rounds":  func() ([]float64, error) { return RealFloor(real, 0, 0, 0, metric) },
		"metric fails": func() ([]float64, error) {
			return RealFloor(real, 0, 1, 0, func(a, b []int) (float64, error) { return 0, broken })
		},
	} {
		if floor, err := call(); err == nil || floor != nil || name == "metric fails" != errors.Is(err, broken) {
			t.Errorf("%s: got %v, %v", name, floor, err)
		}
	}
}
