package memory

import (
	"math"

	"golang.org/x/sys/unix"
)

// Available is how many bytes the machine has in all, which bounds what a program
// can take: the system moves and compresses too much for a closer figure.
func Available() (bytes int64, ok bool) {
	n, err := unix.SysctlUint64("hw.memsize")
	return int64(min(n, math.MaxInt64)), err == nil
}
