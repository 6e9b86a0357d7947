package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
)

// modelsCommand is stride models.
type modelsCommand struct{}

// Run is called by kong.
func (modelsCommand) Run(c *console) error {
	names := models.Names()
	if len(names) == 0 {
		return fmt.Errorf("this program was built without bundled models; give the path of a .gguf file instead of a name")
	}
	rows := [][]string{{"name", "makes", "strategies", "parameters", "size", "title"}}
	for _, name := range names {
		info, f, err := inspect(name)
		if err != nil {
			return err
		}
		what := makes(info)
		if p := info.Picture; p != nil {
			what = fmt.Sprintf("%dx%d %s", p.Width, p.Height, what)
		}
		switch {
		case f != nil && judges(f):
			what = "judgements"
		case speaks(info):
			what = info.Sound.Language + " speech"
		}
		rows = append(rows, []string{name, what, strings.Join(info.Strategies, ", "), count(info.Parameters), size(info.Bytes), info.Title})
		if f == nil {
			continue
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return writeAll(c.styledOut, table(rows, 3, 4))
}

// generators lists the bundled models that make texts and pictures: those with
// elements to count. Of models of sound and pipelines voices tells.
func generators() []string {
	return slices.DeleteFunc(models.Names(), func(name string) bool {
		f, err := openFile(name)
		if err != nil {
			return isPipeline(name) // else it is told when the model is opened
		}
		defer f.Close()
		return judges(f) || sounds(f)
	})
}

// isPipeline tells a name that stands for a pipeline of models.
func isPipeline(name string) bool {
	m, err := stride.Open(name)
	if err != nil {
		return false
	}
	defer m.Close()
	return len(m.Info().Stages) > 0
}

// judges tells a model that only judges: a classifier of pictures or a recogniser
// of speech.
func judges(f *checkpoint.File) bool {
	architecture, err := f.String("general.architecture")
	return err == nil && slices.Contains([]string{network.ArchitectureClassifier, network.ArchitectureRecogniser}, architecture)
}
