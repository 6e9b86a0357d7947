package picture

import (
	"strings"
	"testing"
)

func TestSharpness(t *testing.T) {
	gradient := Set{Width: 4, Height: 3, Pictures: [][]float32{nil}}
	for i := range 12 {
		v := float32(i%4)/2 - 0.75
		gradient.Pictures[0] = append(gradient.Pictures[0], v, v, v, 1)
	}
	cases := []struct {
		name string
		set  Set
		want float64
	}{
		{"flat", paint("www", "www", "www"), 0},
		{"transparent", paint("...", "...", "..."), 0},
		{"gradient", gradient, 0},
		{"grey on nothing", paint("....", ".gg.", ".gg.", "...."), 0},
		{"chessboard", paint("wbwb", "bwbw", "wbwb"), 16},
		{"white and nothing", paint("w.w.", ".w.w", "w.w."), 4},
		{"black and nothing", paint("b.b.", ".b.b", "b.b."), 4},
		{"point", paint("bbbbb", "bbbbb", "bbwbb", "bbbbb", "bbbbb"), (16 + 4*1) / 9.0},
		{"edge", paint("bbww", "bbww", "bbww"), 1},
		{"border only", paint("wbw", "www", "wbw"), 4},
	}
	for _, c := range cases {
		got, err := Sharpness(c.set)
		if err != nil || len(got) != 1 || !near(got[0], c.want, 1e-5) {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func TestSharpnessRatio(t *testing.T) {
	both := paint("wbwb", "bwbw", "wbwb")
	both.Pictures = append(both.Pictures, paint("wwww", "wwww", "wwww").Pictures...)
	got, err := SharpnessRatio(paint("bbww", "bbww", "bbww"), both)
	if err != nil || !near(got, 1.0/8, 1e-6) {
		t.Errorf("got %v, %v, want 1 beside the mean of 16 and 0", got, err)
	}
	for name, c := range map[string]struct {
		set, reference Set
		want           string
	}{
		"flat reference": {both, paint("www", "www", "www"), "no edges"},
		"small":          {paint("ww", "ww"), both, "2x2 pixels, expected at least 3x3"},
	} {
		if _, err := SharpnessRatio(c.set, c.reference); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}
