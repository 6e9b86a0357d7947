package command

import (
	"strings"

	"github.com/stride-ml/stride/internal/columns"
)

// table aligns rows in columns, the first row being the head. Columns of the
// given numbers are aligned right. Wide characters count as two cells.
func table(rows [][]string, right ...int) string {
	var b strings.Builder
	for n, text := range columns.Align(rows, right...) {
		if n == 0 {
			text = dim.Render(text)
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}
