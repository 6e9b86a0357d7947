package memory

import (
	"os"
	"strconv"
	"strings"
)

// Available is how many bytes a program can still take before the machine, or the
// container, runs out of memory; ok is false where that is not known.
func Available() (bytes int64, ok bool) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	defer f.Close()
	bytes, ok = parse(f)
	// A container may have less than its machine. What is taken of it includes the
	// cache of files, so that only the limit itself is a sure bound.
	limit, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if n, wrong := strconv.ParseInt(strings.TrimSpace(string(limit)), 10, 64); err == nil && wrong == nil && ok {
		bytes = min(bytes, n)
	}
	return bytes, ok
}
