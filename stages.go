package stride

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stride-ml/stride/internal/yamlfile"
)

// OpenStages opens models, each by its bundled name or the path of a GGUF file, as
// the pipeline in which each works on what the one before it makes: what [Open]
// does with the file of a pipeline, without a file. It is called as the first of
// them is. Errors are those of Open.
func OpenStages(names ...string) (*Model, error) {
	called := "pipeline"
	if len(names) > 0 {
		base := strings.TrimSuffix(filepath.Base(names[0]), ".gguf")
		if base = strings.ToLower(base); yamlfile.Name.MatchString(base) {
			called = base
		}
	}
	declared := "name: " + strconv.Quote(called) + "\nstages:\n"
	for _, name := range names {
		declared += "  - model: " + strconv.Quote(name) + "\n"
	}
	p, err := openPipeline(called, []byte(declared))
	if err != nil {
		return nil, err
	}
	return newPipeline(p), nil
}

// Stages returns the models of a pipeline in their order, for use by themselves: a
// vocoder, say, on frames that were recorded. They go when the pipeline is closed,
// and are not to be closed themselves. A model by itself has none.
func (m *Model) Stages() []*Model {
	if m.pipeline == nil {
		return nil
	}
	var out []*Model
	for _, s := range m.pipeline.stages {
		out = append(out, s.model)
	}
	return out
}
