package command

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/stride-ml/stride/tensor/kernel"
)

// versionCommand is stride version.
type versionCommand struct{}

// Run is called by kong.
func (versionCommand) Run(c *console) error {
	version, revision := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && version == "(devel)" {
				revision = " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return writeAll(c.out, fmt.Sprintf("stride %s%s, %s, %s/%s, kernels: %s\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH, kernel.Name()))
}
