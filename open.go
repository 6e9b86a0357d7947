package stride

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// Model generates objects. It is made by [Open], may be used by several
// goroutines at once, and holds memory until Close.
type Model struct {
	pool    *tensor.Pool
	members []*member // the file itself first, then its companions
}

// member is one checkpoint of a model: its file and, once needed, its weights.
type member struct {
	file   *checkpoint.File
	card   card.Card
	format text.Format
	tok    *text.Tokenizer

	load    sync.Once
	loadErr error
	trunk   *network.Trunk       // of a causal network
	masked  *network.MaskedModel // of a masked one

	decoders   freeList[*network.Decoder]
	evaluators freeList[*network.Masked]
}

// Open opens a model by its bundled name, or by the path of a GGUF file. A
// model that names companions for other strategies opens them too, from the
// bundle or from the same folder; one that is absent only lacks those
// strategies. Weights are read when first needed.
//
// It fails with a [*NotFoundError] when there is no such model, and with a
// [*checkpoint.FormatError] that says where when the file is damaged.
func Open(name string) (*Model, error) {
	first, err := openMember(name, "")
	if err != nil {
		return nil, err
	}
	m := &Model{members: []*member{first}}
	folder := ""
	if isPath(name) {
		folder = filepath.Dir(name)
	}
	for _, c := range first.card.Companions {
		other, err := openMember(c, folder)
		if missing := (*NotFoundError)(nil); errors.As(err, &missing) {
			continue
		}
		if err != nil {
			m.closeFiles()
			return nil, err
		}
		m.members = append(m.members, other)
	}
	m.pool = tensor.NewPool(0)
	return m, nil
}

// Close frees the model's memory. No generation may be running.
func (m *Model) Close() error {
	m.pool.Close()
	return m.closeFiles()
}

func (m *Model) closeFiles() error {
	var errs []error
	for _, e := range m.members {
		errs = append(errs, e.file.Close())
	}
	return errors.Join(errs...)
}

// isPath tells a path from a bundled name.
func isPath(name string) bool {
	return strings.HasSuffix(name, ".gguf") || strings.ContainsAny(name, `/\`)
}

// openMember opens one checkpoint. A name that is not bundled is also looked
// for as name.gguf in the given folder.
func openMember(name, folder string) (*member, error) {
	var f *checkpoint.File
	var err error
	if path := filepath.Join(folder, name+".gguf"); folder != "" && exists(path) {
		f, err = checkpoint.Open(path)
	} else if data, ok := models.Data(name); ok {
		f, err = checkpoint.Parse(name, data)
	} else if isPath(name) && exists(name) {
		f, err = checkpoint.Open(name)
	} else {
		return nil, &NotFoundError{Name: name, Near: nearest(name, models.Names()), Known: models.Names()}
	}
	if err != nil {
		return nil, err
	}
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

func newMember(f *checkpoint.File) (*member, error) {
	warm := runtime.GOMAXPROCS(0)
	e := &member{file: f, decoders: newFreeList[*network.Decoder](warm), evaluators: newFreeList[*network.Masked](warm)}
	var err error
	if e.card, err = card.Read(f); err != nil {
		return nil, err
	}
	if e.format, err = text.FormatFromMetadata(f.Value); err != nil {
		return nil, err
	}
	if e.tok, err = text.FromMetadata(f.Value); err != nil {
		return nil, err
	}
	c, err := network.ReadConfig(f)
	if err != nil {
		return nil, err
	}
	can := map[string][]string{network.ArchitectureLlama: {"ar"}, network.ArchitectureLLaDA: {"nar", "refine"}}
	arch, err := f.String("general.architecture")
	if err != nil {
		return nil, err
	}
	if len(e.card.Strategies) == 0 {
		return nil, fmt.Errorf("stride.strategies is empty, want some of %s", strings.Join(can[arch], ", "))
	}
	for _, s := range e.card.Strategies {
		if !slices.Contains(can[arch], s) {
			return nil, fmt.Errorf("stride.strategies has %q, want some of %s, which architecture %s can serve", s, strings.Join(can[arch], ", "), arch)
		}
	}
	if e.tok.Size() != c.Vocab {
		return nil, fmt.Errorf("the tokenizer has %d tokens, the network %d", e.tok.Size(), c.Vocab)
	}
	if e.card.MaxLength == 0 || e.card.MaxLength > c.Context {
		e.card.MaxLength = c.Context
	}
	return e, nil
}

// weights loads the weights once.
func (e *member) weights(pool *tensor.Pool) error {
	e.load.Do(func() {
		if e.serves("ar") {
			e.trunk, e.loadErr = network.ReadDecoder(e.file, pool)
		} else {
			e.masked, e.loadErr = network.ReadMasked(e.file, pool)
		}
	})
	return e.loadErr
}

func (e *member) serves(strategy string) bool { return slices.Contains(e.card.Strategies, strategy) }

// Info describes the model. It reads no weights.
func (m *Model) Info() Info {
	first := m.members[0]
	c, _ := network.ReadConfig(first.file) // was read without error when opened
	arch, _ := first.file.String("general.architecture")
	info := Info{
		Name: first.card.Name, Title: first.card.Title, Architecture: arch, Strategies: m.Strategies(),
		Default: first.card.Strategies[0], Companions: first.card.Companions, Conditions: map[string][]string{},
		Context: c.Context, MaxLength: first.card.MaxLength, Bytes: first.file.Size(),
		Licence: first.card.Licence, Credits: first.card.Credits, Recipe: first.card.Recipe, Results: first.card.Results,
	}
	for _, t := range first.file.Tensors() {
		n := int64(1)
		for _, d := range t.Shape {
			n *= int64(d)
		}
		info.Parameters += n
	}
	for _, c := range first.format.Conditions {
		info.Conditions[c.Name] = c.Values
		for _, lines := range c.Lines {
			info.Acrostic = info.Acrostic || len(lines) > 0
		}
	}
	info.Fill = slices.ContainsFunc(m.members, func(e *member) bool { return e.serves("refine") || e.serves("nar") })
	return info
}

// Strategies lists the strategies that the model and its companions can do.
func (m *Model) Strategies() []string {
	var out []string
	for _, e := range m.members {
		for _, s := range e.card.Strategies {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
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
