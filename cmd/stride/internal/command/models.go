package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/hub"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
)

// modelsCommand is stride models.
type modelsCommand struct{}

// Help is shown below the command's help.
func (modelsCommand) Help() string {
	return `Models in the cache are the .gguf files that stride pull, or the tools of Hugging Face, have brought there. Each is opened by its name, as in: stride chat hf:OWNER/REPO/FILE.`
}

// Run is called by kong.
func (modelsCommand) Run(c *console) error {
	cached, err := hub.DefaultCache().List(".gguf")
	if err != nil {
		return err
	}
	bundled, err := bundledTable()
	if err != nil {
		return err
	}
	if len(cached) == 0 && bundled == "" {
		return fmt.Errorf("this program was built without bundled models, and none was pulled; give the path of a .gguf file instead of a name")
	}
	if len(cached) > 0 && bundled != "" {
		bundled += "\n"
	}
	return writeAll(c.styledOut, bundled+cachedTable(cached))
}

// bundledTable lists the bundled models, "" if there are none.
func bundledTable() (string, error) {
	names := models.Names()
	if len(names) == 0 {
		return "", nil
	}
	rows := [][]string{{"name", "makes", "architecture", "strategies", "parameters", "size", "title"}}
	for _, name := range names {
		info, f, err := inspect(name)
		if err != nil {
			return "", err
		}
		what := makes(info)
		if p := info.Picture; p != nil {
			what = fmt.Sprintf("%dx%d %s", p.Width, p.Height, what)
		}
		switch {
		case f != nil && assists(f):
			what = "judgements"
			if info.Architecture == network.ArchitectureDraft {
				what = "guesses"
			}
		case speaks(info):
			what = info.Sound.Language + " speech"
		}
		architecture := info.Architecture
		if len(info.Stages) > 0 {
			architecture = "pipeline"
		}
		rows = append(rows, []string{name, what, architecture, strings.Join(info.Strategies, ", "), count(info.Parameters), size(info.Bytes), info.Title})
		if f == nil {
			continue
		}
		if err := f.Close(); err != nil {
			return "", err
		}
	}
	return table(rows, 4, 5), nil
}

// cachedTable lists the models in the cache; a file that cannot be read is among
// them, too.
func cachedTable(entries []hub.Entry) string {
	if len(entries) == 0 {
		return ""
	}
	rows := [][]string{{"name", "architecture", "size", "path"}}
	for _, e := range entries {
		architecture := "unreadable"
		if f, err := checkpoint.Open(e.Path); err == nil {
			if a, err := f.String("general.architecture"); err == nil {
				architecture = a
			}
			f.Close()
		}
		rows = append(rows, []string{e.Ref.String(), architecture, size(e.Size), e.Path})
	}
	return table(rows, 2)
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
		return assists(f) || sounds(f)
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

// assists tells a model that generates nothing by itself: a classifier of pictures, a
// recogniser of speech or a draft head.
func assists(f *checkpoint.File) bool {
	architecture, err := f.String("general.architecture")
	return err == nil && slices.Contains([]string{network.ArchitectureClassifier, network.ArchitectureRecogniser, network.ArchitectureDraft}, architecture)
}
