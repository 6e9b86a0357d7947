package checkpoint

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Type is how the values of a tensor are stored, by the numbers that ggml gives the types.
type Type int

// The types whose values this package reads. Those that it also writes are F32, F16, Q4_0, Q4_1 and Q8_0.
const (
	F32  Type = 0  // IEEE 754 single precision
	F16  Type = 1  // IEEE 754 half precision
	Q4_0 Type = 2  // blocks of 32 values along a row: a scale, 4 bits a value
	Q4_1 Type = 3  // as Q4_0, and a minimum
	Q5_0 Type = 6  // as Q4_0 with 5 bits
	Q5_1 Type = 7  // as Q4_1 with 5 bits
	Q8_0 Type = 8  // as Q4_0 with 8 bits
	Q2_K Type = 10 // blocks of 256 values: a scale and a minimum, 4 bits for those of each 16 values, 2 bits a value
	Q3_K Type = 11 // a scale, 6 bits for that of each 16 values, 3 bits a value
	Q4_K Type = 12 // as Q2_K with 6 bits for those of each 32 values, 4 bits a value
	Q5_K Type = 13 // as Q4_K with 5 bits a value
	Q6_K Type = 14 // a scale, 8 bits for that of each 16 values, 6 bits a value
	BF16 Type = 30 // the upper half of single precision
)

// Keep stands for no type: as one asked of [File.Quantize] it leaves tensors as they are.
const Keep Type = -1

// format is how ggml stores a type: a row is cut into blocks of the same number of values, each of the same size.
type format struct {
	name   string
	values int // in a block
	bytes  int // of a block

	// decode and encode take one block; where that is one value, as many as there are. A type without them is only
	// carried along.
	decode func(dst []float32, src []byte)
	encode func(dst []byte, src []float32)
	most   float32 // what can be encoded: values of at most this magnitude
	file   uint32  // what general.file_type says of a file whose matrices are mostly of a type that can be encoded
}

// formats has an empty entry for numbers of types that ggml has withdrawn. Sources: ggml.h and ggml-common.h; for
// file, enum llama_ftype of llama.h.
var formats = [...]format{
	F32:  {"F32", 1, 4, decodeF32, encodeF32, math.MaxFloat32, 0},
	F16:  {"F16", 1, 2, decodeF16, encodeF16, maxHalf, 1},
	Q4_0: {"Q4_0", 32, 18, decodeQ4_0, encodeQ4_0, 8 * maxHalf, 2},
	Q4_1: {"Q4_1", 32, 20, decodeQ4_1, encodeQ4_1, maxHalf, 3},
	Q5_0: {"Q5_0", 32, 22, decodeQ5_0, nil, 0, 0},
	Q5_1: {"Q5_1", 32, 24, decodeQ5_1, nil, 0, 0},
	Q8_0: {"Q8_0", 32, 34, decodeQ8_0, encodeQ8_0, 127 * maxHalf, 7},
	Q2_K: {"Q2_K", 256, 84, decodeQ2_K, nil, 0, 0},
	Q3_K: {"Q3_K", 256, 110, decodeQ3_K, nil, 0, 0},
	Q4_K: {"Q4_K", 256, 144, decodeQ4_K, nil, 0, 0},
	Q5_K: {"Q5_K", 256, 176, decodeQ5_K, nil, 0, 0},
	Q6_K: {"Q6_K", 256, 210, decodeQ6_K, nil, 0, 0},
	BF16: {"BF16", 1, 2, decodeBF16, nil, 0, 0},

	9: carried("Q8_1", 32, 36), 15: carried("Q8_K", 256, 292),
	16: carried("IQ2_XXS", 256, 66), 17: carried("IQ2_XS", 256, 74), 18: carried("IQ3_XXS", 256, 98),
	19: carried("IQ1_S", 256, 50), 20: carried("IQ4_NL", 32, 18), 21: carried("IQ3_S", 256, 110),
	22: carried("IQ2_S", 256, 82), 23: carried("IQ4_XS", 256, 136), 24: carried("I8", 1, 1), 25: carried("I16", 1, 2),
	26: carried("I32", 1, 4), 27: carried("I64", 1, 8), 28: carried("F64", 1, 8), 29: carried("IQ1_M", 256, 56),
	34: carried("TQ1_0", 256, 54), 35: carried("TQ2_0", 256, 66), 39: carried("MXFP4", 32, 17),
	40: carried("NVFP4", 64, 36), 41: carried("Q1_0", 128, 18),
}

func carried(name string, values, bytes int) format {
	return format{name: name, values: values, bytes: bytes}
}

// String gives the name that ggml uses, such as "Q8_0".
func (t Type) String() string {
	if !t.known() {
		return fmt.Sprintf("Type(%d)", int(t))
	}
	return formats[t].name
}

// Block tells how tensors of the type are stored: rows are cut into blocks of so many values, each of so many bytes.
// Both are 0 for a type that is not known.
func (t Type) Block() (values, bytes int) {
	if !t.known() {
		return 0, 0
	}
	return formats[t].values, formats[t].bytes
}

// ParseType finds a type that can be written by its name in ggml, in capitals or not. Any other name is an error that
// lists those that can.
func ParseType(name string) (Type, error) {
	for t, f := range formats {
		if f.encode != nil && strings.EqualFold(f.name, name) {
			return Type(t), nil
		}
	}
	return 0, fmt.Errorf("unknown tensor type %s, want %s", excerpt(name), namesOf(Type.writable))
}

func (t Type) known() bool { return t >= 0 && int(t) < len(formats) && formats[t].name != "" }

func (t Type) readable() bool { return t.known() && formats[t].decode != nil }

func (t Type) writable() bool { return t.known() && formats[t].encode != nil }

// quantised tells a type of blocks, with scales of their own.
func (t Type) quantised() bool { return t.known() && formats[t].values > 1 }

// namesOf lists types for an error.
func namesOf(which func(Type) bool) string {
	var names []string
	for t := range Type(len(formats)) {
		if which(t) {
			names = append(names, t.String())
		}
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// size is the number of values in a tensor of the given shape, and of the bytes that hold them. The error is a
// problem and what was wanted instead, for a FormatError.
func (t Type) size(shape []int) (values int, bytes int64, problem, want string) {
	if len(shape) < 1 || len(shape) > maxDims {
		return 0, 0, fmt.Sprintf("%d dimensions", len(shape)), fmt.Sprintf("1 to %d", maxDims)
	}
	total := uint64(1)
	for _, n := range shape {
		if n < 1 {
			return 0, 0, fmt.Sprintf("shape %v has a dimension below 1", shape), "at least 1"
		}
		high, low := bits.Mul64(total, uint64(n))
		if high != 0 || low > math.MaxInt {
			return 0, 0, fmt.Sprintf("shape %v has too many values", shape), fmt.Sprintf("at most %d", math.MaxInt)
		}
		total = low
	}
	f := &formats[t]
	if row := shape[len(shape)-1]; row%f.values != 0 {
		return 0, 0, fmt.Sprintf("rows of %d values", row), fmt.Sprintf("a multiple of %d for type %v", f.values, t)
	}
	high, low := bits.Mul64(total/uint64(f.values), uint64(f.bytes))
	if high != 0 || low > math.MaxInt64 {
		return 0, 0, fmt.Sprintf("shape %v has too many bytes", shape), fmt.Sprintf("at most %d", int64(math.MaxInt64))
	}
	return int(total), int64(low), "", ""
}
