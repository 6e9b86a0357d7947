package report

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/measure"
	"github.com/stride-ml/stride/measure/plot"
)

// file is a file about a comparison.
type file struct {
	name  string
	write func(io.Writer) error
}

// WriteFiles writes into a folder, which is made if there is none: compare.csv,
// compare.json, a plot frontier.svg, frontier-2.svg, ... for each measure of
// quality, and the sheets (.png) and sounds (.wav) that there are.
func WriteFiles(dir string, c *measure.Comparison) error {
	return writeAll(dir, filesOf(c))
}

// WriteFolder writes a page as index.html into a folder, and beside it the files
// of each section, in its own folder where it has one.
func WriteFolder(dir string, p Page) error {
	for _, s := range p.Sections {
		if s.Comparison == nil {
			continue
		}
		if err := WriteFiles(filepath.Join(dir, s.Folder), s.Comparison); err != nil {
			return err
		}
	}
	return writeAll(dir, []file{{"index.html", func(w io.Writer) error { return Write(w, p) }}})
}

func writeAll(dir string, files []file) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if err := checkpoint.WriteFileAtomic(filepath.Join(dir, f.name), f.write); err != nil {
			return err
		}
	}
	return nil
}

func filesOf(c *measure.Comparison) []file {
	out := []file{{"compare.csv", c.WriteCSV}, {"compare.json", c.WriteJSON}}
	for i, f := range c.Frontiers() {
		name := "frontier.svg"
		if i > 0 {
			name = fmt.Sprintf("frontier-%d.svg", i+1)
		}
		out = append(out, file{name, func(w io.Writer) error { return f.Write(w, plot.SVG) }})
	}
	for _, s := range c.Sheets() {
		texts := []image.Text{
			{Key: "Title", Value: c.Model + ": " + s.Name}, {Key: "Software", Value: "stride"},
			{Key: "Columns", Value: strings.Join(s.Columns, "\n")}, {Key: "Rows", Value: strings.Join(s.Rows, "\n")},
		}
		out = append(out, file{s.Name + ".png", func(w io.Writer) error { return image.EncodePNG(w, s.Image, texts) }})
	}
	for _, clip := range c.Clips() {
		out = append(out, file{clip.Name + ".wav", func(w io.Writer) error { return audio.EncodeWAV(w, clip.Sound) }})
	}
	return out
}

// fileNames are the names of the files of a comparison.
func fileNames(c *measure.Comparison) []string {
	var out []string
	for _, f := range filesOf(c) {
		out = append(out, f.name)
	}
	return out
}
