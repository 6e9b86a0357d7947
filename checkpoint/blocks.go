package checkpoint

import (
	"encoding/binary"
	"math"

	"github.com/stride-ml/stride/internal/half"
)

// The types of blocks of 32 values. A block begins with its scale d, which the types ending in _1 follow with its
// minimum m, both in half precision. Of 4 bits a value, a byte has those of value j below those of value j+16; the
// fifth bits stand before them, that of value j being bit j of 32. Source: ggml-common.h and ggml-quants.c.
//
// Where a product is added to, it is converted to float32 first: that keeps Go from rounding the two in one step, as it
// would on some processors, and so gives the same bits on all.

func decodeQ4_0(dst []float32, src []byte) {
	values, stored := (*[32]float32)(dst), (*[18]byte)(src)
	d := getHalf(stored[:])
	for j, q := range stored[2:] {
		values[j] = float32(int32(q&15)-8) * d
		values[j+16] = float32(int32(q>>4)-8) * d
	}
}

func encodeQ4_0(dst []byte, src []float32) {
	values, stored := (*[32]float32)(src), (*[18]byte)(dst)
	var most float32 // the value of the greatest magnitude, which becomes -8, with its sign
	for _, v := range values {
		if abs(v) > abs(most) {
			most = v
		}
	}
	d := most / -8
	inverse := inverted(d)
	putHalf(stored[:], d)
	for j := range 16 {
		low, high := float32(values[j]*inverse)+8.5, float32(values[j+16]*inverse)+8.5
		stored[2+j] = byte(min(15, int32(low)) | min(15, int32(high))<<4)
	}
}

func decodeQ4_1(dst []float32, src []byte) {
	values, stored := (*[32]float32)(dst), (*[20]byte)(src)
	d, m := getHalf(stored[:]), getHalf(stored[2:])
	for j, q := range stored[4:] {
		values[j] = float32(float32(q&15)*d) + m
		values[j+16] = float32(float32(q>>4)*d) + m
	}
}

func encodeQ4_1(dst []byte, src []float32) {
	values, stored := (*[32]float32)(src), (*[20]byte)(dst)
	least, most := values[0], values[0]
	for _, v := range values {
		if v < least { // unlike min, which tells zeros apart
			least = v
		}
		if v > most {
			most = v
		}
	}
	d := (most - least) / 15
	inverse := inverted(d)
	putHalf(stored[:], d)
	putHalf(stored[2:], least)
	for j := range 16 {
		low, high := float32((values[j]-least)*inverse)+0.5, float32((values[j+16]-least)*inverse)+0.5
		stored[4+j] = byte(min(15, int32(low)) | min(15, int32(high))<<4)
	}
}

func decodeQ5_0(dst []float32, src []byte) {
	values, stored := (*[32]float32)(dst), (*[22]byte)(src)
	d, fifth := getHalf(stored[:]), binary.LittleEndian.Uint32(stored[2:])
	for j, q := range stored[6:] {
		values[j] = float32(int32(uint32(q&15)|fifth>>j<<4&16)-16) * d
		values[j+16] = float32(int32(uint32(q>>4)|fifth>>(j+12)&16)-16) * d
	}
}

func decodeQ5_1(dst []float32, src []byte) {
	values, stored := (*[32]float32)(dst), (*[24]byte)(src)
	d, m, fifth := getHalf(stored[:]), getHalf(stored[2:]), binary.LittleEndian.Uint32(stored[4:])
	for j, q := range stored[8:] {
		values[j] = float32(float32(int32(uint32(q&15)|fifth>>j<<4&16))*d) + m
		values[j+16] = float32(float32(int32(uint32(q>>4)|fifth>>(j+12)&16))*d) + m
	}
}

func decodeQ8_0(dst []float32, src []byte) {
	values, stored := (*[32]float32)(dst), (*[34]byte)(src)
	d := getHalf(stored[:])
	for i := 0; i < 32; i += 4 {
		values[i] = float32(int8(stored[i+2])) * d
		values[i+1] = float32(int8(stored[i+3])) * d
		values[i+2] = float32(int8(stored[i+4])) * d
		values[i+3] = float32(int8(stored[i+5])) * d
	}
}

func encodeQ8_0(dst []byte, src []float32) {
	values, stored := (*[32]float32)(src), (*[34]byte)(dst)
	var most float32
	for _, v := range values {
		most = max(most, v, -v)
	}
	d := most / 127
	inverse := inverted(d)
	putHalf(stored[:], d)
	for i, v := range values {
		// roundf of C: halves go away from zero. In float64 the addition is exact.
		x := float64(v * inverse)
		stored[2+i] = byte(int8(x + math.Copysign(0.5, x)))
	}
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

// inverted gives 1/d, or 0 where that is beyond float32: values so near to zero have a stored scale of zero anyway.
func inverted(d float32) float32 {
	if inverse := 1 / d; abs(inverse) <= math.MaxFloat32 {
		return inverse
	}
	return 0
}

func getHalf(src []byte) float32 { return half.From(binary.LittleEndian.Uint16(src)) }

func putHalf(dst []byte, v float32) { binary.LittleEndian.PutUint16(dst, half.To(v)) }
