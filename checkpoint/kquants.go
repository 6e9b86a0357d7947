package checkpoint

// The types of blocks of 256 values, the k-quants of ggml. A block has a scale d, and some types a minimum m, in half
// precision; each group of 16 or 32 values has a share of these, in few bits. A value of a group is
//
//	d·share·q - m·share of the minimum
//
// Values are stored in parts of 128 (of 64 in Q4_K and Q5_K), a byte having bits of values that are 32 apart. Source:
// ggml-common.h and ggml-quants.c.

func decodeQ2_K(dst []float32, src []byte) {
	values, stored := (*[256]float32)(dst), (*[84]byte)(src)
	shares, quants := stored[:16], stored[16:80]
	d, m := getHalf(stored[80:]), getHalf(stored[82:])
	for g, share := range shares { // groups of 16
		scale, least := d*float32(share&15), m*float32(share>>4)
		q, shift := (*[16]byte)(quants[g/8*32+g%2*16:]), g%8/2*2
		for i, v := range q {
			values[g*16+i] = float32(scale*float32(v>>shift&3)) - least
		}
	}
}

func decodeQ3_K(dst []float32, src []byte) {
	values, stored := (*[256]float32)(dst), (*[110]byte)(src)
	third, quants, shares := stored[:32], stored[32:96], stored[96:108]
	d := getHalf(stored[108:])
	for g := range 16 { // groups of 16
		share := shares[g%8]>>(g/8*4)&15 | shares[8+g%4]>>(g/4*2)&3<<4
		scale := d * float32(int32(share)-32)
		q, h := (*[16]byte)(quants[g/8*32+g%2*16:]), (*[16]byte)(third[g%2*16:])
		shift, bit := g%8/2*2, g/2
		for i, v := range q {
			values[g*16+i] = scale * float32(int32(v>>shift&3|h[i]>>bit&1<<2)-4)
		}
	}
}

// sharesOf gives what group g of 32 values has of the scale and of the minimum, 6 bits each, in Q4_K and Q5_K.
func sharesOf(packed *[12]byte, g int) (scale, least float32) {
	if g < 4 {
		return float32(packed[g] & 63), float32(packed[g+4] & 63)
	}
	return float32(packed[g+4]&15 | packed[g-4]>>6<<4), float32(packed[g+4]>>4 | packed[g]>>6<<4)
}

func decodeQ4_K(dst []float32, src []byte) {
	values, stored := (*[256]float32)(dst), (*[144]byte)(src)
	d, m := getHalf(stored[:]), getHalf(stored[2:])
	for part := range 4 {
		scale, least := sharesOf((*[12]byte)(stored[4:]), 2*part)
		nextScale, nextLeast := sharesOf((*[12]byte)(stored[4:]), 2*part+1)
		scale, least, nextScale, nextLeast = d*scale, m*least, d*nextScale, m*nextLeast
		out := (*[64]float32)(values[part*64:])
		for i, q := range (*[32]byte)(stored[16+part*32:]) {
			out[i] = float32(scale*float32(q&15)) - least
			out[i+32] = float32(nextScale*float32(q>>4)) - nextLeast
		}
	}
}

func decodeQ5_K(dst []float32, src []byte) {
	values, stored := (*[256]float32)(dst), (*[176]byte)(src)
	d, m := getHalf(stored[:]), getHalf(stored[2:])
	fifth := (*[32]byte)(stored[16:])
	for part := range 4 {
		scale, least := sharesOf((*[12]byte)(stored[4:]), 2*part)
		nextScale, nextLeast := sharesOf((*[12]byte)(stored[4:]), 2*part+1)
		scale, least, nextScale, nextLeast = d*scale, m*least, d*nextScale, m*nextLeast
		out := (*[64]float32)(values[part*64:])
		for i, q := range (*[32]byte)(stored[48+part*32:]) {
			h := fifth[i] >> (2 * part)
			out[i] = float32(scale*float32(q&15|h&1<<4)) - least
			out[i+32] = float32(nextScale*float32(q>>4|h&2<<3)) - nextLeast
		}
	}
}

func decodeQ6_K(dst []float32, src []byte) {
	values, stored := (*[256]float32)(dst), (*[210]byte)(src)
	d := getHalf(stored[208:])
	for half := range 2 {
		low, high := (*[64]byte)(stored[half*64:]), (*[32]byte)(stored[128+half*32:])
		var scales [8]float32 // of groups of 16
		for g := range scales {
			scales[g] = d * float32(int8(stored[192+half*8+g]))
		}
		out := (*[128]float32)(values[half*128:])
		for i, h := range high {
			s := (*[7]float32)(scales[i/16:])
			a, b := low[i], low[i+32]
			out[i] = s[0] * float32(int32(a&15|h&3<<4)-32)
			out[i+32] = s[2] * float32(int32(b&15|h>>2&3<<4)-32)
			out[i+64] = s[4] * float32(int32(a>>4|h>>4&3<<4)-32)
			out[i+96] = s[6] * float32(int32(b>>4|h>>6<<4)-32)
		}
	}
}
