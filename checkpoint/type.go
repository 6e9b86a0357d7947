package checkpoint

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// Type is how the values of a tensor are stored, by the numbers that ggml gives the types.
type Type int

// The types whose values this package reads and writes.
const (
	F32  Type = 0 // IEEE 754 single precision
	F16  Type = 1 // IEEE 754 half precision
	Q8_0 Type = 8 // blocks of 32 values along a row: one half-precision scale, then 32 signed bytes
)

// layout is how ggml stores a type: a row is cut into blocks of the same number of values, each of the same size.
type layout struct {
	name   string
	values int // in a block
	bytes  int // of a block
}

// layouts has an empty entry for numbers of types that ggml has withdrawn. Source: ggml.h and ggml-common.h.
var layouts = [...]layout{
	F32: {"F32", 1, 4}, F16: {"F16", 1, 2}, 2: {"Q4_0", 32, 18}, 3: {"Q4_1", 32, 20},
	6: {"Q5_0", 32, 22}, 7: {"Q5_1", 32, 24}, Q8_0: {"Q8_0", 32, 34}, 9: {"Q8_1", 32, 36},
	10: {"Q2_K", 256, 84}, 11: {"Q3_K", 256, 110}, 12: {"Q4_K", 256, 144}, 13: {"Q5_K", 256, 176},
	14: {"Q6_K", 256, 210}, 15: {"Q8_K", 256, 292},
	16: {"IQ2_XXS", 256, 66}, 17: {"IQ2_XS", 256, 74}, 18: {"IQ3_XXS", 256, 98}, 19: {"IQ1_S", 256, 50},
	20: {"IQ4_NL", 32, 18}, 21: {"IQ3_S", 256, 110}, 22: {"IQ2_S", 256, 82}, 23: {"IQ4_XS", 256, 136},
	24: {"I8", 1, 1}, 25: {"I16", 1, 2}, 26: {"I32", 1, 4}, 27: {"I64", 1, 8}, 28: {"F64", 1, 8},
	29: {"IQ1_M", 256, 56}, 30: {"BF16", 1, 2}, 34: {"TQ1_0", 256, 54}, 35: {"TQ2_0", 256, 66},
	39: {"MXFP4", 32, 17}, 40: {"NVFP4", 64, 36}, 41: {"Q1_0", 128, 18},
}

// String gives the name that ggml uses, such as "Q8_0".
func (t Type) String() string {
	if !t.known() {
		return fmt.Sprintf("Type(%d)", int(t))
	}
	return layouts[t].name
}

// ParseType finds a type by its name in ggml, in capitals or not. It knows more types than can be read; an unknown
// name is an error that lists those that can.
func ParseType(name string) (Type, error) {
	for t, l := range layouts {
		if l.name != "" && strings.EqualFold(l.name, name) {
			return Type(t), nil
		}
	}
	return 0, fmt.Errorf("unknown tensor type %s, want %s", excerpt(name), supportedTypes)
}

const supportedTypes = "F32, F16 or Q8_0"

func (t Type) known() bool { return t >= 0 && int(t) < len(layouts) && layouts[t].name != "" }

func (t Type) supported() bool { return t == F32 || t == F16 || t == Q8_0 }

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
	l := layouts[t]
	if row := shape[len(shape)-1]; row%l.values != 0 {
		return 0, 0, fmt.Sprintf("rows of %d values", row), fmt.Sprintf("a multiple of %d for type %v", l.values, t)
	}
	high, low := bits.Mul64(total/uint64(l.values), uint64(l.bytes))
	if high != 0 || low > math.MaxInt64 {
		return 0, 0, fmt.Sprintf("shape %v has too many bytes", shape), fmt.Sprintf("at most %d", int64(math.MaxInt64))
	}
	return int(total), int64(low), "", ""
}
