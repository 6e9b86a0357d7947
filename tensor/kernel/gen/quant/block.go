package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/stride-ml/stride/tensor/kernel/gen/words"
)

// headerSize is that of a superblock: 8 scales in half precision and, where there are, 8 minima.
func (t *tile) headerSize() int {
	if t.least {
		return 32
	}
	return 16
}

// planesAt is where the planes of a block begin, after its scales and minima.
func (t *tile) planesAt() int {
	if t.least && !t.super {
		return 32
	}
	return 16
}

func (t *tile) blockSize() int {
	if t.signed {
		return t.planesAt() + 256
	}
	return t.planesAt() + 128 + 32*t.high
}

// ahead is how far before its use a block is fetched from memory.
const ahead = 2048

// block adds the products of one block of 32 values and moves on to the next.
func (t *tile) block() {
	for line := 0; line < t.blockSize(); line += 64 {
		PREFETCHT0(t.weights(ahead + line))
	}
	switch {
	case t.signed:
		t.bytes()
		t.finish(0, true)
	case t.high == 0:
		t.nibbles()
		t.finish(0, true)
	default:
		for half := range 2 {
			t.highNibbles(half)
			t.finish(half, half == 1)
		}
	}
	ADDQ(U32(uint32(t.blockSize())), t.w)
	t.x.advance(recordSize)
}

// nibbles takes quads v and v+4 from vector v. Eight products of 15 and 127, two to a sum, stay below 1<<15.
func (t *tile) nibbles() {
	for v := range 4 {
		low, high := YMM(), YMM()
		VMOVDQU(t.weights(t.planesAt()+32*v), low)
		VPSRLW(Imm(4), low, high)
		VPAND(t.mask, low, low)
		VPAND(t.mask, high, high)
		t.add(low, v, v == 0)
		t.add(high, v+4, false)
	}
}

// bytes takes quad q from vector q. The instruction for products of bytes wants one side without a sign: it gets the
// magnitudes of the weights, and the activations their signs.
func (t *tile) bytes() {
	for q := range 8 {
		w, magnitude := YMM(), YMM()
		VMOVDQU(t.weights(t.planesAt()+32*q), w)
		VPABSB(w, magnitude)
		for r, sum := range t.sums {
			x := YMM()
			VPBROADCASTD(t.x.at(r, 4*q), x)
			VPSIGNB(w, x, x)
			VPMADDUBSW(x, magnitude, x)
			if q == 0 {
				VPMADDWD(t.mask, x, sum)
				continue
			}
			VPMADDWD(t.mask, x, x)
			VPADDD(x, sum, sum)
		}
	}
}

// highNibbles takes the four quads of one half of a block. With 5 bits a half fits sums of 16 bits, with 6 bits two quads
// do, which are then added up in 32 bits.
func (t *tile) highNibbles(half int) {
	if t.high == 1 {
		for i := range 4 {
			t.add(t.highQuad(half, i), 4*half+i, i == 0)
		}
		return
	}
	for i := 0; i < 4; i += 2 {
		first, second := t.highQuad(half, i), t.highQuad(half, i+1)
		for r := range t.rows {
			x, y := YMM(), YMM()
			VPBROADCASTD(t.x.at(r, 4*(4*half+i)), x)
			VPBROADCASTD(t.x.at(r, 4*(4*half+i+1)), y)
			VPMADDUBSW(x, first, x)
			VPMADDUBSW(y, second, y)
			VPADDW(y, x, x)
			if i == 0 {
				VPMADDWD(words.Eight("ones", 0x00010001), x, t.sums[r])
				continue
			}
			VPMADDWD(words.Eight("ones", 0x00010001), x, x)
			VPADDD(x, t.sums[r], t.sums[r])
		}
	}
}

// highQuad returns quad i of a half, with its high bits.
func (t *tile) highQuad(half, i int) reg.VecVirtual {
	u, bits := YMM(), YMM()
	VMOVDQU(t.weights(t.planesAt()+32*i), u)
	if half == 1 {
		VPSRLW(Imm(4), u, u)
	}
	VPAND(t.mask, u, u)
	vector, from := 0, 4*half+i // the bit that is to become bit 4
	mask := words.Eight("sixteens", 0x10101010)
	if t.high == 2 {
		vector, from = half, 2*i
		mask = words.Eight("fortyeights", 0x30303030)
	}
	VMOVDQU(t.weights(t.planesAt()+128+32*vector), bits)
	switch {
	case from < 4:
		VPSLLW(Imm(uint64(4-from)), bits, bits)
	case from > 4:
		VPSRLW(Imm(uint64(from-4)), bits, bits)
	}
	VPAND(mask, bits, bits)
	VPOR(bits, u, u)
	return u
}

// add adds the products of a quad of weights to the sums of all rows.
func (t *tile) add(u reg.VecVirtual, quad int, fresh bool) {
	for r := range t.rows {
		x := YMM()
		VPBROADCASTD(t.x.at(r, 4*quad), x)
		if fresh {
			VPMADDUBSW(x, u, t.sums[r])
			continue
		}
		VPMADDUBSW(x, u, x)
		VPADDW(x, t.sums[r], t.sums[r])
	}
}

// scale returns the 8 scales of a block or of one half, which stand at w, or its minima.
func (t *tile) scale(disp, header int, signed bool) reg.VecVirtual {
	s := YMM()
	if !t.super {
		VCVTPH2PS(t.weights(disp), s)
		return s
	}
	if signed {
		VPMOVSXBD(t.weights(disp), s)
	} else {
		VPMOVZXBD(t.weights(disp), s)
	}
	VCVTDQ2PS(s, s)
	whole := YMM()
	VCVTPH2PS(Mem{Base: t.header, Disp: header}, whole)
	VMULPS(whole, s, s)
	return s
}

// finish adds the sums, scaled, to the results.
func (t *tile) finish(half int, last bool) {
	disp := 0
	if t.halves {
		disp = 8 * half
	}
	s := t.scale(disp, 0, t.halves)
	for r, sum := range t.sums {
		if t.high < 2 && !t.signed {
			VPMADDWD(words.Eight("ones", 0x00010001), sum, sum)
		}
		x := YMM()
		if t.offset != 0 && (t.halves || last) {
			at := t.offset
			if t.halves {
				at += 4 * half
			}
			VPBROADCASTD(t.x.at(r, at), x)
			VPADDD(x, sum, sum)
		}
		VCVTDQ2PS(sum, sum)
		VBROADCASTSS(t.x.at(r, atScale), x)
		VMULPS(s, x, x)
		t.gather(r, x, sum)
	}
	if !t.least || !last {
		return
	}
	m := t.least8()
	for r := range t.rows {
		x := YMM()
		VBROADCASTSS(t.x.at(r, atSum), x)
		t.gather(r, m, x)
	}
}

func (t *tile) least8() reg.VecVirtual {
	if t.super {
		return t.scale(8, 16, false)
	}
	return t.scale(16, 0, false)
}
