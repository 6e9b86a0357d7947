package quant

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/stride-ml/stride/internal/half"
)

const (
	GroupRows   = 8  // rows of weights that are interleaved, and multiplied together
	blockValues = 32 // values of a row in a block
	superBlocks = 8  // blocks of a superblock
)

// Format is a format of weights, by the name that ggml gives it. Source: ggml-common.h of llama.cpp.
type Format struct {
	Name string

	values, bytes int // of a block of the file, which is a superblock in some
	bits          int // of a value
	offset        int // taken from it
	least         bool
	super         bool
	halves        bool // a scale for each 16 values
	pack          func(dst []byte, src []byte, row int)
	multiply      multiplier
}

var formats = map[string]*Format{}

func init() {
	for _, f := range []*Format{
		{Name: "Q4_0", values: 32, bytes: 18, bits: 4, offset: 8, pack: packQ4_0},
		{Name: "Q4_1", values: 32, bytes: 20, bits: 4, least: true, pack: packQ4_1},
		{Name: "Q5_0", values: 32, bytes: 22, bits: 5, offset: 16, pack: packQ5_0},
		{Name: "Q5_1", values: 32, bytes: 24, bits: 5, least: true, pack: packQ5_1},
		{Name: "Q8_0", values: 32, bytes: 34, bits: 8, offset: 128, pack: packQ8_0},
		{Name: "Q4_K", values: 256, bytes: 144, bits: 4, least: true, super: true, pack: packQ4_K},
		{Name: "Q5_K", values: 256, bytes: 176, bits: 5, least: true, super: true, pack: packQ5_K},
		{Name: "Q6_K", values: 256, bytes: 210, bits: 6, offset: 32, super: true, halves: true, pack: packQ6_K},
	} {
		f.multiply = multiplierOf(f)
		formats[f.Name] = f
	}
}

// Formats lists the names of the formats whose weights can be multiplied as they are.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// FormatNamed returns the format of that name, nil if its weights cannot be multiplied as they are.
func FormatNamed(name string) *Format { return formats[name] }

// Values is the number of values of a block: rows have a whole number of blocks.
func (f *Format) Values() int { return f.values }

// A group of 8 rows is laid out block by block:
//
//	superblocks only: 8 scales and, if there are, 8 minima in half precision, before the first of 8 blocks
//	scales     8 in half precision, or 8 bytes (2 times 8 with halves)
//	minima     the same, if there are
//	planes     128 bytes: byte 32v+4r+j has value 4v+j of row r in its lower bits and value 16+4v+j in its upper;
//	           with 8 bits 256 bytes, with a sign: byte 32q+4r+j is value 4q+j
//	high bits  5 bits: bit q of byte 4r+j belongs to value 4q+j; 6 bits: bits 2i and 2i+1 of byte 32h+4r+j to value
//	           16h+4i+j

func (f *Format) headerSize() int {
	switch {
	case !f.super:
		return 0
	case f.least:
		return 4 * GroupRows
	}
	return 2 * GroupRows
}

// planesAt is where in a block its planes begin.
func (f *Format) planesAt() int {
	if f.least && !f.super {
		return 4 * GroupRows
	}
	return 2 * GroupRows
}

func (f *Format) highAt() int { return f.planesAt() + 128 }

func (f *Format) blockSize() int {
	size := f.planesAt() + 128
	switch f.bits {
	case 8:
		size += 128
	case 5, 6:
		size += 32 * (f.bits - 4)
	}
	return size
}

// groupSize is the bytes of 8 rows of the given number of blocks.
func (f *Format) groupSize(blocks int) int {
	size := blocks * f.blockSize()
	if f.super {
		size += blocks / superBlocks * f.headerSize()
	}
	return size
}

// chunkSize is the bytes of 8 rows of one block of the file.
func (f *Format) chunkSize() int { return f.groupSize(f.values / blockValues) }

// values32 is one block of a row, taken apart.
type values32 struct {
	u      [blockValues]uint8
	scales [2]float32 // of each half
	least  float32
}

// read takes row r of a group's block apart. chunk begins with the header of the superblock, if there is one, and block is
// counted from there.
func (f *Format) read(v *values32, chunk []byte, block, r int) {
	header := chunk
	b := chunk[f.headerSize()+block*f.blockSize():]
	switch {
	case f.super:
		d := number(header[2*r:])
		if f.halves {
			v.scales = [2]float32{d * float32(int8(b[r])), d * float32(int8(b[GroupRows+r]))}
		} else {
			v.scales[0] = d * float32(b[r])
			v.scales[1] = v.scales[0]
			v.least = number(header[2*GroupRows+2*r:]) * float32(b[GroupRows+r])
		}
	default:
		v.scales[0] = number(b[2*r:])
		v.scales[1] = v.scales[0]
		if f.least {
			v.least = number(b[2*GroupRows+2*r:])
		}
	}
	planes := b[f.planesAt():]
	for k := range v.u {
		q, j := k/4, k%4
		at := 4*r + j
		if f.bits == 8 {
			v.u[k] = planes[32*q+at] ^ 0x80
			continue
		}
		u := planes[32*(q%4)+at] >> (4 * (q / 4)) & 15
		switch high := b[f.highAt():]; f.bits {
		case 5:
			u |= high[at] >> q & 1 << 4
		case 6:
			u |= high[32*(q/4)+at] >> (2 * (q % 4)) & 3 << 4
		}
		v.u[k] = u
	}
}

// number reads one in half precision.
func number(b []byte) float32 { return half.From(binary.LittleEndian.Uint16(b)) }
