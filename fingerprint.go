package stride

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride/checkpoint"
)

// Fingerprint is a text that differs where any of the model's files does, those of
// companions and of all stages of a pipeline included. What was measured of a model
// is kept under it. It reads at most 32 MiB of each file, and fails if that cannot
// be read.
func (m *Model) Fingerprint() (string, error) {
	var prints []string
	for _, f := range m.files() {
		p, err := f.Fingerprint()
		if err != nil {
			return "", err
		}
		prints = append(prints, p)
	}
	slices.Sort(prints) // it matters not by which of its companions a model is called
	if m.pipeline != nil {
		prints = append(prints, m.pipeline.declared)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(prints, "\n"))))[:32], nil
}

// files are those of all members, of a pipeline of all stages.
func (m *Model) files() []*checkpoint.File {
	var out []*checkpoint.File
	if m.pipeline != nil {
		for _, s := range m.pipeline.stages {
			out = append(out, s.model.files()...)
		}
		return out
	}
	for _, e := range m.members {
		out = append(out, e.file)
	}
	return out
}
