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

// WriteFileAtomic makes what write writes the content of the file at path, all of it or nothing: it goes to a
// temporary file in the same folder, which is forced to the disk and then renamed. If anything fails, a full disk
// above all, what was at path stays as it was and the temporary file is removed. Writes are buffered. A file that
// is replaced passes its permissions on; through a symbolic link the file behind it is replaced.
func WriteFileAtomic(path string, write func(io.Writer) error) error {
	target := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	}
	old, err := os.Stat(target)
	switch {
	case err == nil && !old.Mode().IsRegular():
		// A rename would put a file in place of a device or a pipe.
		return fmt.Errorf("write %s: not a regular file", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("write %w", err)
	}
	temp, err := createTemp(target)
	if err != nil {
		return explain(path, err)
	}
	done := false
	defer func() { // also if write panics
		if !done {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	if old != nil {
		if err := temp.Chmod(old.Mode().Perm()); err != nil {
			return explain(path, err)
		}
	}
	buffered := bufio.NewWriterSize(temp, 1<<20)
	if err := write(buffered); err != nil {
		return explain(path, err)
	}
	if err := buffered.Flush(); err != nil {
		return explain(path, err)
	}
	if err := temp.Sync(); err != nil {
		return explain(path, err)
	}
	if err := temp.Close(); err != nil {
		return explain(path, err)
	}
	if err := os.Rename(temp.Name(), target); err != nil {
		return explain(path, err)
	}
	done = true
	syncFolder(filepath.Dir(target))
	return nil
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
