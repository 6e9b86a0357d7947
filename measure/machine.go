package measure

import (
	"cmp"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/stride-ml/stride/tensor/kernel"
)

// Machine is where and with what a comparison was made.
type Machine struct {
	Processor    string `json:"processor"` // its name, or its kind where the system does not tell
	Cores        int    `json:"cores"`     // used at once
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Go           string `json:"go"`      // version
	Stride       string `json:"stride"`  // version, and the revision of one that has none
	Kernels      string `json:"kernels"` // "avx2", or "portable" without assembly
	Load         Load   `json:"load"`
}

// ThisMachine describes the machine that the program runs on, its load left out.
func ThisMachine() Machine {
	return Machine{
		Processor: processor(), Cores: runtime.GOMAXPROCS(0), OS: runtime.GOOS, Architecture: runtime.GOARCH,
		Go: runtime.Version(), Stride: version(), Kernels: kernel.Name(),
	}
}

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

// firstField is the value of the first line "key : value" with that key.
func firstField(text, key string) string {
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// version is that of the program, as its build tells.
func version() string {
	version, revision := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = cmp.Or(info.Main.Version, version)
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && version == "(devel)" {
				revision = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return version + revision
}
