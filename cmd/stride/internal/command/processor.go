package command

import (
	"cmp"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// processor is the name of the processor, or of its kind where the system does
// not tell.
func processor() string {
	name := ""
	switch runtime.GOOS {
	case "linux":
		if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
			name = firstField(string(info), "model name")
		}
	case "darwin":
		if out, err := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
			name = strings.TrimSpace(string(out))
		}
	case "windows":
		name = os.Getenv("PROCESSOR_IDENTIFIER")
	}
	return cmp.Or(name, "a processor of kind "+runtime.GOARCH)
}
