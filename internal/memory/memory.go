// Package memory says how much of it a program can still take.
package memory

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// parse reads the line of /proc/meminfo that tells what is available: what is free
// and what the system would give back, such as its cache of files.
func parse(r io.Reader) (bytes int64, ok bool) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		rest, found := strings.CutPrefix(lines.Text(), "MemAvailable:")
		if !found {
			continue
		}
		if n, _ := fmt.Sscanf(rest, "%d kB", &bytes); n == 1 && bytes >= 0 && bytes < 1<<52 {
			return bytes << 10, true
		}
		return 0, false
	}
	return 0, false
}
