package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
)

// blockQ8 and bytesQ8 are the values and bytes of a block of Q8_0.
const (
	blockQ8 = 32
	bytesQ8 = 2 + blockQ8
)

// decode turns stored values into float32. The type is supported, and src has just the bytes of len(dst) values.
func decode(t Type, dst []float32, src []byte) {
	switch t {
	case F32:
		decodeF32(dst, src)
	case F16:
		decodeF16(dst, src)
	case Q8_0:
		decodeQ8(dst, src)
	}
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

func decodeQ8(dst []float32, src []byte) {
	for len(dst) >= blockQ8 && len(src) >= bytesQ8 {
		d := fromHalf(binary.LittleEndian.Uint16(src))
		values, stored := (*[blockQ8]float32)(dst), (*[blockQ8]byte)(src[2:])
		for i := 0; i < blockQ8; i += 4 {
			values[i] = float32(int8(stored[i])) * d
			values[i+1] = float32(int8(stored[i+1])) * d
			values[i+2] = float32(int8(stored[i+2])) * d
			values[i+3] = float32(int8(stored[i+3])) * d
		}
		dst, src = dst[blockQ8:], src[bytesQ8:]
	}
}

// encode turns float32 values into their stored form. The type is supported, and dst has just the bytes of len(src)
// values. A value that the type cannot hold is an error.
func encode(t Type, dst []byte, src []float32) error {
	switch t {
	case F32:
		for i, v := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(v))
		}
	case F16:
		for i, v := range src {
			h := toHalf(v)
			if h&0x7fff == 0x7c00 && !math.IsInf(float64(v), 0) {
				return fmt.Errorf("value %g at index %d, want at most 65504 for type F16", v, i)
			}
			binary.LittleEndian.PutUint16(dst[2*i:], h)
		}
	case Q8_0:
		for b := 0; b < len(src)/blockQ8; b++ {
			if err := encodeQ8(dst[b*bytesQ8:][:bytesQ8], src[b*blockQ8:][:blockQ8]); err != nil {
				return fmt.Errorf("values from index %d on: %w", b*blockQ8, err)
			}
		}
	}
	return nil
}

// encodeQ8 quantises one block, bit for bit as quantize_row_q8_0_ref of ggml does.
func encodeQ8(dst []byte, src []float32) error {
	var most float32
	for _, v := range src {
		if v != v || math.IsInf(float64(v), 0) {
			return fmt.Errorf("%g, want finite values for type Q8_0", v)
		}
		most = max(most, v, -v)
	}
	d := most / 127
	scale := toHalf(d)
	if scale == 0x7c00 {
		return fmt.Errorf("magnitude %g, want at most %g for type Q8_0", most, float32(127*65504))
	}
	var inverse float32
	if d != 0 {
		inverse = 1 / d
	}
	if math.IsInf(float64(inverse), 0) {
		// Values this near to zero have no inverse scale in float32, and the stored scale is zero anyway.
		inverse = 0
	}
	binary.LittleEndian.PutUint16(dst, scale)
	for i, v := range src {
		// roundf of C: halves go away from zero. In float64 the addition is exact.
		x := float64(v * inverse)
		dst[2+i] = byte(int8(x + math.Copysign(0.5, x)))
	}
	return nil
}
