package command

import (
	"fmt"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/models"
)

// modelsCommand is stride models.
type modelsCommand struct{}

// Run is called by kong.
func (modelsCommand) Run(c *console) error {
	names := models.Names()
	if len(names) == 0 {
		return fmt.Errorf("this program was built without bundled models; give the path of a .gguf file instead of a name")
	}
	rows := [][]string{{"name", "strategies", "parameters", "size", "title"}}
	for _, name := range names {
		m, err := stride.Open(name)
		if err != nil {
			return err
		}
		info := m.Info()
		if err := m.Close(); err != nil {
			return err
		}
		rows = append(rows, []string{name, strings.Join(info.Strategies, ", "), count(info.Parameters), size(info.Bytes), info.Title})
	}
	return writeAll(c.styledOut, table(rows, 2, 3))
}
