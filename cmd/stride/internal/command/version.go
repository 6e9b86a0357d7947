package command

import (
	"fmt"

	"github.com/stride-ml/stride/measure"
)

// versionCommand is stride version.
type versionCommand struct{}

// Run is called by kong.
func (versionCommand) Run(c *console) error {
	m := measure.ThisMachine()
	return writeAll(c.out, fmt.Sprintf("stride %s, %s, %s/%s, kernels: %s\n", m.Stride, m.Go, m.OS, m.Architecture, m.Kernels))
}
