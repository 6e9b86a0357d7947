package picture

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowNearest is [Nearest] as its comment says.
func slowNearest(set, training Set) []Match {
	out := make([]Match, len(set.Pictures))
	flipped := set.mirrored()
	for i := range out {
		out[i].Distance = math.Inf(1)
		for j, q := range training.Pictures {
			for flip, p := range [][]float32{set.Pictures[i], flipped.Pictures[i]} {
				d := math.Sqrt(squaredDistance(p, q, math.Inf(1)) / float64(len(p)))
				if d < out[i].Distance {
					out[i] = Match{Index: j, Distance: d, Mirrored: flip == 1}
				}
			}
		}
	}
	return out
}

func TestNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 0))
	for _, c := range []struct{ set, training, width, height int }{
		{1, 1, 1, 1}, {3, 17, 5, 2}, {33, 100, 8, 8}, {70, 1100, 3, 4}, {65, 2049, 2, 1},
	} {
		training := art(c.training, c.width, c.height, 1)
		set := art(c.set, c.width, c.height, 2)
		for i, p := range set.Pictures {
			switch q := training.Pictures[r.IntN(c.training)]; i % 4 {
			case 0: // a copy
				copy(p, q)
			case 1: // all but
				copy(p, q)
				p[r.IntN(len(p))] *= 254.0 / 255
			case 2: // mirrored
				copy(p, Set{c.width, c.height, [][]float32{q}}.mirrored().Pictures[0])
			}
		}
		got, err := Nearest(set, training)
		if want := slowNearest(set, training); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v: got %v, %v, want %v", c, got, err, want)
		}
	}
}

func TestNearestKnown(t *testing.T) {
	training := paint("wb", ".g")
	training.Pictures = append(training.Pictures, paint("ww", "bb").Pictures[0], paint("wb", ".g").Pictures[0])
	set := paint("wb", ".g")
	set.Pictures = append(set.Pictures, paint("bw", "g.").Pictures[0], paint("ww", "bg").Pictures[0])
	got, err := Nearest(set, training)
	want := []Match{{Index: 0}, {Index: 0, Mirrored: true}, {Index: 1, Distance: math.Sqrt(3.0 / 16)}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for threshold, want := range map[float64]float64{0: 0, 1e-9: 2.0 / 3, 0.43: 2.0 / 3, 0.44: 1} {
		if got := NearCopies(got, threshold); got != want {
			t.Errorf("below %v: got %v, want %v", threshold, got, want)
		}
	}
	if got := NearCopies(nil, CopyThreshold); !math.IsNaN(got) {
		t.Errorf("got %v of nothing, want NaN", got)
	}
}

func TestDiversity(t *testing.T) {
	set := func(pictures ...string) Set {
		s := Set{Width: 1, Height: 2}
		for _, p := range pictures {
			s.Pictures = append(s.Pictures, paint(p[:1], p[1:]).Pictures...)
		}
		return s
	}
	for _, c := range []struct {
		name string
		set  Set
		want float64
	}{
		{"one picture again and again", set("wb", "wb", "wb"), 0},
		{"opposites", set("ww", ".."), 2},
		{"three", set("ww", "ww", ".."), 4.0 / 3},
		{"one pixel", set("ww", "w."), math.Sqrt(2)},
	} {
		if got, err := Diversity(c.set); err != nil || !near(got, c.want, 1e-12) {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
		}
	}
	if _, err := Diversity(set("ww")); err == nil {
		t.Error("no error for one picture")
	}
}
