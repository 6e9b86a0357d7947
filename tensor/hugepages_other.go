//go:build !linux

package tensor

// NewMemory returns n bytes of zeros. Whether in huge pages, the system decides.
func NewMemory(n int) []byte { return make([]byte, n) }
