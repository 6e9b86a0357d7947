package tensor

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a huge page on amd64 and arm64.
const hugePage = 2 << 20

// NewMemory returns n bytes of zeros, in huge pages if there are such: weights and
// caches are read from end to end for each token, and what the processor fetches
// ahead stops at the end of a page. A program takes no more of it than it touches,
// in whole pages.
func NewMemory(n int) []byte {
	if n < hugePage {
		return make([]byte, n)
	}
	size := (n + hugePage - 1) &^ (hugePage - 1)
	b := make([]byte, size+hugePage)
	from := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (hugePage - 1))
	b = b[from : from+size]
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE) // that it fails changes only the speed
	return b[:n:n]
}
