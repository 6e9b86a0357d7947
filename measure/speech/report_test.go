package speech

import (
	"math"
	"testing"
)

func TestCompare(t *testing.T) {
	c := pairs(t)[2]
	r, err := Compare(c.First.sound(), c.Second.sound())
	if err != nil || !near(r.Warped, c.Warped, 1e-3) || !near(r.Tempo, 0.75, 1e-9) || r.Pitch.Voiced == 0 || r.Buzz.Frames == 0 {
		t.Errorf("got %+v, %v", r, err)
	}
	if !math.IsNaN(r.Straight) || !math.IsNaN(r.Spectral.Convergence) || !math.IsNaN(r.Spectral.LogMagnitude) {
		t.Errorf("got %+v, want NaN for what needs the same timing", r)
	}
}

func TestCompareAligned(t *testing.T) {
	c := pairs(t)[0]
	a, b := c.First.sound(), c.Second.sound()
	r, err := CompareAligned(a, b)
	if err != nil || !near(r.Warped, c.Warped, 1e-3) || !near(r.Straight, c.Straight, 1e-3) || !near(r.Spectral.LogMagnitude, c.LogMagnitude, 1e-3) {
		t.Errorf("got %+v, %v", r, err)
	}
	path, err := Straight(a, b)
	if err != nil {
		t.Fatal(err)
	}
	pitch, err := ComparePitch(a, b, path)
	if err != nil || pitch != r.Pitch {
		t.Errorf("got %+v in the report, %+v, %v alone", r.Pitch, pitch, err)
	}
	buzz, err := CompareBuzz(a, b, path)
	if err != nil || buzz != r.Buzz {
		t.Errorf("got %+v in the report, %+v, %v alone", r.Buzz, buzz, err)
	}
}

func TestFigures(t *testing.T) {
	nan := math.NaN()
	reports := []Report{
		{Warped: 1, Straight: 2, Pitch: Pitch{RMSE: 3, Voicing: 4}, Spectral: Spectral{5, 6}, Buzz: Buzz{Reference: 1, Made: 8}, Tempo: 8},
		{Warped: 10, Straight: nan, Pitch: Pitch{RMSE: nan, Voicing: 40}, Spectral: Spectral{nan, nan}, Buzz: Buzz{Reference: nan, Made: nan}, Tempo: 80},
	}
	for i, f := range Figures {
		want := []float64{float64(i + 1)}
		if v := f.Of(reports[1]); !math.IsNaN(v) {
			want = append(want, want[0]*10)
		}
		got := f.Values(reports)
		if len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("%s: got %v, want %v", f.Name, got, want)
		}
	}
}
