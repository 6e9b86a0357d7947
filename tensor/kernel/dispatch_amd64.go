//go:build !noasm

package kernel

import (
	"os"

	"golang.org/x/sys/cpu"
)

var accelerated = cpu.X86.HasAVX2 && cpu.X86.HasFMA && os.Getenv("STRIDE_NOASM") != "1"

// Accelerated reports whether the kernels run as assembly. It is false on other processors than amd64 with AVX2 and FMA,
// under the build tag noasm, and when the environment variable STRIDE_NOASM is set to 1.
func Accelerated() bool { return accelerated }

// Name returns the implementation in use: "avx2" or "portable".
func Name() string {
	if accelerated {
		return "avx2"
	}
	return "portable"
}
