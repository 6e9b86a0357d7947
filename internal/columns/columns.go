// Package columns aligns text of terminals, in which wide characters, such as
// Chinese ones, take two cells, and codes of colours none.
package columns

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
)

// Align makes a line of each row, its cells padded to the widest of their column
// and two spaces apart. Columns of the given numbers are aligned right.
func Align(rows [][]string, right ...int) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], lipgloss.Width(cell))
		}
	}
	var lines []string
	for _, row := range rows {
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
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}
