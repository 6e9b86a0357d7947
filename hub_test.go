package stride_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/hub"
)

// TestOpenOfTheHub opens a model in the cache by its name on the hub.
func TestOpenOfTheHub(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HF_HUB_CACHE", dir)
	_, err := stride.Open("hf:poets/tiny/tiny.gguf")
	var missing *hub.NotCachedError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "stride pull hf:poets/tiny/tiny.gguf") {
		t.Errorf("got %v, want an error that says to pull it", err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "tiny.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	repo, commit := filepath.Join(dir, "models--poets--tiny"), strings.Repeat("a", 40)
	for path, content := range map[string][]byte{filepath.Join("refs", "main"): []byte(commit), filepath.Join("snapshots", commit, "tiny.gguf"): data} {
		path = filepath.Join(repo, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := open(t, "hf:poets/tiny/tiny.gguf").Info().Name; got != "tiny" {
		t.Errorf("it is %s", got)
	}
}
