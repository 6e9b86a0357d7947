// Package golden compares texts with files in testdata, for tests. It is to be
// imported by tests alone: it adds a flag, -update, that rewrites the files.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Updating tells whether the files are to be rewritten.
func Updating() bool { return *update }

// Compare fails the test if a text is not that of a file in testdata.
func Compare(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant %s (go test -update rewrites it):\n%s", got, path, want)
	}
}
