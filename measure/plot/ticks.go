package plot

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// mostTicks keeps the numbers at an axis apart.
const mostTicks = 7

// evenTicks marks a linear axis at multiples of 1, 2 or 5 times a power of ten,
// with the numbers written by label, which is given the step as well.
func evenTicks(label func(v, step float64) string) plot.TickerFunc {
	return func(low, high float64) []plot.Tick {
		power := math.Pow(10, math.Floor(math.Log10((high-low)/mostTicks)))
		step := power
		for _, m := range []float64{2, 5, 10} {
			if (high-low)/step > mostTicks {
				step = m * power
			}
		}
		var ticks []plot.Tick
		first := math.Ceil(low / step)
		for i := range mostTicks + 1 {
			if v := (first + float64(i)) * step; v <= high {
				ticks = append(ticks, plot.Tick{Value: v, Label: label(v, step)})
			}
		}
		return ticks
	}
}

// number gives v with the decimals that tell steps apart.
func number(v, step float64) string {
	return strconv.FormatFloat(v, 'f', max(0, -int(math.Floor(math.Log10(step)+1e-9))), 64)
}

// quantity gives v with the prefix of its thousands: 20M.
func quantity(v, _ float64) string {
	unit := ""
	for _, u := range []string{"k", "M", "G", "T"} {
		if math.Abs(v) < 1000 {
			break
		}
		v, unit = v/1000, u
	}
	return strconv.FormatFloat(v, 'g', 4, 64) + unit
}

// secondTicks marks a logarithmic axis of seconds at powers of ten, and at
// their double and fivefold too where there would be few marks.
func secondTicks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	dense := high/low < 300
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for m := 1.; m < 10; m++ {
			v := m * math.Pow(10, e)
			if v < low || v > high {
				continue
			}
			tick := plot.Tick{Value: v}
			if m == 1 || dense && (m == 2 || m == 5) {
				tick.Label = seconds(v)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// seconds gives a time in the unit that people would say it in.
func seconds(s float64) string {
	switch {
	case s < 0.9995e-3:
		return fmt.Sprintf("%.3g µs", s*1e6)
	case s < 0.9995:
		return fmt.Sprintf("%.3g ms", s*1e3)
	}
	return fmt.Sprintf("%.3g s", s)
}
