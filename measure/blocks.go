package measure

import "slices"

// Block is some columns of a comparison's table: what the rows cost, or how good
// they are. Columns without any figure are left out.
type Block struct {
	Heads []string // of the columns of figures
	Rows  []BlockRow
}

// BlockRow is a row of the comparison in a block, or one of real objects.
type BlockRow struct {
	Name  string
	Cells []string // as many as there are heads, "" where there is no figure
}

// Blocks gives the table as its cells, those blocks left out that have no figure.
func (c *Comparison) Blocks() []Block {
	var out []Block
	for _, columns := range c.blocks() {
		if b := c.block(columns); len(b.Heads) > 0 {
			out = append(out, b)
		}
	}
	return out
}

// block gives some columns, and those real objects that have a figure in them.
func (c *Comparison) block(columns []column) Block {
	rows := slices.Clone(c.Rows)
	for _, r := range c.Real {
		if slices.ContainsFunc(columns, func(col column) bool { return col.cell(r) != "" }) {
			rows = append(rows, r)
		}
	}
	b := Block{Rows: make([]BlockRow, len(rows))}
	for i, r := range rows {
		b.Rows[i].Name = r.Name
	}
	for _, col := range columns {
		cells, any := make([]string, len(rows)), false
		for i, r := range rows {
			cells[i] = col.cell(r)
			any = any || cells[i] != ""
		}
		if !any {
			continue
		}
		b.Heads = append(b.Heads, col.head)
		for i, cell := range cells {
			b.Rows[i].Cells = append(b.Rows[i].Cells, cell)
		}
	}
	return b
}

// Bounds says what stands for the floor and the ceiling of a metric, by its place
// in Metrics: the name of a row or a value, "" where there is none.
func (c *Comparison) Bounds(metric int) (floor, ceiling string) {
	m := c.Metrics[metric]
	if _, _, ok := c.bound(metric, m.Floor); ok {
		floor = c.boundName(metric, m.Floor)
	}
	if _, _, ok := c.bound(metric, m.Ceiling); ok {
		ceiling = c.boundName(metric, m.Ceiling)
	}
	return floor, ceiling
}
