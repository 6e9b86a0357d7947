package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	stdimage "image"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/image"
)

// Kinds of files that pictures are written as.
const (
	kindPNG = ".png"
	kindGIF = ".gif"
)

// pictureFile is where pictures go: a file, standard output (-), or nowhere.
type pictureFile struct{ path, kind string }

// newPictureFile finds out, before the work, what a file is and whether it could
// be written.
func newPictureFile(flag, path string) (pictureFile, error) {
	if !toFile(path) {
		return pictureFile{path, kindPNG}, nil
	}
	kind := strings.ToLower(filepath.Ext(path))
	if kind != kindPNG && kind != kindGIF {
		return pictureFile{}, usageError{fmt.Errorf("--%s %s: want a name that ends in .png or .gif", flag, path)}
	}
	return pictureFile{path, kind}, checkOut(path)
}

// numbered is the file of picture i of several: name-1.png for the first.
func (f pictureFile) numbered(i int) pictureFile {
	if toFile(f.path) {
		ext := filepath.Ext(f.path)
		f.path = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(f.path, ext), i+1, ext)
	}
	return f
}

// write writes a picture, or several of one size as an animation.
func (f pictureFile) write(c *console, frames []*stdimage.NRGBA, delay time.Duration, texts []image.Text) error {
	if f.path == "" {
		return nil
	}
	data, err := encodePictures(f.kind, frames, delay, texts)
	if err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	if f.path == "-" {
		return writeAll(c.out, string(data))
	}
	return save(f.path, data)
}

func encodePictures(kind string, frames []*stdimage.NRGBA, delay time.Duration, texts []image.Text) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch {
	case kind == kindGIF:
		err = image.EncodeGIF(&b, frames, delay, true)
	case len(frames) == 1:
		err = image.EncodePNG(&b, frames[0], texts)
	default:
		err = image.EncodeAPNG(&b, frames, delay, texts)
	}
	return b.Bytes(), err
}

// enlarged makes each pixel k by k pixels.
func enlarged(frames []*stdimage.NRGBA, k int) []*stdimage.NRGBA {
	out := make([]*stdimage.NRGBA, len(frames))
	for i, f := range frames {
		out[i] = image.Scale(f, k)
	}
	return out
}

// sheet is how pictures of one size lie on one.
type sheet struct{ columns, gap int }

// newSheet resolves what was left open, for n pictures so wide and high.
func newSheet(f sheetFlag, gap *int, n, width, height int) sheet {
	s := sheet{f.columns, max(min(width, height)/16, 1)}
	if gap != nil {
		s.gap = *gap
	}
	if s.columns == 0 {
		s.columns = int(math.Ceil(math.Sqrt(float64(n))))
	}
	s.columns = min(s.columns, n)
	return s
}

// place is the upper left corner of picture i.
func (s sheet) place(i, width, height int) stdimage.Point {
	return stdimage.Pt(s.gap+i%s.columns*(width+s.gap), s.gap+i/s.columns*(height+s.gap))
}

// size is that of a sheet of n pictures.
func (s sheet) size(n, width, height int) (w, h int) {
	end := s.place((n-1)/s.columns*s.columns+s.columns-1, width, height)
	return end.X + width + s.gap, end.Y + height + s.gap
}

// atlas tells a program where the pictures of a sheet are.
type atlas struct {
	Image   string        `json:"image"` // file name of the sheet
	Width   int           `json:"width"`
	Height  int           `json:"height"`
	Sprites []atlasSprite `json:"sprites"`
}

// atlasSprite is a picture on a sheet.
type atlasSprite struct {
	Name string `json:"name"` // the caption, numbered where several have the same
	X    int    `json:"x"`
	Y    int    `json:"y"`
	W    int    `json:"w"`
	H    int    `json:"h"`
	Seed uint64 `json:"seed"`
}

func (a atlas) encode() ([]byte, error) {
	data, err := json.MarshalIndent(a, "", "  ")
	return append(data, '\n'), err
}

// spriteNames gives each picture a name of its own.
func spriteNames(captions []string) []string {
	count, seen := map[string]int{}, map[string]int{}
	for _, c := range captions {
		count[c]++
	}
	names := make([]string, len(captions))
	for i, c := range captions {
		seen[c]++
		switch {
		case c == "":
			names[i] = fmt.Sprintf("picture %d", i+1)
		case count[c] > 1:
			names[i] = fmt.Sprintf("%s %d", c, seen[c])
		default:
			names[i] = c
		}
	}
	return names
}

// mostFrames is about how many pictures an animation of steps has at most.
const mostFrames = 64

// recorder keeps steps for an animation: of ar one every few rows, of refine
// one every few passes.
type recorder struct{ frames []*stdimage.NRGBA }

func (r *recorder) show(step stride.Step) error {
	p, ok := step.Object.(stride.Picture)
	if !ok {
		return nil
	}
	at, every := step.Pass, (step.Passes+mostFrames-1)/mostFrames
	if step.Stats.Strategy == "ar" {
		size := p.Image.Bounds().Size()
		at, every = p.Known, size.X*((size.Y+mostFrames-1)/mostFrames)
	}
	if step.Done || at%max(every, 1) == 0 {
		r.frames = append(r.frames, p.Image)
	}
	return nil
}
