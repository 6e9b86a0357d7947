package calibrate

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// String says in a line what was chosen and why.
func (c Choice) String() string {
	of := milliseconds(c.Expected)
	if c.Need.Budget > 0 {
		of += fmt.Sprintf(" of %s (95 of 100 runs below %s)", c.Need.Budget, milliseconds(c.High))
	}
	parts := []string{c.Name + ": expected " + of}
	if c.Limit > 0 {
		parts[0] += fmt.Sprintf(", at most %d elements so that it fits", c.Limit)
	}
	switch quality := "quality " + score(c.Score); {
	case c.From == FromOneText:
	case math.IsNaN(c.Score):
		parts[0] += ", quality not measured: more passes are taken to be better"
	case c.Need.Quality > 0:
		parts[0] += fmt.Sprintf(", %s of at least %s", quality, score(c.Need.Quality))
	default:
		parts[0] += ", " + quality
	}
	if c.Better != nil {
		parts = append(parts, fmt.Sprintf("%s would take up to %s", c.Better.Name, milliseconds(c.Better.High)))
	}
	if c.Faster != nil && c.Need.Budget == 0 {
		parts = append(parts, fmt.Sprintf("%s has %s in %s", c.Faster.Name, score(c.Faster.Score), milliseconds(c.Faster.Expected)))
	}
	return strings.Join(parts, "; ") + slower(c.Work)
}

// slower tells of a machine that is slower than it was.
func slower(w Work) string {
	if w.slowdown() < 1.1 {
		return ""
	}
	return fmt.Sprintf("; the machine is %.1f times slower than when it was calibrated", w.slowdown())
}

// busy tells of a calibration that others disturbed.
func (c *Calibration) busy() string {
	if !c.Machine.Load.Busy {
		return ""
	}
	return fmt.Sprintf("; it was calibrated on a busy machine: stride calibrate %s --force does it anew", c.Model)
}

// milliseconds are shown with as many digits as they are good for.
func milliseconds(d time.Duration) string { return shown(d, math.Round) }

// up is [milliseconds] of a budget that is enough: not rounded down.
func up(d time.Duration) string { return shown(d, math.Ceil) }

func shown(d time.Duration, round func(float64) float64) string {
	switch ms := d.Seconds() * 1000; {
	case ms >= 10000:
		return fmt.Sprintf("%.1f s", round(ms/100)/10)
	case ms >= 1000:
		return fmt.Sprintf("%.2f s", round(ms/10)/100)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", round(ms))
	default:
		return fmt.Sprintf("%.1f ms", round(10*ms)/10)
	}
}

// score is shown as it is compared.
func score(v float64) string { return fmt.Sprintf("%.2f", v) }
