package align

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stride-ml/stride/tensor"
)

const (
	testDim, testClasses = 5, 7
	rest                 = 0 // the class that rests between others
)

func testConfig() Config {
	return Config{Dim: testDim, Classes: testClasses, States: 3, Components: 2, Iterations: 12}
}

// say draws utterances of a hidden Markov model, and how long their units truly are. A rest that is optional is there every
// other time.
func say(rng *rand.Rand, n int) (us []Utterance, frames [][]int) {
	var means [testClasses * 3][testDim]float64
	for s := range means {
		for d := range means[s] {
			means[s][d] = 3 * rng.NormFloat64()
		}
	}
	for range n {
		var u Utterance
		var long []int
		add := func(class int, optional bool) {
			u.Units, u.Optional, long = append(u.Units, class), append(u.Optional, optional), append(long, 0)
			if optional && rng.IntN(2) == 0 {
				return
			}
			for s := range 3 {
				for range 1 + rng.IntN(4) {
					long[len(long)-1]++
					for d := range testDim {
						u.Features = append(u.Features, float32(means[class*3+s][d]+rng.NormFloat64()))
					}
				}
			}
		}
		add(rest, false)
		for range 3 {
			for range 2 + rng.IntN(3) {
				add(1+rng.IntN(testClasses-1), false)
			}
			add(rest, true)
		}
		add(1, false)
		add(rest, false)
		us, frames = append(us, u), append(frames, long)
	}
	return us, frames
}

func TestTrainFindsBoundaries(t *testing.T) {
	us, want := say(rand.New(rand.NewPCG(1, 2)), 100)
	m, err := Train(t.Context(), us, testConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	off, boundaries, wrong, rests := 0, 0, 0, 0
	for i, u := range us {
		got, _, err := m.Align(u)
		if err != nil {
			t.Fatal(err)
		}
		a, b := 0, 0
		for j := range got {
			if u.Optional[j] {
				rests++
				if (got[j] > 0) != (want[i][j] > 0) {
					wrong++
				}
			}
			a, b = a+got[j], b+want[i][j]
			off += max(a-b, b-a)
			boundaries++
		}
		if a != len(u.Features)/testDim {
			t.Fatalf("utterance %d: %d frames of %d", i, a, len(u.Features)/testDim)
		}
	}
	if mean := float64(off) / float64(boundaries); mean > 0.5 {
		t.Errorf("boundaries are off by %.2f frames, want at most 0.5", mean)
	}
	if wrong*50 > rests {
		t.Errorf("%d of %d rests are wrong, want at most 2 %%", wrong, rests)
	}
}

func TestTrainDeterministic(t *testing.T) {
	us, _ := say(rand.New(rand.NewPCG(3, 4)), 40)
	c := testConfig()
	c.Iterations = 5
	pool := tensor.NewPool(3)
	defer pool.Close()
	backwards := func(n int, f func(i int)) {
		for i := range n {
			f(n - 1 - i)
		}
	}
	first, err := Train(t.Context(), us, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []func(int, func(int)){backwards, pool.Each} {
		m, err := Train(t.Context(), us, c, each)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(m, first) {
			t.Error("another order of work makes another model")
		}
	}
}

// TestAlignSeveral is for the race detector: one model, many goroutines.
func TestAlignSeveral(t *testing.T) {
	us, _ := say(rand.New(rand.NewPCG(5, 6)), 20)
	m, err := Train(t.Context(), us, testConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for _, u := range us {
		group.Go(func() {
			if _, _, err := m.Align(u); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestRareClasses has one class seen once and one never: the model must be of numbers, and align both.
func TestRareClasses(t *testing.T) {
	us, _ := say(rand.New(rand.NewPCG(7, 8)), 20)
	c := testConfig()
	c.Classes += 2
	us[3].Units[2] = testClasses
	m, err := Train(t.Context(), us, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	u := us[0]
	u.Units[1] = testClasses + 1
	for _, u := range []Utterance{u, us[3]} {
		frames, score, err := m.Align(u)
		if err != nil || math.IsNaN(score) || math.IsInf(score, 0) {
			t.Errorf("frames %v, %g a frame, error %v", frames, score, err)
		}
	}
}

// TestConstantFeatures has no variance to divide by, and values as large as they come.
func TestConstantFeatures(t *testing.T) {
	for _, v := range []float32{0, math.MaxFloat32} {
		u := Utterance{Features: make([]float32, 20*testDim), Units: []int{0, 1, 2}}
		for i := range u.Features {
			u.Features[i] = v
		}
		m, err := Train(t.Context(), []Utterance{u}, testConfig(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if frames, score, err := m.Align(u); err != nil || math.IsNaN(score) {
			t.Errorf("%g: frames %v, %g a frame, error %v", v, frames, score, err)
		}
	}
}

// TestFewestFrames holds units to the fewest frames they may take, below, at and above their states.
func TestFewestFrames(t *testing.T) {
	us, _ := say(rand.New(rand.NewPCG(9, 10)), 20)
	for least := 1; least <= 5; least++ {
		c := testConfig()
		c.Least = make([]int, c.Classes)
		for i := range c.Least {
			c.Least[i] = least
		}
		var fit []Utterance
		for _, u := range us {
			if c.check(&u) == nil {
				fit = append(fit, u)
			}
		}
		m, err := Train(t.Context(), fit, c, nil)
		if err != nil {
			t.Fatal(err)
		}
		short := Utterance{Features: fit[0].Features[:3*least*testDim], Units: []int{1, rest, 2, 3}, Optional: []bool{false, true, false, false}}
		got, _, err := m.Align(short)
		if want := []int{least, 0, least, least}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("least %d: %v, want %v; error %v", least, got, want, err)
		}
		for _, u := range fit {
			got, _, err := m.Align(u)
			if err != nil {
				t.Fatal(err)
			}
			for i, n := range got {
				if n < least && !(n == 0 && u.Optional[i]) {
					t.Errorf("least %d: unit %d has %d frames", least, i, n)
				}
			}
		}
	}
}

func TestUtteranceErrors(t *testing.T) {
	good := Utterance{Features: make([]float32, 4*testDim), Units: []int{0, 1, 2}}
	m, err := Train(t.Context(), []Utterance{good}, testConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	bad := make([]float32, 4*testDim)
	bad[testDim+2] = float32(math.NaN())
	for want, u := range map[string]Utterance{
		"0 values of features":              {Units: []int{1}},
		"6 values of features":              {Features: make([]float32, 6), Units: []int{1}},
		"no units":                          {Features: good.Features},
		"optional has 1 values":             {Features: good.Features, Units: []int{1, 2}, Optional: []bool{true}},
		"unit 1 is of class 7, want 0 to 6": {Features: good.Features, Units: []int{1, 7}},
		"unit 0 is of class -1":             {Features: good.Features, Units: []int{-1}},
		"4 frames are too short":            {Features: good.Features, Units: []int{1, 2, 1, 2, 1}},
		"value 2 of frame 1 is NaN":         {Features: bad, Units: []int{1}},
	} {
		if _, _, err := m.Align(u); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("align: %v, want %s", err, want)
		}
		_, err := Train(t.Context(), []Utterance{good, u}, testConfig(), nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "utterance 1") {
			t.Errorf("train: %v, want utterance 1: %s", err, want)
		}
	}
	if _, err := Train(t.Context(), nil, testConfig(), nil); err == nil {
		t.Error("trained of nothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Train(ctx, []Utterance{good}, testConfig(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestConfigErrors(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"dim 0":                     func(c *Config) { c.Dim = 0 },
		"classes -1":                func(c *Config) { c.Classes = -1 },
		"states 1000000000":         func(c *Config) { c.States = 1e9 },
		"components 0":              func(c *Config) { c.Components = 0 },
		"iterations 0":              func(c *Config) { c.Iterations = 0 },
		"least frames of 1 classes": func(c *Config) { c.Least = []int{1} },
		"least frames 0 of class 6": func(c *Config) { c.Least = []int{1, 1, 1, 1, 1, 1, 0} },
	} {
		c := testConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := Default(40).Validate(); err != nil {
		t.Error(err)
	}
}
