package checkpoint

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// WriteFileAtomic makes what write writes the content of the file at path, all of it or nothing, as [CreateAtomic] does.
// Writes are buffered.
func WriteFileAtomic(path string, write func(io.Writer) error) error {
	f, err := CreateAtomic(path)
	if err != nil {
		return err
	}
	defer f.Discard() // also if write panics
	if err := write(f.out); err != nil {
		return explain(path, err)
	}
	return f.Commit()
}

// AtomicFile is a file that is being written and not yet in its place. An [io.Seeker], it can go back to its header.
type AtomicFile struct {
	path, target string
	temp         *os.File
	out          *bufio.Writer
	done         bool
}

// CreateAtomic begins what is to be the file at path, all of it or nothing: it goes to a temporary file in the same
// folder, which [AtomicFile.Commit] forces to the disk and renames. If anything fails, a full disk above all, what was at
// path stays as it was, and [AtomicFile.Discard] removes the temporary file. A file that is replaced passes its permissions
// on; through a symbolic link the file behind it is replaced.
func CreateAtomic(path string) (*AtomicFile, error) {
	target := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	}
	old, err := os.Stat(target)
	switch {
	case err == nil && !old.Mode().IsRegular():
		// A rename would put a file in place of a device or a pipe.
		return nil, fmt.Errorf("write %s: not a regular file", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("write %w", err)
	}
	temp, err := createTemp(target)
	if err != nil {
		return nil, explain(path, err)
	}
	f := &AtomicFile{path: path, target: target, temp: temp, out: bufio.NewWriterSize(temp, 1<<20)}
	if old != nil {
		if err := temp.Chmod(old.Mode().Perm()); err != nil {
			f.Discard()
			return nil, explain(path, err)
		}
	}
	return f, nil
}

// Write appends to the file. Writes are buffered.
func (f *AtomicFile) Write(p []byte) (int, error) {
	n, err := f.out.Write(p)
	if err != nil {
		err = explain(f.path, err)
	}
	return n, err
}

// Seek sets where the next write goes.
func (f *AtomicFile) Seek(offset int64, whence int) (int64, error) {
	if err := f.out.Flush(); err != nil {
		return 0, explain(f.path, err)
	}
	return f.temp.Seek(offset, whence)
}

// Commit puts the file in its place.
func (f *AtomicFile) Commit() error {
	for _, step := range []func() error{f.out.Flush, f.temp.Sync, f.temp.Close} {
		if err := step(); err != nil {
			return explain(f.path, err)
		}
	}
	if err := os.Rename(f.temp.Name(), f.target); err != nil {
		return explain(f.path, err)
	}
	f.done = true
	syncFolder(filepath.Dir(f.target))
	return nil
}

// Discard removes what was written, unless it was committed.
func (f *AtomicFile) Discard() {
	if !f.done {
		f.temp.Close()
		os.Remove(f.temp.Name())
		f.done = true
	}
}

// createTemp makes a new file beside target. Unlike os.CreateTemp it leaves the permissions to the umask, as for any
// file that a person saves.
func createTemp(target string) (*os.File, error) {
	folder, base := filepath.Split(target)
	for try := 0; ; try++ {
		name := filepath.Join(folder, fmt.Sprintf(".%s.%08x.tmp", base, rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err != nil && errors.Is(err, fs.ErrExist) && try < 100 {
			continue
		}
		return f, err
	}
}

// syncFolder makes the new name of a file last through a power failure, where the system can do that. The file itself
// is safe either way, so an error changes nothing.
func syncFolder(folder string) {
	if d, err := os.Open(folder); err == nil {
		_ = d.Sync()
		d.Close()
	}
}

// explain names the file that was meant, not the temporary one, and says in words that a disk is full.
func explain(path string, err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok && diskFull(err) {
		return fmt.Errorf("write %s: the disk is full, the file was left as it was: %w", path, pathErr.Err)
	}
	return fmt.Errorf("write %s: %w", path, err)
}
