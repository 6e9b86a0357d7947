package checkpoint

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folderHas holds that a folder has one file, of the given content: nothing temporary is left.
func folderHas(t *testing.T, folder, name, content string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	if len(entries) != 1 || entries[0].Name() != name {
		t.Errorf("the folder has %v, want only %s", entries, name)
	}
	if got, err := os.ReadFile(filepath.Join(folder, name)); string(got) != content || err != nil {
		t.Errorf("%s has %q, %v, want %q", name, got, err, content)
	}
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestWriteFileAtomic(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	must(t, WriteFileAtomic(path, text("first")))
	folderHas(t, folder, "a.txt", "first")
	must(t, os.Chmod(path, 0o640))
	must(t, WriteFileAtomic(path, text("second")))
	folderHas(t, folder, "a.txt", "second")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o700 != 0o600 || info.Mode().Perm()&0o007 == 0o004 && os.PathSeparator == '/' {
		t.Errorf("mode is %v, %v, want that of the file replaced", info.Mode(), err)
	}

	broken := errors.New("broken")
	err := WriteFileAtomic(path, func(w io.Writer) error {
		_, _ = w.Write(make([]byte, 3<<20)) // more than the buffer
		return broken
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v, want the writer's, with the path", err)
	}
	folderHas(t, folder, "a.txt", "second")

	func() {
		defer func() { _ = recover() }()
		_ = WriteFileAtomic(path, func(io.Writer) error { panic("writer") })
	}()
	folderHas(t, folder, "a.txt", "second")

	if err := WriteFileAtomic(folder, text("x")); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("writing to a folder gives %v", err)
	}
	if err := WriteFileAtomic(filepath.Join(folder, "none", "a"), text("x")); err == nil {
		t.Error("writing into a missing folder succeeds")
	}
}

// TestAtomicFile goes back to a header, and shows nothing before all is there.
func TestAtomicFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a.txt")
	must(t, WriteFileAtomic(path, text("before")))
	for _, commit := range []bool{false, true} {
		f, err := CreateAtomic(path)
		must(t, err)
		must(t, text("size ? of all that follows")(f))
		at, err := f.Seek(5, io.SeekStart)
		must(t, err)
		must(t, text("9")(f))
		if end, err := f.Seek(0, io.SeekEnd); at != 5 || end != 26 || err != nil {
			t.Errorf("at %d of %d, %v", at, end, err)
		}
		if got, err := os.ReadFile(path); string(got) != "before" || err != nil {
			t.Errorf("the file already has %q, %v", got, err)
		}
		if !commit {
			f.Discard()
			folderHas(t, folder, "a.txt", "before")
			continue
		}
		must(t, f.Commit())
		f.Discard()
		folderHas(t, folder, "a.txt", "size 9 of all that follows")
	}
}

func TestWriteFileAtomicLink(t *testing.T) {
	folder, elsewhere := t.TempDir(), t.TempDir()
	target, link := filepath.Join(folder, "a.txt"), filepath.Join(elsewhere, "link")
	must(t, os.WriteFile(target, []byte("old"), 0o600))
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here")
	}
	must(t, WriteFileAtomic(link, text("new")))
	folderHas(t, folder, "a.txt", "new")
	folderHas(t, elsewhere, "link", "new")
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
}

// limited takes some bytes and then fails, as a disk does that becomes full.
type limited struct{ left int }

var errFull = errors.New("full")

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

// TestWriteToFull lets writing fail at each byte of a file.
func TestWriteToFull(t *testing.T) {
	b := NewBuilder("test")
	must(t, b.Set("k", []string{"a", "b"}))
	must(t, b.Add("w", F32, []int{3}, []float32{1, 2, 3}))
	must(t, b.Add("v", F16, []int{3}, []float32{1, 2, 3}))
	var whole bytes.Buffer
	_, err := b.WriteTo(&whole)
	must(t, err)
	for room := range whole.Len() {
		n, err := b.WriteTo(&limited{left: room})
		if !errors.Is(err, errFull) || n != int64(room) {
			t.Fatalf("with room for %d bytes: %d written, %v", room, n, err)
		}
	}
	if n, err := b.WriteTo(&limited{left: whole.Len()}); err != nil || n != int64(whole.Len()) {
		t.Errorf("with just enough room: %d written, %v", n, err)
	}
}
