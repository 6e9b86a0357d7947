package measure

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestNotice(t *testing.T) {
	nan := math.NaN()
	sample := func(all, idle, own, loop float64) loadSample {
		return loadSample{time.Time{}, all, idle, own, loop}
	}
	for _, c := range []struct {
		name    string
		samples []loadSample
		want    string // "" for a quiet machine
	}{
		{"nothing known", []loadSample{sample(nan, nan, nan, nan), sample(nan, nan, nan, nan)}, ""},
		{"no samples", nil, ""},
		// Of 100 s of two processors 40 s are ours, 58 idle.
		{"quiet", []loadSample{sample(1000, 700, 5, 1), sample(1100, 758, 45, 1), sample(1100, 758, 45, 1.1)}, ""},
		{"others", []loadSample{sample(1000, 700, 5, 1), sample(1100, 735, 45, 1)}, "other programs took 25 %"},
		{"slow at times", []loadSample{sample(nan, nan, nan, 1), sample(nan, nan, nan, 1.3), sample(nan, nan, nan, 1.5)}, "the same work took 1.30 times"},
		{"slow once", []loadSample{sample(nan, nan, nan, 1), sample(nan, nan, nan, 1), sample(nan, nan, nan, 9)}, ""},
	} {
		load := notice(c.samples)
		if load.Busy != (c.want != "") || !strings.Contains(load.Notice, c.want) {
			t.Errorf("%s: %+v, want %q", c.name, load, c.want)
		}
	}
}

func TestLoadOfLinux(t *testing.T) {
	all, idle := processorTimes("cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 2 3 4\n")
	if all != 6.21 || idle != 4.5 {
		t.Errorf("%v s in all, %v idle, want 6.21 and 4.5", all, idle)
	}
	if own := ownTime("42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0\n"); own != 2 {
		t.Errorf("own time %v, want 2 s", own)
	}
	for _, bad := range []string{"", "cpu", "intr 1 2 3 4 5", ")"} {
		if all, _ := processorTimes(bad); !math.IsNaN(all) {
			t.Errorf("%q: %v", bad, all)
		}
		if own := ownTime(bad); !math.IsNaN(own) {
			t.Errorf("%q: %v", bad, own)
		}
	}
	if s := sampleLoad(); !(s.loop > 0) {
		t.Errorf("a sample without the time of the fixed work: %+v", s)
	}
}
