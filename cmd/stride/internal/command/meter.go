package command

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride/element/audio"
)

// meter measures a sound while it is made: how loud the last of it is, and how
// loud it has been.
type meter struct {
	rate    int
	window  []float32 // the last samples, as many as are measured together
	pending []float32 // less than one bar of the history
	history []float64 // levels in dBFS, one for each barTime; the last mostBars of them
	loudest float32   // peak of all
}

const (
	meterTime = 0.3  // seconds that are measured together
	barTime   = 0.05 // seconds of a bar of the history
	mostBars  = 512  // more than terminals are wide
	quietest  = -60  // dBFS where bars begin
)

func newMeter(rate int) *meter { return &meter{rate: rate} }

// add takes the samples that follow.
func (m *meter) add(x []float32) {
	m.loudest = max(m.loudest, audio.Peak(x))
	m.window = last(append(m.window, x...), int(meterTime*float64(m.rate)))
	m.pending = append(m.pending, x...)
	n := max(int(barTime*float64(m.rate)), 1)
	whole := len(m.pending) / n * n
	for bar := range slices.Chunk(m.pending[:whole], n) {
		m.history = append(m.history, audio.Level(bar))
	}
	m.pending = m.pending[:copy(m.pending, m.pending[whole:])]
	m.history = last(m.history, mostBars)
}

// last keeps the last n elements.
func last[T any](x []T, n int) []T {
	if len(x) <= n {
		return x
	}
	return x[:copy(x, x[len(x)-n:])]
}

// decibels is an amplitude in dBFS.
func decibels(amplitude float32) float64 { return 20 * math.Log10(float64(amplitude)) }

// height is how much of a bar a level fills, 0 to 1.
func height(level float64) float64 {
	return min(max((level-quietest)/-quietest, 0), 1) // of silence, -Inf, nothing
}

// eighths are bars of a cell, by its eighths from 0.
var (
	lyingEighths    = []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}
	standingEighths = []string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
)

// bar draws a level over that many cells.
func bar(level float64, width int) string {
	n := int(math.Round(height(level) * float64(8*width)))
	return strings.Repeat("█", n/8) + lyingEighths[n%8]
}

// lines shows the meter in at most that many cells.
func (m *meter) lines(width int) []string {
	const label, number = 6, 12 // cells of what stands left and right of a bar
	room := min(width-label-number, 60)
	numbers := room >= 4
	if !numbers {
		room = max(width-label, 1)
	}
	row := func(name string, level float64, look lipgloss.Style) string {
		drawn := bar(level, room)
		line := dim.Render(fmt.Sprintf("%-*s", label, name))
		if drawn != "" {
			line += look.Render(drawn)
		}
		if numbers {
			line += strings.Repeat(" ", room-utf8.RuneCountInString(drawn)) + dim.Render(fmt.Sprintf("%*s", number, dBFS(level)))
		}
		return line
	}
	var over strings.Builder
	for _, level := range m.history[max(len(m.history)-room, 0):] {
		over.WriteString(standingEighths[int(math.Round(height(level)*8))])
	}
	peak := accent
	if m.loudest >= 1 {
		peak = warn
	}
	return []string{
		strings.TrimRight(strings.Repeat(" ", label)+over.String(), " "),
		row("RMS", audio.Level(m.window), accent),
		row("peak", decibels(m.loudest), peak),
	}
}

// dBFS writes a level.
func dBFS(level float64) string {
	if math.IsInf(level, -1) {
		return "-∞ dBFS"
	}
	return fmt.Sprintf("%.1f dBFS", level)
}
