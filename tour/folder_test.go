package tour

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for name, text := range map[string]string{
		"other/novel.txt":      "mine",
		"like/tour.json":       `{"made_by": "somebody"}`,
		"novel.txt":            "mine",
		"former/sub/novel.txt": "mine",
		"former/poem-ar.txt":   "old",
		"former/tour.json":     `{"made_by": "stride demo", "files": ["poem-ar.txt", "gone.txt", "../novel.txt", "sub/novel.txt", "..", "", "/etc/passwd"]}`,
	} {
		if err := os.MkdirAll(filepath.Dir(path(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path(name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"other":     "holds novel.txt, which no tour made",
		"like":      "holds tour.json, which no tour made",
		"novel.txt": "is a file, want a folder",
	} {
		_, err := openFolder(path(name), false)
		var refused *FolderError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if _, err := openFolder(path("other"), true); err != nil {
		t.Errorf("by force: %v", err)
	}
	for _, name := range []string{"new/deeper", "former"} {
		if _, err := openFolder(path(name), false); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]bool{
		"other/novel.txt": true, "novel.txt": true, "former/sub/novel.txt": true, "former/poem-ar.txt": false, "former/tour.json": false, "new/deeper": true,
	} {
		if _, err := os.Stat(path(name)); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %t", name, err, want)
		}
	}
}
