package checkpoint

import (
	"encoding/binary"
	"fmt"
)

// kind is the type of a metadata value, by the numbers of the GGUF format.
type kind uint32

const (
	kindBool   kind = 7
	kindString kind = 8
	kindArray  kind = 9
)

// kinds tells for each number of the format how such a value is read; strings and arrays have no fixed size and are
// read by the parser itself.
var kinds = [...]struct {
	name   string
	size   int                         // bytes of one value, or 0
	scalar func(raw []byte) any        // from size bytes
	slice  func(raw []byte, n int) any // from n*size bytes
}{
	{"uint8", 1, scalar[uint8], slice[uint8]},
	{"int8", 1, scalar[int8], slice[int8]},
	{"uint16", 2, scalar[uint16], slice[uint16]},
	{"int16", 2, scalar[int16], slice[int16]},
	{"uint32", 4, scalar[uint32], slice[uint32]},
	{"int32", 4, scalar[int32], slice[int32]},
	{"float32", 4, scalar[float32], slice[float32]},
	kindBool:   {"bool", 1, scalar[bool], slice[bool]},
	kindString: {"string", 0, nil, nil},
	kindArray:  {"array", 0, nil, nil},
	{"uint64", 8, scalar[uint64], slice[uint64]},
	{"int64", 8, scalar[int64], slice[int64]},
	{"float64", 8, scalar[float64], slice[float64]},
}

func scalar[T any](raw []byte) any {
	var v T
	// The parser hands over as many bytes as the value has, which is all that Decode can find missing.
	_, _ = binary.Decode(raw, binary.LittleEndian, &v)
	return v
}

func slice[T any](raw []byte, n int) any {
	v := make([]T, n)
	_, _ = binary.Decode(raw, binary.LittleEndian, v)
	return v
}

// kindOf tells how a Go value is stored: as a single value of a kind, or as an array of them.
func kindOf(value any) (k kind, array bool, err error) {
	switch value.(type) {
	case uint8:
		return 0, false, nil
	case int8:
		return 1, false, nil
	case uint16:
		return 2, false, nil
	case int16:
		return 3, false, nil
	case uint32:
		return 4, false, nil
	case int32:
		return 5, false, nil
	case float32:
		return 6, false, nil
	case bool:
		return kindBool, false, nil
	case string:
		return kindString, false, nil
	case uint64:
		return 10, false, nil
	case int64:
		return 11, false, nil
	case float64:
		return 12, false, nil
	case []uint8:
		return 0, true, nil
	case []int8:
		return 1, true, nil
	case []uint16:
		return 2, true, nil
	case []int16:
		return 3, true, nil
	case []uint32:
		return 4, true, nil
	case []int32:
		return 5, true, nil
	case []float32:
		return 6, true, nil
	case []bool:
		return kindBool, true, nil
	case []string:
		return kindString, true, nil
	case []uint64:
		return 10, true, nil
	case []int64:
		return 11, true, nil
	case []float64:
		return 12, true, nil
	}
	return 0, false, fmt.Errorf("value of Go type %T, want a bool, string, float or sized integer such as uint32, or a slice of these", value)
}
