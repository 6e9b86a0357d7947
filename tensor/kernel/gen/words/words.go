// Package words holds constants of generated kernels in read-only memory.
package words

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

var known = map[string]Mem{}

// Eight returns 8 copies of a 32-bit word, once for each name.
func Eight(name string, word uint32) Mem {
	m, ok := known[name]
	if !ok {
		m = GLOBL(name, RODATA|NOPTR)
		for i := range 8 {
			DATA(4*i, U32(word))
		}
		known[name] = m
	}
	return m
}
