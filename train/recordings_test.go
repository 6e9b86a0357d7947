package train

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/audio"
)

func TestRecordings(t *testing.T) {
	data := t.TempDir()
	dir := filepath.Join(data, "voice")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	lines := "file\ttext\tsplit\n"
	for _, c := range []struct{ file, text, split string }{
		{"a", "One.", "test"}, {"b", "Two.", "train"}, {"c", "T UW1", "test"}, {"d", "", "test"}, {"e", "Three.", "test"}, {"f", "Four.", "test"},
	} {
		lines += c.file + ".wav\t" + c.text + "\t" + c.split + "\n"
		x := make([]float32, 3200)
		for i := range x {
			x[i] = float32(i%40) / 80
		}
		f, err := os.Create(filepath.Join(dir, c.file+".wav"))
		if err != nil {
			t.Fatal(err)
		}
		if err := audio.EncodeWAV(f, audio.Sound{Samples: x, Rate: 8000}); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	if err := os.WriteFile(filepath.Join(dir, manifest), []byte(lines), 0o666); err != nil {
		t.Fatal(err)
	}
	r := &Recipe{Data: DataRecipe{Kind: "speech", Language: "english", Folders: []string{"voice"}, Source: "testdata"}, Elements: ElementsRecipe{Rate: 16000, Hop: 160}}
	for _, from := range []string{data, dir} {
		all, skipped, err := r.Recordings(t.Context(), from, "test", 0)
		if err != nil || skipped != 1 {
			t.Fatalf("%d skipped, error %v; want the one without a text", skipped, err)
		}
		var texts []string
		for _, x := range all {
			texts = append(texts, x.Text)
			if x.Sound.Rate != 16000 || len(x.Sound.Samples) != 6400 || len(x.Units) < 3 {
				t.Errorf("%s: %d samples at %d Hz, %d units", x.File, len(x.Sound.Samples), x.Sound.Rate, len(x.Units))
			}
		}
		if got := strings.Join(texts, " "); !strings.HasPrefix(got, "One. ") || !strings.HasSuffix(got, " Three. Four.") || len(all) != 4 {
			t.Errorf("texts %q", got)
		}
	}
	if some, _, err := r.Recordings(t.Context(), data, "test", 2); err != nil || len(some) != 1 || some[0].Text != "One." {
		t.Errorf("%d recordings, error %v; want two, one of them without a text", len(some), err)
	}
	if _, _, err := r.Recordings(t.Context(), t.TempDir(), "test", 2); err == nil || !strings.Contains(err.Error(), "the data comes from: testdata") {
		t.Errorf("no folder: %v", err)
	}
	r.Data.Kind = "sounds"
	if _, _, err := r.Recordings(t.Context(), data, "test", 2); err == nil || !strings.Contains(err.Error(), "want speech") {
		t.Errorf("another kind: %v", err)
	}
}
