package calibrate

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/measure"
)

// Format is the version of the files: those of another are measured anew.
const Format = 1

// Store is a folder of calibrations: of each model and machine a file, and of each
// model one of its quality, which is the same on any machine.
type Store struct{ Dir string }

// DefaultStore is stride/calibration in XDG_CACHE_HOME or, where that is not set, in
// the system's folder for caches ([os.UserCacheDir]). It fails where there is none.
func DefaultStore() (Store, error) {
	dir := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(dir) {
		var err error
		if dir, err = os.UserCacheDir(); err != nil {
			return Store{}, fmt.Errorf("calibration: no folder for caches: %w", err)
		}
	}
	return Store{filepath.Join(dir, "stride", "calibration")}, nil
}

// StaleError says that a file of the store cannot be used: it is damaged, or of
// another format.
type StaleError struct {
	Path string
	Err  error
}

// Error names the file and what is wrong.
func (e *StaleError) Error() string { return fmt.Sprintf("calibration %s: %v", e.Path, e.Err) }

func (e *StaleError) Unwrap() error { return e.Err }

// key is what times depend on: the model's files, the processor, how much of it is
// used, and the code.
func key(fingerprint string, m measure.Machine) string {
	all := strings.Join([]string{fingerprint, m.Processor, fmt.Sprint(m.Cores), m.OS, m.Architecture, m.Go, m.Stride, m.Kernels}, "\n")
	return fmt.Sprintf("%x", sha256.Sum256([]byte(all)))[:16]
}

// Path is the file of a calibration.
func (s Store) Path(model, fingerprint string, m measure.Machine) string {
	return filepath.Join(s.Dir, plain(model)+"-"+key(fingerprint, m)+".json")
}

func (s Store) qualityPath(model, fingerprint string) string {
	return filepath.Join(s.Dir, plain(model)+"-"+fingerprint[:min(16, len(fingerprint))]+".quality.json")
}

// plain is a name without what files cannot be called.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
}

// Load reads the calibration of a model on this machine, and its quality: measured
// before, or bundled. Without a file the error is [fs.ErrNotExist], of one that cannot be used
// a [*StaleError].
func (s Store) Load(m *stride.Model) (*Calibration, error) {
	fingerprint, err := m.Fingerprint()
	if err != nil {
		return nil, err
	}
	return s.load(m.Info(), fingerprint, measure.ThisMachine())
}

func (s Store) load(info stride.Info, fingerprint string, machine measure.Machine) (*Calibration, error) {
	c := &Calibration{}
	path := s.Path(info.Name, fingerprint, machine)
	if err := read(path, c); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, &StaleError{path, err}
	}
	q, err := s.quality(info, fingerprint, c.settings())
	if err != nil {
		return nil, err
	}
	c.SetQuality(q)
	return c, nil
}

// settings are those of the entries.
func (c *Calibration) settings() []Setting {
	var out []Setting
	for _, e := range c.Entries {
		out = append(out, e.Setting)
	}
	return out
}

// quality is the best known of a model: by data that a person gave, bundled, or
// what the model says itself. A file that cannot be used is told in it.
func (s Store) quality(info stride.Info, fingerprint string, settings []Setting) (Quality, error) {
	var kept Quality
	path := s.qualityPath(info.Name, fingerprint)
	err := read(path, &kept)
	if err == nil && kept.Format != Format {
		err = &StaleError{path, fmt.Errorf("format %d, want %d", kept.Format, Format)}
	}
	var stale *StaleError
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.As(err, &stale) {
		return kept, err
	}
	if err == nil && kept.From == FromData {
		return kept, nil
	}
	best, ok := bundled(fingerprint)
	switch {
	case ok:
	case err == nil:
		best = kept
	default:
		best = unmeasured(info, fingerprint, settings)
	}
	best.Stale = stale
	return best, nil
}

// Quality is the best known of a model, as [Store.Load] has it.
func (s Store) Quality(m *stride.Model) (Quality, error) {
	fingerprint, err := m.Fingerprint()
	if err != nil {
		return Quality{}, err
	}
	settings, err := settingsOf(m.Info())
	if err != nil {
		return Quality{}, err
	}
	return s.quality(m.Info(), fingerprint, settings)
}

// Save keeps a calibration, without its quality.
func (s Store) Save(c *Calibration) error {
	return s.write(s.Path(c.Model, c.Fingerprint, c.Machine), c)
}

// SaveQuality keeps the quality of a model.
func (s Store) SaveQuality(q Quality) error {
	return s.write(s.qualityPath(q.Model, q.Fingerprint), q)
}

func (s Store) write(path string, v any) error {
	if err := os.MkdirAll(s.Dir, 0o777); err != nil {
		return fmt.Errorf("calibration: %w", err)
	}
	return write(path, v)
}

// write writes a file, all or nothing.
func write(path string, v any) error {
	return checkpoint.WriteFileAtomic(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(v)
	})
}

// read reads a file.
func read(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("calibration: %w", err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return &StaleError{path, err}
	}
	return nil
}
