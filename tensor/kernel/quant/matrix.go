package quant

import "fmt"

// Matrix is the weights (Out,In) of a linear layer, laid out for products.
type Matrix struct {
	format *Format
	out    int
	blocks int // of 32 values, in a row
	data   []byte
}

// Size is the bytes that a matrix (out,in) takes.
func (f *Format) Size(out, in int) int {
	return (out+GroupRows-1)/GroupRows*f.groupSize(in/blockValues) + padding
}

// NewMatrix returns a matrix (out,in), to be filled by [Matrix.Fill]. in has to be a whole number of the format's blocks. Its
// memory is room, of [Format.Size] bytes, or new where that is nil.
func NewMatrix(f *Format, out, in int, room []byte) (*Matrix, error) {
	if out < 1 || in < 1 || in%f.values != 0 {
		return nil, fmt.Errorf("quant: a matrix of (%d,%d) in %s, want rows of a whole number of %d values", out, in, f.Name, f.values)
	}
	size := f.Size(out, in)
	if room == nil {
		room = make([]byte, size)
	}
	if len(room) != size {
		return nil, fmt.Errorf("quant: %d bytes for a matrix of (%d,%d) in %s, want %d", len(room), out, in, f.Name, size)
	}
	return &Matrix{format: f, out: out, blocks: in / blockValues, data: room}, nil
}

// padding is read ahead of use, never used.
const padding = 64

// Out is the number of rows, results of a product.
func (m *Matrix) Out() int { return m.out }

// In is the number of values of a row.
func (m *Matrix) In() int { return m.blocks * blockValues }

// Format is the format of the weights.
func (m *Matrix) Format() *Format { return m.format }

// Bytes is the size of the matrix in memory.
func (m *Matrix) Bytes() int { return len(m.data) }

// Groups is the number of groups of 8 rows; the last may be incomplete.
func (m *Matrix) Groups() int { return (m.out + GroupRows - 1) / GroupRows }

// RowSize is the bytes of a row in a file.
func (m *Matrix) RowSize() int { return m.In() / m.format.values * m.format.bytes }

// Fill lays out groups from lo up to hi of the rows of a file, which raw holds from the first row of the matrix on. Different
// groups may be filled at once.
func (m *Matrix) Fill(raw []byte, lo, hi int) {
	f := m.format
	if need := m.out * m.RowSize(); len(raw) < need {
		panic(fmt.Sprintf("quant: %d bytes for a matrix of %d", len(raw), need))
	}
	chunks, rowSize, chunkSize := m.In()/f.values, m.RowSize(), f.chunkSize()
	for g := lo; g < hi; g++ {
		group := m.group(g)
		for r := range min(GroupRows, m.out-g*GroupRows) {
			src := raw[(g*GroupRows+r)*rowSize:][:rowSize]
			for c := range chunks {
				f.pack(group[c*chunkSize:], src[c*f.bytes:][:f.bytes], r)
			}
		}
	}
}

func (m *Matrix) group(g int) []byte {
	size := m.format.groupSize(m.blocks)
	return m.data[g*size:][:size:size]
}

// Row writes row i to dst (In), as float32.
func (m *Matrix) Row(dst []float32, i int) {
	f := m.format
	group, r := m.group(i/GroupRows), i%GroupRows
	inChunk := f.values / blockValues
	var v values32
	for b := range m.blocks {
		f.read(&v, group[b/inChunk*f.chunkSize():], b%inChunk, r)
		for k := range v.u {
			x := v.scales[k/16] * float32(int(v.u[k])-f.offset)
			if f.least {
				x += v.least
			}
			dst[b*blockValues+k] = x
		}
	}
}
