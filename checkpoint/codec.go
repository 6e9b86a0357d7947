package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
)

// decode turns stored values into float32. The type is readable, and src has just the bytes of len(dst) values.
func decode(t Type, dst []float32, src []byte) {
	f := &formats[t]
	if f.values == 1 {
		f.decode(dst, src)
		return
	}
	for len(dst) >= f.values {
		f.decode(dst[:f.values], src[:f.bytes])
		dst, src = dst[f.values:], src[f.bytes:]
	}
}

// encode turns float32 values into their stored form. The type is writable, dst has just the bytes of len(src) values,
// and the type can hold these. The bytes are those of the reference quantisers of ggml (quantize_row_*_ref).
func encode(t Type, dst []byte, src []float32) {
	f := &formats[t]
	if f.values == 1 {
		f.encode(dst, src)
		return
	}
	for len(src) >= f.values {
		f.encode(dst[:f.bytes], src[:f.values])
		dst, src = dst[f.bytes:], src[f.values:]
	}
}

// fits tells whether a type can hold the values, of which the first is the one of that index in its tensor: none that
// is finite may be beyond its range, and blocks, which share a scale, hold finite ones only. What it returns is a problem
// and what was wanted instead, for a FormatError.
func fits(t Type, values []float32, first int) (problem, want string) {
	const infinity = 0xff << 23
	f := &formats[t]
	most := math.Float32bits(f.most)
	for i, v := range values {
		b := math.Float32bits(v) &^ (1 << 31) // magnitudes are in the order of their bits
		switch {
		case b <= most:
		case b >= infinity && t.quantised():
			return fmt.Sprintf("value %g at index %d", v, first+i), fmt.Sprintf("finite values for type %v", t)
		case b < infinity:
			return fmt.Sprintf("value %g at index %d", v, first+i), fmt.Sprintf("at most %g for type %v", f.most, t)
		}
	}
	return "", ""
}

// The loops below take four values a turn: one a turn would spend more on the loop than on the value.

func decodeF32(dst []float32, src []byte) {
	for len(dst) >= 4 && len(src) >= 16 {
		values, stored := (*[4]float32)(dst), (*[16]byte)(src)
		values[0] = math.Float32frombits(binary.LittleEndian.Uint32(stored[0:]))
		values[1] = math.Float32frombits(binary.LittleEndian.Uint32(stored[4:]))
		values[2] = math.Float32frombits(binary.LittleEndian.Uint32(stored[8:]))
		values[3] = math.Float32frombits(binary.LittleEndian.Uint32(stored[12:]))
		dst, src = dst[4:], src[16:]
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
	}
}

func encodeF32(dst []byte, src []float32) {
	for i, v := range src {
		binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(v))
	}
}

func decodeF16(dst []float32, src []byte) {
	table := halfTable()
	for len(dst) >= 4 && len(src) >= 8 {
		h := binary.LittleEndian.Uint64(src)
		dst[0] = table[uint16(h)]
		dst[1] = table[uint16(h>>16)]
		dst[2] = table[uint16(h>>32)]
		dst[3] = table[uint16(h>>48)]
		dst, src = dst[4:], src[8:]
	}
	for i := range dst {
		dst[i] = table[binary.LittleEndian.Uint16(src[2*i:])]
	}
}

func encodeF16(dst []byte, src []float32) {
	for i, v := range src {
		putHalf(dst[2*i:], v)
	}
}

func decodeBF16(dst []float32, src []byte) {
	for len(dst) >= 4 && len(src) >= 8 {
		h := binary.LittleEndian.Uint64(src)
		dst[0] = math.Float32frombits(uint32(h) << 16)
		dst[1] = math.Float32frombits(uint32(h) &^ 0xffff)
		dst[2] = math.Float32frombits(uint32(h>>32) << 16)
		dst[3] = math.Float32frombits(uint32(h>>32) &^ 0xffff)
		dst, src = dst[4:], src[8:]
	}
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16)
	}
}
