package calibrate_test

import (
	"fmt"
	"time"

	"github.com/stride-ml/stride/measure/calibrate"
)

// Figures as a calibration has them, and a machine that is a fifth slower than it was
// then.
func ExampleCalibration_Choose() {
	c := &calibrate.Calibration{Model: "tiles", Unit: calibrate.Pictures, Entries: []calibrate.Entry{
		{Setting: calibrate.Setting{Name: "ar", Strategy: "ar"}, Cost: calibrate.Cost{Fixed: 0.150, P95: 1.2}},
		{Setting: calibrate.Setting{Name: "refine 8", Strategy: "refine", Passes: 8}, Cost: calibrate.Cost{Fixed: 0.060, P95: 1.2}},
		{Setting: calibrate.Setting{Name: "refine 16", Strategy: "refine", Passes: 16}, Cost: calibrate.Cost{Fixed: 0.120, P95: 1.2}},
	}}
	c.SetQuality(calibrate.Quality{From: calibrate.FromData, Scores: map[string]float64{"ar": 0.9, "refine 8": 0.7, "refine 16": 0.8}})
	choice, err := c.Choose(calibrate.Need{Budget: 200 * time.Millisecond}, calibrate.Work{Length: 1, Most: 1, Slowdown: 1.2})
	fmt.Println(choice, err)
	_, err = c.Choose(calibrate.Need{Budget: 50 * time.Millisecond}, calibrate.Work{Length: 1, Most: 1})
	fmt.Println(err)
	// Output:
	// refine 16: expected 144 ms of 200ms (95 of 100 runs below 173 ms), quality 0.80; ar would take up to 216 ms; the machine is 1.2 times slower than when it was calibrated <nil>
	// budget: got 50ms, want at least 72 ms: the fastest here, refine 8, takes 60 ms, in 95 of 100 runs less than that
}
