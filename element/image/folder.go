package image

import (
	"context"
	"errors"
	"fmt"
	stdimage "image"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Item is a picture of a data set.
type Item struct {
	File     string // as the captions have it, or below the folder, with slashes
	Caption  string
	Category string
	Split    string // train, valid or test
	Image    *stdimage.NRGBA
}

// Skipped is a picture that could not be read, or a bad line of the captions.
type Skipped struct {
	File string
	Err  error
}

// Folder is a data set of pictures in a folder.
type Folder struct {
	Dir string
	// Captions is a file of tab-separated columns below Dir. Its first line names them: file, and if wanted caption,
	// category and split, in any order; others are ignored. A file is below Dir, or below Dir/png. Without a split (train,
	// valid or test) it is the first 8 hex digits of the SHA-1 of category, TAB and caption (file where there is none)
	// modulo 100: below 90 train, below 95 valid, else test.
	//
	// Where Captions is empty, all PNG, GIF and JPEG files below Dir are read; the category is the first folder's name.
	Captions string
	Fit      Fit
	Limits   Limits
}

// Read reads the pictures, in the order of the captions or of the file names. What cannot be read is skipped and told;
// that there is no picture at all is an error. Nothing outside Dir is opened. Once ctx is done Read returns its error.
func (f Folder) Read(ctx context.Context) ([]Item, []Skipped, error) {
	if f.Fit.Width > MaxSize || f.Fit.Height > MaxSize {
		return nil, nil, fmt.Errorf("pictures of %dx%d, want at most %d a side", f.Fit.Width, f.Fit.Height, MaxSize)
	}
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return nil, nil, fmt.Errorf("the folder of pictures: %w", err)
	}
	defer root.Close()
	rows, err := f.rows(ctx, root)
	if err != nil {
		return nil, nil, err
	}
	pictures, err := f.pictures(ctx, root, rows)
	if err != nil {
		return nil, nil, err
	}
	var items []Item
	var skipped []Skipped
	for i, r := range rows {
		if r.err != nil {
			if r.line > 0 {
				r.err = fmt.Errorf("%s:%d: %w", f.Captions, r.line, r.err)
			}
			skipped = append(skipped, Skipped{r.file, r.err})
			continue
		}
		if r.split == "" {
			r.split = split(r.category, r.caption, r.file)
		}
		items = append(items, Item{r.file, r.caption, r.category, r.split, pictures[i]})
	}
	if len(items) > 0 {
		return items, skipped, nil
	}
	if len(skipped) > 0 {
		return nil, skipped, fmt.Errorf("%s: none of %d pictures can be read; the first: %w", f.Dir, len(skipped), skipped[0].Err)
	}
	return nil, nil, fmt.Errorf("%s: no picture, want PNG, GIF or JPEG files", f.Dir)
}

// rows lists the pictures.
func (f Folder) rows(ctx context.Context, root *os.Root) ([]row, error) {
	if f.Captions == "" {
		return walk(ctx, root)
	}
	in, err := root.Open(f.Captions)
	if err != nil {
		return nil, fmt.Errorf("the captions of %s: %w", f.Dir, err)
	}
	defer in.Close()
	rows, err := parseCaptions(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(f.Dir, f.Captions), err)
	}
	return rows, nil
}

// walk lists the pictures below a folder, sorted.
func walk(ctx context.Context, root *os.Root) ([]row, error) {
	var rows []row
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			rows = append(rows, row{file: name, err: err})
			return nil
		}
		if d.IsDir() || !slices.Contains([]string{".png", ".gif", ".jpg", ".jpeg"}, strings.ToLower(path.Ext(name))) {
			return nil
		}
		category, _, below := strings.Cut(name, "/")
		if !below {
			category = ""
		}
		rows = append(rows, row{file: name, category: category})
		return nil
	})
	return rows, err
}

// pictures decodes and fits the picture of each row, several at a time, and puts errors into the rows.
func (f Folder) pictures(ctx context.Context, root *os.Root, rows []row) ([]*stdimage.NRGBA, error) {
	pictures := make([]*stdimage.NRGBA, len(rows))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 8) {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(rows) {
					return
				}
				r := &rows[i]
				if r.err != nil {
					continue
				}
				var img *stdimage.NRGBA
				if img, r.err = f.picture(root, r.file); r.err == nil {
					pictures[i] = f.Fit.Apply(img)
				}
			}
		})
	}
	wait.Wait()
	return pictures, ctx.Err()
}

// picture reads a file of the folder, or of its subfolder png.
func (f Folder) picture(root *os.Root, name string) (*stdimage.NRGBA, error) {
	img, err := readFile(filepath.FromSlash(name), root.Stat, root.Open, f.Limits)
	if errors.Is(err, fs.ErrNotExist) {
		again, err := readFile(filepath.Join("png", filepath.FromSlash(name)), root.Stat, root.Open, f.Limits)
		if !errors.Is(err, fs.ErrNotExist) {
			return again, err
		}
	}
	return img, err
}
