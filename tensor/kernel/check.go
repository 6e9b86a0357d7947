package kernel

import "fmt"

// panicf reports a programmer's error: the callers of this package compute every length and stride themselves.
func panicf(format string, args ...any) {
	panic("kernel: " + fmt.Sprintf(format, args...))
}

// checkLen panics unless the slice called name of length n holds at least want floats: assembly checks no bounds.
func checkLen(kernel, name string, n, want int) {
	if n < want {
		panicf("%s: %s holds %d floats, want at least %d", kernel, name, n, want)
	}
}

// checkStride panics on a negative stride, whose lowest address checkLen would not see.
func checkStride(kernel, name string, row, col int) {
	if row < 0 || col < 0 {
		panicf("%s: strides %d, %d of %s are negative", kernel, row, col, name)
	}
}

// checkRows panics unless rows holds n rows of width floats, stride floats apart.
func checkRows(kernel string, rows []float32, stride, n, width int) {
	if n > 0 && width > 0 {
		checkStride(kernel, "rows", stride, 1)
		checkLen(kernel, "rows", len(rows), (n-1)*stride+width)
	}
}
