package kernel

import (
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"testing"
)

func TestExpAccuracy(t *testing.T) {
	var x []float32
	for v := float32(-87.3); v < 88.7; v += 0.00137 {
		x = append(x, v)
	}
	got := make([]float32, len(x))
	ExpSum(got, x, 0)
	var worst float64
	for i, v := range x {
		want := math.Exp(float64(v))
		for _, g := range []float32{got[i], exp(v)} {
			worst = max(worst, math.Abs(float64(g)-want)/want)
		}
	}
	if worst > 2e-7 {
		t.Errorf("relative error %.3g", worst)
	}
}

func TestExpLimits(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct{ x, want float32 }{
		{negInf, 0}, {-1e30, 0}, {-88, 0}, {0, 1}, {inf, inf}, {1e30, inf}, {89, inf}, {88.8, inf},
		{float32(math.NaN()), float32(math.NaN())},
	} {
		got := make([]float32, 9)
		for i := range got {
			got[i] = c.x
		}
		ExpSum(got, got, 0)
		for i, g := range append(got, exp(c.x)) {
			if g != c.want && (g == g || c.want == c.want) {
				t.Errorf("exp(%g) = %g at %d, want %g", c.x, g, i, c.want)
			}
		}
	}
}

// TestPolarAccuracy looks at many angles, among them those nearest to quarters of a turn.
func TestPolarAccuracy(t *testing.T) {
	var phases []float32
	for k := -5215; k <= 5215; k++ {
		quarter := float32(float64(k) * math.Pi / 2)
		phases = append(phases, quarter, math.Nextafter32(quarter, 1e4), quarter+0.7853981, quarter+float32(k)/5215)
	}
	n := len(phases)
	logs, re, im := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range logs {
		logs[i] = float32(i%180)/10 - 9
	}
	const limit = 6
	check := func(name string) {
		var worst float64
		for i := range re {
			size := math.Exp(min(float64(logs[i]), limit))
			sin, cos := math.Sincos(float64(phases[i]))
			worst = max(worst, math.Hypot(float64(re[i])-size*cos, float64(im[i])-size*sin)/size)
		}
		if !(worst < 3e-7) {
			t.Errorf("%s: error of %.3g of the magnitude", name, worst)
		}
	}
	Polar(re, im, logs, phases, limit)
	check(Name())
	polarGeneric(re, im, logs, phases, limit)
	check("portable")
}

func TestPolarLimits(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, f := range []func(re, im, logs, phases []float32, limit float32){Polar, polarGeneric} {
		phases := []float32{1e5, -1e6, 1e8, -3e9, 1e20, -math.MaxFloat32, 1, 1, nan, inf, -inf}
		logs := []float32{0, 0, 0, 0, 0, 0, negInf, nan, 0, 0, 0}
		re, im := make([]float32, len(phases)), make([]float32, len(phases))
		f(re, im, logs, phases, 6)
		for i := range 6 {
			if size := math.Hypot(float64(re[i]), float64(im[i])); !(size < 1.001) {
				t.Errorf("angle %g: %g, %g", phases[i], re[i], im[i])
			}
		}
		if sin, cos := math.Sincos(float64(phases[0])); !near(re[0], float32(cos), 1e-3) || !near(im[0], float32(sin), 1e-3) {
			t.Errorf("angle %g: %g, %g, want %g, %g", phases[0], re[0], im[0], cos, sin)
		}
		if re[6] != 0 || im[6] != 0 {
			t.Errorf("nothing at an angle is %g, %g", re[6], im[6])
		}
		for i := 7; i < len(phases); i++ {
			if re[i] == re[i] || im[i] == im[i] {
				t.Errorf("logarithm %g, angle %g: %g, %g, want NaN", logs[i], phases[i], re[i], im[i])
			}
		}
	}
}

func TestSoftmax(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 2, 7, 8, 33, 7000} {
		x := random(rng, n)
		for i := range x {
			x[i] = 30*x[i] + 1000
		}
		x[0] = negInf
		if n == 1 {
			x[0] = 5
		}
		var total float64
		want := make([]float64, n)
		largest := float64(slices.Max(x))
		for i, v := range x {
			want[i] = math.Exp(float64(v) - largest)
			total += want[i]
		}
		Softmax(x, x)
		for i, got := range x {
			if math.Abs(float64(got)-want[i]/total) > 1e-6 {
				t.Fatalf("n=%d: [%d] = %g, want %g", n, i, got, want[i]/total)
			}
		}
	}
	masked := []float32{negInf, negInf}
	Softmax(masked, masked)
	if masked[0] != 0 || masked[1] != 0 {
		t.Errorf("all masked: %v, want zeros", masked)
	}
	bad := []float32{1, float32(math.NaN())}
	if Softmax(bad, bad); bad[0] == bad[0] {
		t.Errorf("with NaN: %v", bad)
	}
	Softmax(nil, nil)
}

// slope is the derivative of f at *x by central difference.
func slope(f func() float64, x *float32) float64 {
	const h = 1.0 / 256
	old := *x
	*x = old + h
	up := f()
	*x = old - h
	down := f()
	*x = old
	return (up - down) / (2 * h)
}

func TestRMSNorm(t *testing.T) {
	const n, eps = 37, 1e-5
	rng := rand.New(rand.NewPCG(2, 1))
	x, w, dy, y := random(rng, n), random(rng, n), random(rng, n), make([]float32, n)
	inv := RMSNorm(y, x, w, eps)
	var squares float64
	for _, v := range x {
		squares += float64(v) * float64(v)
	}
	rms := math.Sqrt(squares/n + eps)
	for i := range y {
		if want := float64(x[i]) * float64(w[i]) / rms; !near(y[i], float32(want), 1e-6) {
			t.Fatalf("y[%d] = %g, want %g", i, y[i], want)
		}
	}
	dx, dw := random(rng, n), random(rng, n)
	dx0, dw0 := slices.Clone(dx), slices.Clone(dw)
	RMSNormGrad(dx, dw, dy, x, w, inv)
	loss := func() float64 {
		var s, total float64
		for _, v := range x {
			s += float64(v) * float64(v)
		}
		for i := range x {
			total += float64(dy[i]) * float64(x[i]) * float64(w[i]) / math.Sqrt(s/n+eps)
		}
		return total
	}
	for i := range n {
		if want := slope(loss, &x[i]); !near(dx[i]-dx0[i], float32(want), 1e-4) {
			t.Errorf("dx[%d] = %g, want %g", i, dx[i]-dx0[i], want)
		}
		if want := slope(loss, &w[i]); !near(dw[i]-dw0[i], float32(want), 1e-4) {
			t.Errorf("dw[%d] = %g, want %g", i, dw[i]-dw0[i], want)
		}
	}
}

func TestSwiGLUGrad(t *testing.T) {
	const n = 21
	rng := rand.New(rand.NewPCG(3, 1))
	gate, up, dy := random(rng, n), random(rng, n), random(rng, n)
	y, dgate, dup := make([]float32, n), make([]float32, n), make([]float32, n)
	SwiGLU(y, gate, up)
	SwiGLUGrad(dgate, dup, dy, gate, up)
	for i := range n {
		out := func() float64 {
			g := float64(gate[i])
			return g / (1 + math.Exp(-g)) * float64(up[i])
		}
		if !near(y[i], float32(out()), 1e-6) {
			t.Errorf("y[%d] = %g, want %g", i, y[i], out())
		}
		if want := float64(dy[i]) * slope(out, &gate[i]); !near(dgate[i], float32(want), 1e-4) {
			t.Errorf("dgate[%d] = %g, want %g", i, dgate[i], want)
		}
		if want := float64(dy[i]) * slope(out, &up[i]); !near(dup[i], float32(want), 1e-4) {
			t.Errorf("dup[%d] = %g, want %g", i, dup[i], want)
		}
	}
}

func TestGELUGrad(t *testing.T) {
	const n = 41
	rng := rand.New(rand.NewPCG(3, 2))
	x, dy := make([]float32, n), random(rng, n)
	for i := range x {
		x[i] = float32(i-n/2) / 4
	}
	y, dx := make([]float32, n), make([]float32, n)
	GELU(y, x)
	GELUGrad(dx, dy, x)
	for i := range n {
		out := func() float64 {
			v := float64(x[i])
			return v / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
		}
		if !near(y[i], float32(out()), 1e-6) {
			t.Errorf("GELU(%g) is %g, want %g", x[i], y[i], out())
		}
		if want := float64(dy[i]) * slope(out, &x[i]); !near(dx[i], float32(want), 1e-4) {
			t.Errorf("gradient at %g is %g, want %g", x[i], dx[i], want)
		}
	}
}

func TestRope(t *testing.T) {
	for _, pairs := range []int{1, 3, 4, 16, 21} {
		rng := rand.New(rand.NewPCG(4, 1))
		x, cos, sin, back := random(rng, 2*pairs), make([]float32, pairs), make([]float32, pairs), make([]float32, pairs)
		for i := range pairs {
			s, c := math.Sincos(float64(i) * 0.7)
			cos[i], sin[i], back[i] = float32(c), float32(s), float32(-s)
		}
		old := slices.Clone(x)
		Rope(x, cos, sin)
		for i := range pairs {
			turn := complex(float64(cos[i]), float64(sin[i])) * complex(float64(old[2*i]), float64(old[2*i+1]))
			if !near(x[2*i], float32(real(turn)), 1e-6) || !near(x[2*i+1], float32(imag(turn)), 1e-6) {
				t.Fatalf("pair %d: %v, want %v", i, x[2*i:2*i+2], turn)
			}
		}
		Rope(x, cos, back)
		for i := range x {
			if !near(x[i], old[i], 1e-6) {
				t.Fatalf("turned back: %g at %d, want %g", x[i], i, old[i])
			}
		}
	}
}

func TestSoftCap(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, cap := range []float32{0.5, 30} {
		x := []float32{0, 1e-3, -0.2, 0.7, 5, -29, 200, -1e6, inf, -inf, nan}
		y := slices.Clone(x)
		SoftCap(y, cap)
		for i, v := range x {
			want := float64(cap) * math.Tanh(float64(v/cap))
			if v == v && !(math.Abs(float64(y[i])-want) <= 3e-7*float64(cap)) || v != v && y[i] == y[i] {
				t.Errorf("%g capped by %g is %g, want %g", v, cap, y[i], want)
			}
		}
	}
	SoftCap(nil, 1)
}

// TestRopeHalves holds it to Rope on the same pairs beside each other.
func TestRopeHalves(t *testing.T) {
	for _, pairs := range []int{0, 1, 3, 4, 16, 21} {
		rng := rand.New(rand.NewPCG(4, 2))
		x, cos, sin := random(rng, 2*pairs), random(rng, pairs), random(rng, pairs)
		beside := make([]float32, 2*pairs)
		for i := range pairs {
			beside[2*i], beside[2*i+1] = x[i], x[pairs+i]
		}
		RopeHalves(x, cos, sin)
		Rope(beside, cos, sin)
		for i := range pairs {
			if !near(x[i], beside[2*i], 1e-6) || !near(x[pairs+i], beside[2*i+1], 1e-6) {
				t.Fatalf("pair %d of %d: %g and %g, want %v", i, pairs, x[i], x[pairs+i], beside[2*i:2*i+2])
			}
		}
	}
}

func TestAdamW(t *testing.T) {
	const n, steps = 13, 5
	rng := rand.New(rand.NewPCG(5, 1))
	w, m, v := random(rng, n), make([]float32, n), make([]float32, n)
	var ew, em, ev [n]float64
	for i := range w {
		ew[i] = float64(w[i])
	}
	const lr, b1, b2, eps, decay, scale = 0.01, 0.9, 0.99, 1e-8, 0.1, 0.5
	for step := 1; step <= steps; step++ {
		g := random(rng, n)
		c1, c2 := 1-math.Pow(b1, float64(step)), 1-math.Pow(b2, float64(step))
		AdamW(w, g, m, v, AdamWParams{lr, b1, b2, eps, decay, float32(c1), float32(c2), scale})
		for i := range g {
			grad := scale * float64(g[i])
			em[i] = b1*em[i] + (1-b1)*grad
			ev[i] = b2*ev[i] + (1-b2)*grad*grad
			ew[i] -= lr*decay*ew[i] + lr*em[i]/c1/(math.Sqrt(ev[i]/c2)+eps)
		}
	}
	for i := range w {
		if !near(w[i], float32(ew[i]), 1e-6) {
			t.Errorf("w[%d] = %g, want %g", i, w[i], ew[i])
		}
	}
}

// TestPortableByEnvironment runs this test binary again with the environment variable that turns assembly off.
func TestPortableByEnvironment(t *testing.T) {
	if os.Getenv("STRIDE_NOASM") == "1" {
		if Accelerated() || Name() != "portable" {
			t.Errorf("still %s", Name())
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(self, "-test.run=^(TestPortableByEnvironment|TestGemm|TestVectorKernels|TestRowKernels)$")
	run.Env = append(os.Environ(), "STRIDE_NOASM=1")
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
