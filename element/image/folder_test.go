package image

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// folderOf makes a folder of files; nil is a picture of one red pixel.
func folderOf(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if data == nil {
			data = pngOf(t, paint("r"))
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func summary(items []Item, skipped []Skipped) string {
	var b strings.Builder
	for _, i := range items {
		fmt.Fprintf(&b, "%s|%s|%s|%s|%s\n", i.File, i.Caption, i.Category, i.Split, letters(i.Image))
	}
	for _, s := range skipped {
		fmt.Fprintf(&b, "skipped %s: %v\n", s.File, s.Err)
	}
	return b.String()
}

func TestFolderCaptions(t *testing.T) {
	captions := "\ufeffsplit\tcaption\tsource\tfile\tcategory\r\n" +
		"test\ta red dot\tme\ta.png\tdots\r\n" +
		"\n" +
		"\tin png\t\tb.png\tdots\n" +
		"train\t\t\tc.png\n" +
		"train\tescapes\t\t../a.png\tdots\n" +
		"train\tabsolute\t\t/etc/passwd\tdots\n" +
		"dev\tsplit\t\ta.png\tdots\n" +
		"train\tno file\n" +
		"train\t\xff\t\ta.png\tdots\n" +
		"train\tmissing\t\tno.png\tdots\n" +
		"train\tbroken\t\tbroken.png\tdots\n" +
		"valid\ttwice\t\ta.png\tdots"
	dir := folderOf(t, map[string][]byte{
		"captions.tsv": []byte(captions), "a.png": nil, "png/b.png": nil, "png/a.png": []byte("not this"), "c.png": nil,
		"broken.png": []byte("\x89PNG\r\n\x1a\n"),
	})
	items, skipped, err := Folder{Dir: dir, Captions: "captions.tsv", Fit: Fit{Width: 2, Height: 1, Mode: Stretch, Nearest: true}}.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := `a.png|a red dot|dots|test|rr
b.png|in png|dots|train|rr
c.png|||train|rr
a.png|twice|dots|valid|rr
skipped ../a.png: captions.tsv:6: file is "../a.png", want one inside the folder
skipped /etc/passwd: captions.tsv:7: file is "/etc/passwd", want one inside the folder
skipped a.png: captions.tsv:8: split is "dev", want train, valid or test
skipped : captions.tsv:9: no file, want its name
skipped a.png: captions.tsv:10: not valid UTF-8
skipped no.png: captions.tsv:11: no.png: found a file that cannot be opened (no such file or directory), want a picture
skipped broken.png: captions.tsv:12: broken.png: found a PNG with a bad header (unexpected EOF), want a whole picture
`
	if got := summary(items, skipped); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestFolderWalk(t *testing.T) {
	dir := folderOf(t, map[string][]byte{
		"b/x/2.png": nil, "b/1.PNG": nil, "a.png": nil, "notes.txt": []byte("no picture"), "c/3.gif": offsetGIF(t), "b/bad.jpeg": []byte("bad"),
	})
	items, skipped, err := Folder{Dir: dir}.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := `a.png|||train|r
b/1.PNG||b|train|r
b/x/2.png||b|train|r
c/3.gif||c|train|..../.rb./....
skipped b/bad.jpeg: b/bad.jpeg: found a file that begins 62 61 64, want PNG, GIF or JPEG
`
	if got := summary(items, skipped); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestSplit holds to values that sha1sum gives.
func TestSplit(t *testing.T) {
	for _, tc := range []struct{ category, caption, file, want string }{
		{"ability icon", "an ability icon of bat swarm", "00000.png", Train},
		{"ability icon", "an ability icon of blinkbolt", "00002.png", Valid},
		{"dungeon feature", "an altar of xom", "00150.png", Test},
		{"b", "", "b/10.png", Test},
	} {
		if got := split(tc.category, tc.caption, tc.file); got != tc.want {
			t.Errorf("%v: %s", tc, got)
		}
	}
}

func TestFolderErrors(t *testing.T) {
	dir := folderOf(t, map[string][]byte{
		"empty.tsv": {}, "columns.tsv": []byte("name\tcaption\nx.png\ty\n"), "twice.tsv": []byte("file\tfile\n"),
		"bad.tsv": []byte("file\nbad.png\n"), "none.tsv": []byte("file\n"), "bad.png": []byte("bad"),
		"long.tsv": []byte(strings.Repeat("x", maxLine+1)),
	})
	outside := filepath.Join(filepath.Dir(dir), "outside.tsv")
	if err := os.WriteFile(outside, []byte("file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(outside)
	for _, tc := range []struct {
		folder Folder
		want   string
	}{
		{Folder{Dir: filepath.Join(dir, "no")}, "no such file or directory"},
		{Folder{Dir: dir, Captions: "no.tsv"}, "no such file or directory"},
		{Folder{Dir: dir, Captions: "../outside.tsv"}, "path escapes from parent"},
		{Folder{Dir: dir, Captions: "empty.tsv"}, "empty.tsv: empty, want a line that names the columns, file among them"},
		{Folder{Dir: dir, Captions: "columns.tsv"}, `columns.tsv: line 1: the columns are "name, caption", want one named file`},
		{Folder{Dir: dir, Captions: "twice.tsv"}, `line 1: two columns named "file"`},
		{Folder{Dir: dir, Captions: "long.tsv"}, "line 1: longer than 1048576 bytes"},
		{Folder{Dir: dir, Captions: "none.tsv"}, "no picture, want PNG, GIF or JPEG files"},
		{Folder{Dir: dir, Captions: "bad.tsv"}, "none of 1 pictures can be read; the first: bad.tsv:2: bad.png: found a file"},
		{Folder{Dir: dir, Fit: Fit{Width: 1025}}, "pictures of 1025x0, want at most 1024 a side"},
	} {
		if _, _, err := tc.folder.Read(context.Background()); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v: %v, want %s", tc.folder, err, tc.want)
		}
	}
}

func TestFolderStaysInside(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege")
	}
	outside := folderOf(t, map[string][]byte{"secret.png": nil})
	dir := folderOf(t, map[string][]byte{"a.png": nil})
	if err := os.Symlink(filepath.Join(outside, "secret.png"), filepath.Join(dir, "b.png")); err != nil {
		t.Fatal(err)
	}
	items, skipped, err := Folder{Dir: dir}.Read(context.Background())
	if err != nil || len(items) != 1 || len(skipped) != 1 || !strings.Contains(skipped[0].Err.Error(), "escapes") {
		t.Errorf("%v, %v, %v", items, skipped, err)
	}
}

func TestFolderCancel(t *testing.T) {
	dir := folderOf(t, map[string][]byte{"a.png": nil, "captions.tsv": []byte("file\na.png\n")})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, captions := range []string{"", "captions.tsv"} {
		if _, _, err := (Folder{Dir: dir, Captions: captions}).Read(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestCaptionsLongLine(t *testing.T) {
	rows, err := parseCaptions(strings.NewReader("file\n" + strings.Repeat("x", 3*maxLine) + "\nb.png\n" + strings.Repeat("y", maxLine+1)))
	if err != nil || len(rows) != 3 || rows[0].err != errLong || rows[1].file != "b.png" || rows[1].line != 3 || rows[2].err != errLong {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestFolderMissingIsNotExist(t *testing.T) {
	dir := folderOf(t, map[string][]byte{"a.png": nil, "c.tsv": []byte("file\na.png\nb.png\n")})
	_, skipped, err := Folder{Dir: dir, Captions: "c.tsv"}.Read(context.Background())
	var e *Error
	if err != nil || len(skipped) != 1 || !errors.Is(skipped[0].Err, fs.ErrNotExist) || !errors.As(skipped[0].Err, &e) || e.File != "b.png" {
		t.Errorf("%v, %v", skipped, err)
	}
}
