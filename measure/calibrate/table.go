package calibrate

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Typical is the work of an object of usual length.
func (c *Calibration) Typical() Work {
	if c.Unit == Characters {
		return Work{Length: typicalText, Most: typicalText}
	}
	return Work{Length: c.Lengths.Median, Most: c.Lengths.Median}
}

// typicalText is how many characters are spoken in the table.
const typicalText = 30

// Rows are the calibration as a table, its head first: what each setting takes for
// an object of usual length, its parts, its quality, and * where no other setting is
// both faster and as good.
func (c *Calibration) Rows() [][]string {
	rows := [][]string{{"setting", "expected", "95 of 100", "fixed", "each", "quality", "frontier"}}
	w, on := c.Typical(), c.Frontier(c.Typical())
	for i, e := range c.Entries {
		x := e.estimate(w, 0)
		each, quality, mark := "", "", ""
		if c.Unit != Pictures {
			each = fmt.Sprintf("%.3g ms", 1000*e.Cost.PerElement)
		}
		if !math.IsNaN(e.Score) {
			quality = score(e.Score)
		}
		if on[i] {
			mark = "*"
		}
		fixed := milliseconds(time.Duration(e.Cost.Fixed * float64(time.Second)))
		rows = append(rows, []string{e.Name, milliseconds(x.Expected), milliseconds(x.High), fixed, each, quality, mark})
	}
	return rows
}

// Heading says in lines of what model and machine it is, what objects the table has
// and where quality comes from.
func (c *Calibration) Heading() []string {
	m := c.Machine
	lines := []string{
		fmt.Sprintf("%s on %s, %d cores, %s, stride %s, %s", c.Model, m.Processor, m.Cores, m.Kernels, m.Stride, c.Measured.Format("2006-01-02 15:04 MST")),
		"quality: " + c.Quality.String(),
	}
	switch c.Unit {
	case Pictures:
	case Characters:
		lines = append(lines, fmt.Sprintf("times are those of a text of %d characters; each is what one more takes", typicalText))
	default:
		lines = append(lines, fmt.Sprintf("times are those of %.0f elements; each is what one more takes", c.Lengths.Median))
	}
	if m.Load.Notice != "" {
		lines = append(lines, m.Load.Notice)
	}
	return slices.Clip(lines)
}
