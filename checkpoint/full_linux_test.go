package checkpoint

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestDiskFull runs this test again in a process that may only write small files, which fails as a full disk does: in
// the middle of a write, after some of it.
func TestDiskFull(t *testing.T) {
	const variable = "CHECKPOINT_TEST_FULL"
	if path := os.Getenv(variable); path != "" {
		signal.Ignore(unix.SIGXFSZ)
		must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}))
		b := NewBuilder("test")
		must(t, b.Add("w", F32, []int{1 << 20}, make([]float32, 1<<20)))
		err := b.WriteFile(path)
		if err == nil || !strings.HasPrefix(err.Error(), "write "+path+": the disk is full, the file was left as it was: ") {
			t.Errorf("error is %v", err)
		}
		return
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "model.gguf")
	must(t, os.WriteFile(path, []byte("old"), 0o600))
	again := exec.Command(os.Args[0], "-test.run=^TestDiskFull$")
	again.Env = append(os.Environ(), variable+"="+path)
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	folderHas(t, folder, "model.gguf", "old")
}

// TestDeviceKept holds that a device is never replaced by a file.
func TestDeviceKept(t *testing.T) {
	if err := WriteFileAtomic("/dev/full", func(io.Writer) error { return errors.New("called") }); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("error is %v", err)
	}
}
