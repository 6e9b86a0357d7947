package quant

import "encoding/binary"

// A packer lays out one block of the file, of row r of a group: src is the block, dst the group's bytes for it. Rows write
// to bytes of their own.

func word(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

func putWord(b []byte, w uint32) { binary.LittleEndian.PutUint32(b, w) }

func packQ4_0(dst, src []byte, r int) {
	copy(dst[2*r:], src[:2])
	copyNibbles(dst[16:], src[2:], r)
}

func packQ4_1(dst, src []byte, r int) {
	packLeast(dst, src, r)
	copyNibbles(dst[32:], src[4:], r)
}

func packQ5_0(dst, src []byte, r int) {
	copy(dst[2*r:], src[:2])
	copyNibbles(dst[16:], src[6:], r)
	putWord(dst[16+128+4*r:], spread(word(src[2:])))
}

func packQ5_1(dst, src []byte, r int) {
	packLeast(dst, src, r)
	copyNibbles(dst[32:], src[8:], r)
	putWord(dst[32+128+4*r:], spread(word(src[4:])))
}

// packLeast takes over a scale and a minimum.
func packLeast(dst, src []byte, r int) {
	copy(dst[2*r:], src[:2])
	copy(dst[16+2*r:], src[2:4])
}

// copyNibbles takes over 16 bytes whose upper halves are the values 16 after the lower: that is the order of the planes.
func copyNibbles(planes, src []byte, r int) {
	for v := range 4 {
		putWord(planes[32*v+4*r:], word(src[4*v:]))
	}
}

// spread puts bit 4q+j into bit q of byte j.
func spread(bits uint32) (w uint32) {
	for q := range 8 {
		w |= (bits >> (4 * q) & 15 * 0x00204081) & 0x01010101 << q
	}
	return w
}

func packQ8_0(dst, src []byte, r int) {
	copy(dst[2*r:], src[:2])
	for q := range 8 {
		putWord(dst[16+32*q+4*r:], word(src[2+4*q:]))
	}
}

// halfSign is the sign of a number in half precision.
const halfSign = 0x80

// packSuper takes over the scales and minima of 8 blocks. Minima are subtracted in the file and added here.
func packSuper(dst, src []byte, r, blockSize int) {
	copy(dst[2*r:], src[:2])
	dst[16+2*r], dst[17+2*r] = src[2], src[3]^halfSign
	packed := src[4:16]
	for s := range superBlocks {
		scale, least := packed[s%4]&63, packed[s%4+4]&63
		if s >= 4 {
			scale = packed[s+4]&15 | packed[s-4]>>6<<4
			least = packed[s+4]>>4 | packed[s]>>6<<4
		}
		b := dst[32+s*blockSize:]
		b[r], b[GroupRows+r] = scale, least
	}
}

// packHalves combines the lower or upper halves of 32 bytes to the planes of a block.
func packHalves(planes, src []byte, shift, r int) {
	for v := range 4 {
		low := word(src[4*v:]) >> shift & 0x0f0f0f0f
		high := word(src[16+4*v:]) >> shift & 0x0f0f0f0f
		putWord(planes[32*v+4*r:], low|high<<4)
	}
}

func packQ4_K(dst, src []byte, r int) {
	const size = 16 + 128
	packSuper(dst, src, r, size)
	for s := range superBlocks {
		packHalves(dst[32+s*size+16:], src[16+32*(s/2):], 4*(s%2), r)
	}
}

func packQ5_K(dst, src []byte, r int) {
	const size = 16 + 128 + 32
	packSuper(dst, src, r, size)
	for s := range superBlocks {
		b := dst[32+s*size:]
		packHalves(b[16:], src[48+32*(s/2):], 4*(s%2), r)
		var high uint32
		for q := range 8 {
			high |= word(src[16+4*q:]) >> s & 0x01010101 << q
		}
		putWord(b[16+128+4*r:], high)
	}
}

func packQ6_K(dst, src []byte, r int) {
	const size = 16 + 128 + 64
	copy(dst[2*r:], src[208:210])
	for s := range superBlocks {
		b := dst[16+s*size:]
		b[r], b[GroupRows+r] = src[192+2*s], src[192+2*s+1]
		n, part := s/4, s%4
		packHalves(b[16:], src[64*n+32*(part%2):], part/2*4, r)
		for h := range 2 {
			var high uint32
			for i := range 4 {
				high |= word(src[128+32*n+16*h+4*i:]) >> (2 * part) & 0x03030303 << (2 * i)
			}
			putWord(b[16+128+32*h+4*r:], high)
		}
	}
}
