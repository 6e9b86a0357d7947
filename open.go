package stride

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/hub"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/tensor"
)

// Model generates objects. It is made by [Open], may be used by several
// goroutines at once, and holds memory until Close.
type Model struct {
	pool     *tensor.Pool
	members  []*member // the file itself first, then its companions; of a pipeline those of its first stage
	pipeline *pipeline // nil for a model by itself
}

// Open opens a model by its bundled name, or by the path of a GGUF file. A
// model that names companions for other strategies opens them too, from the
// bundle or from the same folder; one that is absent only lacks those
// strategies. Weights are read when first needed.
//
// A name or the path of a YAML file may also stand for a pipeline, a cascade of
// models whose stages it declares: docs/file-format.md says how. It is used as a
// model is.
//
// The name hf:OWNER/REPO/FILE, or hf:OWNER/REPO@REVISION/FILE, stands for a file
// that was pulled from a hub into the cache of its tools ([hub.Client.Pull]).
//
// It fails with a [*NotFoundError] when there is no such model, with a
// [*hub.NotCachedError] when it has to be pulled before, with a
// [*checkpoint.FormatError] that says where when the file is damaged, and with a
// [*PipelineError] that says where when a pipeline cannot be.
func Open(name string) (*Model, error) {
	name, err := hub.Locate(name)
	if err != nil {
		return nil, err
	}
	data, err := pipelineData(name)
	if err != nil {
		return nil, err
	}
	if data != nil {
		p, err := openPipeline(name, data)
		if err != nil {
			return nil, err
		}
		return newPipeline(p), nil
	}
	folder := ""
	if isPath(name) {
		folder = filepath.Dir(name)
	}
	m := &Model{}
	if m.members, err = openMembers(name, "", folder); err != nil {
		return nil, err
	}
	m.usePool(tensor.NewPool(0))
	return m, nil
}

// newPipeline is the model that an opened pipeline is used as.
func newPipeline(p *pipeline) *Model {
	m := &Model{pipeline: p, members: p.stages[0].model.members}
	m.usePool(tensor.NewPool(0))
	return m
}

// usePool lets all networks of the model share workers.
func (m *Model) usePool(pool *tensor.Pool) {
	m.pool = pool
	if m.pipeline != nil {
		for _, s := range m.pipeline.stages {
			s.model.usePool(pool)
		}
	}
}

// openMembers opens a model, which may lie in the folder beside, and its
// companions, which may lie in theirs.
func openMembers(name, beside, companions string) ([]*member, error) {
	first, err := openMember(name, beside)
	if err != nil {
		return nil, err
	}
	members := []*member{first}
	for _, c := range first.card.Companions {
		other, err := openMember(c, companions)
		if missing := (*NotFoundError)(nil); errors.As(err, &missing) {
			continue
		}
		if err == nil {
			members = append(members, other)
			err = first.checkCompanion(other)
		}
		if err != nil {
			closeFiles(members)
			return nil, err
		}
	}
	return members, nil
}

// Close frees the model's memory. No generation may be running.
func (m *Model) Close() error {
	m.pool.Close()
	return m.closeFiles()
}

func (m *Model) closeFiles() error {
	if m.pipeline == nil {
		return closeFiles(m.members)
	}
	var errs []error
	for _, s := range m.pipeline.stages {
		errs = append(errs, s.model.closeFiles())
	}
	return errors.Join(errs...)
}

func closeFiles(members []*member) error {
	var errs []error
	for _, e := range members {
		if text, ok := e.engine.(*causal); ok {
			errs = append(errs, text.drafts.close()...)
		}
		errs = append(errs, e.file.Close())
	}
	return errors.Join(errs...)
}

// isPath tells a path from a bundled name.
func isPath(name string) bool {
	return strings.HasSuffix(name, ".gguf") || declares(name) || strings.ContainsAny(name, `/\`)
}

// openFile opens a checkpoint. A name that is not bundled is also looked for as
// name.gguf in the given folder.
func openFile(name, folder string) (*checkpoint.File, error) {
	if path := filepath.Join(folder, name+".gguf"); folder != "" && exists(path) {
		return checkpoint.Open(path)
	}
	if data, ok := models.Data(name); ok {
		return checkpoint.Parse(name, data)
	}
	if isPath(name) && exists(name) {
		return checkpoint.Open(name)
	}
	return nil, &NotFoundError{Name: name, Near: nearest(name, models.Names()), Known: models.Names()}
}

// openMember opens one checkpoint, of a name as openFile has it.
func openMember(name, folder string) (*member, error) {
	f, err := openFile(name, folder)
	if err != nil {
		return nil, err
	}
	return memberOf(f)
}

// memberOf is what a file holds, which is closed if it cannot be used.
func memberOf(f *checkpoint.File) (*member, error) {
	e, err := newMember(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return e, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// nearest returns the names within a few edits of a mistyped one, best first.
func nearest(name string, known []string) []string {
	name = strings.ToLower(strings.TrimSuffix(filepath.Base(name), ".gguf"))
	type scored struct {
		name string
		d    int
	}
	var near []scored
	for _, k := range known {
		if d := editDistance(name, k); d <= max(2, len(k)/3) || strings.HasPrefix(k, name) {
			near = append(near, scored{k, d})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return a.d - b.d })
	var out []string
	for _, s := range near[:min(3, len(near))] {
		out = append(out, s.name)
	}
	return out
}

// editDistance is the Levenshtein distance in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
