package strategy

import (
	"math"
	"slices"
	"testing"
)

// A weak image to image leaves nearly what it began from, a strong one the
// same as none.
func TestStrength(t *testing.T) {
	f := drawings(ring, cross)
	f.Spread = 0.5
	init := f.Mean(0, 1)
	last := 0.0
	for _, strength := range []float32{1e-9, 1e-4, 0.1, 0.5, 0.9} {
		sum := 0.0
		for seed := range uint64(30) {
			f.Passes = nil
			o := flowOptions(seed, 10)
			o.Init, o.Strength = init, strength
			sum += distance(values(t, f, o), init) / 30
			if at := f.Passes[0].T; math.Abs(float64(at-(1-strength))) > 1e-6 {
				t.Errorf("strength %v begins at %v", strength, at)
			}
			for i, p := range f.Passes[1:] {
				if p.T <= f.Passes[i].T {
					t.Errorf("strength %v: pass %d is at %v, the one before at %v", strength, i+2, p.T, f.Passes[i].T)
				}
			}
		}
		t.Logf("strength %v: %.2g away from the start", strength, sum)
		if sum <= last || strength < 0.01 && sum > 3e-4 {
			t.Errorf("strength %v ends %v away from where it began, a lesser one %v", strength, sum, last)
		}
		last = sum
	}
	o := flowOptions(1, 10)
	want := values(t, f, o)
	o.Init, o.Strength = init, 1
	if got := values(t, f, o); !slices.Equal(got, want) {
		t.Error("strength 1 differs from a start without an object")
	}
	f.Passes = nil
	o.Passes, o.Strength = 1024, 1e-12
	values(t, f, o)
	for i, p := range f.Passes[1:] {
		if p.T <= f.Passes[i].T || p.T >= 1 {
			t.Fatalf("pass %d is at %v, the one before at %v", i+2, p.T, f.Passes[i].T)
		}
	}
}

// What is known is in every step exactly, lies before each pass on the way from
// new noise to it, and the rest is made to fit it.
func TestInpainting(t *testing.T) {
	f := drawings(ring, cross)
	mask := make([]bool, f.Elements())
	for i := range mask {
		mask[i] = i >= 10
	}
	const passes = 17
	for _, solver := range []Solver{Euler, Heun} {
		fits := 0
		for k, known := range f.Pictures {
			for seed := range uint64(50) {
				f.Passes = nil
				o := flowOptions(seed, passes)
				o.Solver, o.Known, o.Mask = solver, slices.Clone(known), slices.Clone(mask)
				for i := 10; i < 25; i++ {
					o.Known[i] = float32(math.NaN()) // of no account
				}
				m := openFlow(t, "refine", f, o)
				clear(o.Known) // the machine has its own
				clear(o.Mask)
				steps := finish(t, m)
				for _, s := range steps {
					if !slices.Equal(s.Values[:10], known[:10]) {
						t.Fatalf("%s | %s has not kept what is known", s, draw(s.Values))
					}
				}
				var before []float64
				for n, p := range f.Passes {
					noise := make([]float64, 10)
					same := n > 0
					for i := range noise {
						noise[i] = float64(p.X[i]-p.T*known[i]) / float64(1-p.T)
						same = same && math.Abs(noise[i]-before[i]) < 1e-4
					}
					if _, _, corrects := solver.leg(n+1, passes); same != corrects {
						t.Fatalf("solver %d: pass %d of %d has the noise of the one before: %v, want %v", solver, n+1, passes, same, corrects)
					}
					before = noise
				}
				if got, d := f.Nearest(steps[passes-1].Values); got == k && d < 1e-3 {
					fits++
				}
			}
		}
		// What the noise of the rest decides before the known part can be told
		// from noise is not undone.
		if t.Logf("solver %d: %d of 100 fit", solver, fits); fits < 80 {
			t.Errorf("solver %d: %d of 100 objects fit what is known; 50 would by chance", solver, fits)
		}
	}
}

// Noise between two seeds is noise, and lies between.
func TestMixOfSeeds(t *testing.T) {
	f := drawings("·")
	f.Pictures = [][]float32{make([]float32, 4000)}
	noise := func(seed, toward uint64, mix float32) []float32 {
		f.Passes = nil
		o := flowOptions(seed, 1)
		o.Toward, o.Mix = toward, mix
		values(t, f, o)
		return f.Passes[0].X
	}
	a, b := noise(1, 2, 0), noise(2, 0, 0)
	if !slices.Equal(noise(1, 2, 1), b) || !slices.Equal(noise(1, 1, 0.5), a) {
		t.Error("the ends of the arc differ from the noise of the seeds")
	}
	f.Pictures[0] = make([]float32, 4000)
	masked := func(seed, toward uint64, mix float32) []float32 {
		f.Passes = nil
		o := flowOptions(seed, 3)
		o.Toward, o.Mix = toward, mix
		o.Known, o.Mask = make([]float32, 4000), make([]bool, 4000)
		values(t, f, o)
		return f.Passes[2].X
	}
	if !slices.Equal(masked(1, 2, 1), masked(2, 0, 0)) {
		t.Error("the new noise of what is known does not end at that of the second seed")
	}
	zero := make([]float32, 4000)
	last := 0.0
	for _, mix := range []float32{0, 0.25, 0.5, 0.75, 1} {
		x := noise(1, 2, mix)
		if size := distance(x, zero); math.Abs(size-1) > 0.03 {
			t.Errorf("mix %v has a standard deviation of %v, want 1", mix, size)
		}
		if d := distance(x, a); mix > 0 && (d <= last || d > distance(a, b)) {
			t.Errorf("mix %v is %v away from the first noise", mix, d)
		} else {
			last = d
		}
	}
}

// On one line there is no arc.
func TestSlerpOfParallels(t *testing.T) {
	for _, c := range []struct{ a, b, want []float32 }{
		{[]float32{1, 2}, []float32{2, 4}, []float32{1.5, 3}},
		{[]float32{1, 2}, []float32{-1, -2}, []float32{0, 0}},
		{[]float32{0, 0}, []float32{2, 4}, []float32{1, 2}},
		{[]float32{1, 0}, []float32{0, 1}, []float32{math.Sqrt2 / 2, math.Sqrt2 / 2}},
	} {
		got := slices.Clone(c.a)
		slerp(got, c.b, 0.5)
		if d := distance(got, c.want); !(d < 1e-6) {
			t.Errorf("half way from %v to %v is %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// blur is a network that costs nothing: each value goes to the mean of its
// neighbours on a torus, or with an edge is drawn down at the first column.
type blur struct {
	width, height int
	edge          bool
	seen          [][]float32
	keep          bool
	v             []float32
}

func newBlur(width, height int) *blur { return &blur{width: width, height: height} }

func (b *blur) Size() int     { return b.width * b.height }
func (b *blur) Elements() int { return b.width * b.height }

// Encode knows no captions.
func (b *blur) Encode(tokens []int) ([]float32, error) { return make([]float32, 1), nil }

func (b *blur) Velocity(x []float32, _, _ float32, conditions [][]float32) ([]float32, error) {
	if b.keep {
		b.seen = append(b.seen, slices.Clone(x))
	}
	w, h := b.width, b.height
	b.v = b.v[:0]
	for range conditions {
		for y := range h {
			for c := range w {
				switch {
				case b.edge && c == 0:
					b.v = append(b.v, -1)
				case b.edge:
					b.v = append(b.v, 0)
				default:
					left, right := x[y*w+(c+w-1)%w], x[y*w+(c+1)%w]
					b.v = append(b.v, (left+right+x[(y+h-1)%h*w+c]+x[(y+1)%h*w+c])/4-x[y*w+c])
				}
			}
		}
	}
	return b.v, nil
}

// A network that does not know where the edge is does the same with and without
// rolling, to the bit, and sees rolled objects.
func TestWrapCommutesWithRolls(t *testing.T) {
	for _, solver := range []Solver{Euler, Heun} {
		for _, guidance := range []float32{1, 3} {
			net := newBlur(5, 3)
			net.keep = true
			o := flowOptions(4, 9)
			o.Solver, o.Guidance, o.Condition.Tokens = solver, guidance, []int{1}
			o.Known, o.Mask = make([]float32, 15), slices.Repeat([]bool{true, true, false}, 5)
			want := values(t, net, o)
			plain := net.seen
			net.seen, o.Wrap = nil, &Grid{5, 3, 1}
			if got := values(t, net, o); !slices.Equal(got, want) {
				t.Errorf("solver %d: rolled %v, plain %v", solver, got, want)
			}
			moved := 0
			for i, x := range net.seen {
				if !slices.Equal(x, plain[i]) {
					moved++
				}
				if slices.Sort(x); !slices.Equal(x, slices.Sorted(slices.Values(plain[i]))) {
					t.Errorf("pass %d sees other values", i+1)
				}
			}
			if moved < 6 {
				t.Errorf("only %d of 9 passes are rolled", moved)
			}
		}
	}
}

// What a network does to its edge is spread over the whole object.
func TestWrapHidesTheEdge(t *testing.T) {
	net := &blur{width: 4, height: 2, edge: true}
	object := func(wrap *Grid) []float32 {
		o := flowOptions(1, 1000)
		o.Init, o.Strength, o.Wrap = make([]float32, 8), 1e-4, wrap
		got := values(t, net, o)
		for i := range got {
			got[i] *= 1e4 // the strength is the way that the edge can go
		}
		return got
	}
	var noise [8]float32
	gaussian(noise[:], newSource(1))
	plain, rolled := object(nil), object(&Grid{4, 2, 1})
	for i := range plain {
		want := float32(0)
		if i%4 == 0 {
			want = -1
		}
		if d := plain[i] - noise[i] - want; math.Abs(float64(d)) > 0.01 {
			t.Errorf("value %d moved by %v, want %v", i, plain[i]-noise[i], want)
		}
		if d := rolled[i] - noise[i] + 0.25; math.Abs(float64(d)) > 0.06 {
			t.Errorf("rolled, value %d moved by %v, want about -0.25", i, rolled[i]-noise[i])
		}
	}
}

func TestRoll(t *testing.T) {
	g := Grid{3, 2, 2}
	src := []float32{0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5}
	got, back := make([]float32, 12), make([]float32, 12)
	for dx := range 3 {
		for dy := range 2 {
			g.roll(got, src, dx, dy)
			for y := range 2 {
				for x := range 3 {
					for c := range 2 {
						if a, b := got[((y+dy)%2*3+(x+dx)%3)*2+c], src[(y*3+x)*2+c]; a != b {
							t.Errorf("roll by %d, %d: got %v where %v belongs", dx, dy, a, b)
						}
					}
				}
			}
			g.roll(back, got, (3-dx)%3, (2-dy)%2)
			if !slices.Equal(back, src) {
				t.Errorf("roll by %d, %d and back: %v", dx, dy, back)
			}
		}
	}
}

// TestFlowTemperature holds that the noise an object begins as is scaled, and that
// 0 leaves it as it is.
func TestFlowTemperature(t *testing.T) {
	begin := func(temperature float32) []float32 {
		o := FlowOptions{Seed: 3, Temperature: temperature}
		n := newNoises(&o)
		x := make([]float32, 8)
		n.draw(x, make([]float32, 8))
		return x
	}
	plain, zero, half := begin(1), begin(0), begin(0.5)
	for i, v := range plain {
		if zero[i] != v || half[i] != v/2 {
			t.Errorf("value %d is %g, at temperature 0 %g and at 0.5 %g; want the same and half of it", i, v, zero[i], half[i])
		}
	}
}
