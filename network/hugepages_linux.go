package network

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a huge page on amd64 and arm64.
const hugePage = 2 << 20

// adviseHuge asks for huge pages: weights are read from end to end for each token,
// and what fetches ahead stops at the end of a page. It is advice only.
func adviseHuge(b []byte) {
	from := -uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (hugePage - 1)
	if n := (len(b) - int(from)) &^ (hugePage - 1); n > 0 {
		_ = unix.Madvise(b[from:int(from)+n], unix.MADV_HUGEPAGE)
	}
}
