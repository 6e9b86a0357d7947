package tour

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/stride-ml/stride/checkpoint"
)

const (
	indexName = "index.html"
	tourName  = "tour.json" // that a folder is of a tour, and what is in it
	madeBy    = "stride demo"
)

// tourFile is what stands in the file tourName.
type tourFile struct {
	MadeBy   string   `json:"made_by"`
	Finished bool     `json:"finished"`
	Seed     uint64   `json:"seed"`
	Language string   `json:"language"`
	Creature string   `json:"creature"`
	Files    []string `json:"files"`
	Rows     []Row    `json:"objects"`
}

// FolderError says that a folder is not one that a tour may write to.
type FolderError struct {
	Dir   string
	Other string // a file or folder in it that no tour made, "" where it is no folder itself
}

// Error says what may be done.
func (e *FolderError) Error() string {
	if e.Other == "" {
		return fmt.Sprintf("%s is a file, want a folder", e.Dir)
	}
	return fmt.Sprintf("%s holds %s, which no tour made; want a new folder, an empty one or that of a former tour", e.Dir, e.Other)
}

// file is a file of a tour.
type file struct {
	name string
	data []byte
}

// folder is the folder that a tour writes to.
type folder struct {
	dir   string
	files []string // written
}

// openFolder makes the folder ready, without the files of a former tour. What
// else there is stays, and is only allowed where force is set.
func openFolder(dir string, force bool) (*folder, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &folder{dir: dir}, os.MkdirAll(dir, 0o777)
	case err != nil:
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return nil, &FolderError{Dir: dir}
		}
		return nil, err
	}
	former, is := readTour(dir)
	switch {
	case is:
		err = removeFormer(dir, former)
	case len(entries) > 0 && !force:
		return nil, &FolderError{Dir: dir, Other: entries[0].Name()}
	}
	return &folder{dir: dir}, err
}

// readTour reads what a former tour left in the folder, false if none did.
func readTour(dir string) (tourFile, bool) {
	var t tourFile
	data, err := os.ReadFile(filepath.Join(dir, tourName))
	return t, err == nil && json.Unmarshal(data, &t) == nil && t.MadeBy == madeBy
}

// removeFormer removes the files of a former tour, none outside its folder, and
// at last the one that says so.
func removeFormer(dir string, t tourFile) error {
	for _, name := range append(t.Files, tourName) {
		if name != filepath.Base(name) || !filepath.IsLocal(name) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// write writes a file, all or nothing.
func (f *folder) write(x file) error {
	err := checkpoint.WriteFileAtomic(filepath.Join(f.dir, x.name), func(w io.Writer) error {
		_, err := w.Write(x.data)
		return err
	})
	if err != nil {
		return err
	}
	if !slices.Contains(f.files, x.name) {
		f.files = append(f.files, x.name)
	}
	return nil
}
