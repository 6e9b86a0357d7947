package command

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
)

// table aligns rows in columns, the first row being the head. Columns of the
// given numbers are aligned right. Wide characters count as two cells.
func table(rows [][]string, right ...int) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], lipgloss.Width(cell))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-lipgloss.Width(cell))
			if slices.Contains(right, i) {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		text := strings.TrimRight(line.String(), " ")
		if n == 0 {
			text = dim.Render(text)
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}
