package tour

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride"

	_ "github.com/stride-ml/stride/models/english"
	_ "github.com/stride-ml/stride/models/stories"
	_ "github.com/stride-ml/stride/models/tang"
	_ "github.com/stride-ml/stride/models/tangmasked"
	_ "github.com/stride-ml/stride/models/tiles"
	_ "github.com/stride-ml/stride/models/tilesclassifier"
	_ "github.com/stride-ml/stride/models/tilesflow"
)

// listener is a guide that remembers what it was told, and may be called away.
type listener struct {
	Quiet
	stops, said, wrote []string
	watched            int
	after              int // objects after which away is called; 0 for never
	away               func()
}

func (l *listener) Stop(_, _ int, title string) error {
	l.stops = append(l.stops, title)
	return nil
}

func (l *listener) Say(text string) error {
	l.said = append(l.said, text)
	return nil
}

func (l *listener) Wrote(names ...string) error {
	l.wrote = append(l.wrote, names...)
	return nil
}

func (l *listener) Watch(ctx context.Context, m *stride.Model, w Work, keep func(stride.Step)) (stride.Step, error) {
	if l.watched++; l.watched == l.after {
		l.away()
	}
	return l.Quiet.Watch(ctx, m, w, keep)
}

func TestRun(t *testing.T) {
	const creature = "a green <b>slime</b> & co"
	dir := filepath.Join(t.TempDir(), "a", "tour")
	guide := &listener{}
	rows, err := Tour{Guide: guide, Dir: dir, Seed: 10, Creature: creature, Repeat: "stride demo", short: true}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"A poem, three ways", "A picture, from blurred to sharp", "A story, and the same one sooner", "A line, spoken", "A creature that talks", "What it took"}
	if !slices.Equal(guide.stops, want) {
		t.Errorf("stops %q, want %q", guide.stops, want)
	}
	// 3 poems, 2 pictures, one by a shortcut, one by ar, 2 stories, 2 lines, and text, sprite and voice.
	if len(rows) != 14 {
		t.Errorf("%d rows, want 14: %v", len(rows), rows)
	}
	for _, row := range rows {
		if row.Passes < 1 || row.Elements < 1 || row.Time <= 0 || row.Stride != float64(row.Elements)/float64(row.Passes) {
			t.Errorf("%s: %+v", row.Name, row)
		}
		if !slices.Contains(guide.wrote, row.File) {
			t.Errorf("%s: nobody was told of %q", row.Name, row.File)
		}
	}
	if !slices.ContainsFunc(guide.said, func(s string) bool { return strings.HasPrefix(s, "Both texts are the same, to the byte.") }) {
		t.Errorf("speculate is not as ar: %q", guide.said)
	}
	checkFolder(t, dir, append(guide.wrote, tourName))
	checkPages(t, dir)
	if about, ok := readTour(dir); !ok || !about.Finished || about.Creature != creature || len(about.Rows) != len(rows) {
		t.Errorf("%s: %+v", tourName, about)
	}
}

// checkFolder checks that a folder has just these files, and all have something.
func checkFolder(t *testing.T, dir string, want []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, want something in it", e.Name(), err)
		}
		got = append(got, e.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("files %q, want %q", got, want)
	}
}

var (
	addresses = regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	ids       = regexp.MustCompile(`\bid="([^"]*)"`)
)

// checkPages checks that the page of the creature needs no other file, and that
// of the tour only files that are there.
func checkPages(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{indexName, sceneName} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		page := string(data)
		if n := len(data); n > 2_000_000 {
			t.Errorf("%s: %d bytes, want at most 2 MB", name, n)
		}
		if strings.Contains(page, "<b>slime") || !strings.Contains(page, "green &lt;b&gt;slime") {
			t.Errorf("%s: the sentence is missing or not escaped", name)
		}
		for _, bad := range []string{"ZgotmplZ", "http:", "https:", "@import"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %q", name, bad)
			}
		}
		found := addresses.FindAllStringSubmatch(page, -1)
		if len(found) == 0 {
			t.Errorf("%s shows nothing", name)
		}
		for _, a := range found {
			switch inside := strings.HasPrefix(a[1], "data:"); {
			case name == sceneName && !inside:
				t.Errorf("%s needs %q", name, a[1])
			case !inside:
				if _, err := os.Stat(filepath.Join(dir, a[1])); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		checkIDs(t, name, page)
	}
}

// checkIDs checks that no two elements have the same name.
func checkIDs(t *testing.T, name, page string) {
	t.Helper()
	seen := map[string]bool{}
	for _, id := range ids.FindAllStringSubmatch(page, -1) {
		if seen[id[1]] {
			t.Errorf("%s: id %q stands twice", name, id[1])
		}
		seen[id[1]] = true
	}
}

// A tour that is stopped keeps what is finished, and its folder may be used again.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	guide := &listener{after: 3, away: cancel}
	rows, err := Tour{Guide: guide, Dir: dir, Seed: 1, short: true}.Run(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want it cancelled", err)
	}
	if len(rows) != 2 || len(guide.stops) != 1 {
		t.Errorf("%d objects and stops %q, want 2 and one stop", len(rows), guide.stops)
	}
	if last := guide.said[len(guide.said)-1]; last != "Stopped. Finished so far: 2; see "+filepath.Join(dir, indexName) {
		t.Errorf("said %q at last", last)
	}
	checkFolder(t, dir, []string{"poem-ar.txt", "poem-nar.txt", indexName, tourName})
	page, err := os.ReadFile(filepath.Join(dir, indexName))
	if err != nil || !strings.Contains(string(page), "The tour was stopped here.") || strings.Contains(string(page), "A picture,") {
		t.Errorf("%s (%v): want what was finished, and that it was stopped", page, err)
	}
	if about, ok := readTour(dir); !ok || about.Finished {
		t.Errorf("%s: %+v, want one that is not finished", tourName, about)
	}
	f, err := openFolder(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	checkFolder(t, f.dir, nil)
}

// What is not bundled is left out: here the voice of Mandarin.
func TestAbsent(t *testing.T) {
	guide := &listener{}
	dir := t.TempDir()
	if _, err := (Tour{Guide: guide, Dir: dir, Seed: 1, Language: Chinese, short: true}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	const want = "略過：這裡沒有內建模型 mandarin。"
	if n := strings.Count(strings.Join(guide.said, "\n"), want); n != 2 {
		t.Errorf("%q: %q %d times, want twice", guide.said, want, n)
	}
	if slices.Contains(guide.wrote, sceneName) {
		t.Error("there is a page of a creature without a voice")
	}
}
