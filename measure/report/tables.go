package report

import (
	"math"
	"slices"

	"github.com/stride-ml/stride/measure"
)

// table is a block of the comparison's columns.
type table struct {
	Caption string
	Heads   []string
	Rows    []row
}

// row is a row of a table.
type row struct {
	measure.BlockRow
	Best bool // on the frontier
	Real bool // of real objects
}

// metric says what a measure of quality is.
type metric struct {
	Name, Title, Floor, Ceiling, Source, Fooled string
}

// tables are all figures, those of the cost and those of the quality.
func tables(c *measure.Comparison) []table {
	on := c.OnFrontier()
	var out []table
	for _, b := range c.Blocks() {
		t := table{Caption: "What each costs", Heads: b.Heads}
		if len(out) > 0 {
			t.Caption = "How good what it makes is"
		}
		for i, r := range b.Rows {
			one := row{BlockRow: r, Real: i >= len(c.Rows)}
			one.Best = !one.Real && on[i]
			t.Rows = append(t.Rows, one)
		}
		out = append(out, t)
	}
	return out
}

// metrics say what the measures are that some row has a figure of.
func metrics(c *measure.Comparison) []metric {
	var out []metric
	for i, m := range c.Metrics {
		has := func(r measure.Row) bool { return i < len(r.Values) && !math.IsNaN(r.Values[i].Value) }
		if !slices.ContainsFunc(c.Rows, has) {
			continue
		}
		one := metric{Name: m.Name, Source: sentence(m.Source), Fooled: sentence(m.Fooled)}
		one.Floor, one.Ceiling = c.Bounds(i)
		one.Title = sentence(m.Title + "; " + map[measure.Direction]string{
			measure.Lower: "lower is better", measure.Higher: "higher is better", measure.Nearer: "nearer to the ceiling is better"}[m.Better])
		out = append(out, one)
	}
	return out
}
