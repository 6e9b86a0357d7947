package image

import (
	"bytes"
	"errors"
	"fmt"
	stdimage "image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
)

// Limits bound what is decoded, so that a small hostile file cannot take all memory. A field of 0 is that of
// [DefaultLimits].
type Limits struct {
	Pixels int   // width times height
	Bytes  int64 // of the file
}

// DefaultLimits are 16 million pixels (4096 by 4096) and 32 MiB.
var DefaultLimits = Limits{Pixels: 1 << 24, Bytes: 32 << 20}

func (l Limits) orDefault() Limits {
	if l.Pixels <= 0 {
		l.Pixels = DefaultLimits.Pixels
	}
	if l.Bytes <= 0 {
		l.Bytes = DefaultLimits.Bytes
	}
	return l
}

// Error says why a picture cannot be read.
type Error struct {
	File  string // "" where the picture is not from a file
	Found string // what is there
	Want  string // what could have been read
	Err   error  // the decoder's or the system's error; may be nil
}

func (e *Error) Error() string {
	s := "found " + e.Found
	if e.File != "" {
		s = e.File + ": " + s
	}
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s + ", want " + e.Want
}

// Unwrap returns the decoder's or the system's error.
func (e *Error) Unwrap() error { return e.Err }

// format is a kind of file, known by its first bytes.
type format struct {
	name   string
	magic  string
	config func(io.Reader) (stdimage.Config, error)
	decode func(io.Reader) (stdimage.Image, error)
}

var formats = []format{
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"GIF", "GIF87a", gif.DecodeConfig, gif.Decode},
	{"GIF", "GIF89a", gif.DecodeConfig, gif.Decode},
	{"JPEG", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
}

// Decode reads a picture: PNG, JPEG, or the first frame of a GIF on its canvas. The size is checked before pixels are
// decoded. Pixels of 16 bits become 8. A picture that cannot be read is an [*Error].
func Decode(r io.Reader, l Limits) (*stdimage.NRGBA, error) {
	l = l.orDefault()
	data, err := io.ReadAll(io.LimitReader(r, l.Bytes+1))
	if err != nil {
		return nil, &Error{Found: "a source that cannot be read", Want: "a picture", Err: err}
	}
	if int64(len(data)) > l.Bytes {
		return nil, &Error{Found: fmt.Sprintf("more than %d bytes", l.Bytes), Want: fmt.Sprintf("at most %d", l.Bytes)}
	}
	for _, f := range formats {
		if bytes.HasPrefix(data, []byte(f.magic)) {
			return f.read(data, l)
		}
	}
	found := "an empty file"
	if len(data) > 0 {
		found = fmt.Sprintf("a file that begins % x", data[:min(len(data), 8)])
	}
	return nil, &Error{Found: found, Want: "PNG, GIF or JPEG"}
}

func (f format) read(data []byte, l Limits) (*stdimage.NRGBA, error) {
	c, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, &Error{Found: "a " + f.name + " with a bad header", Want: "a whole picture", Err: err}
	}
	size := fmt.Sprintf("a %s of %dx%d pixels", f.name, c.Width, c.Height)
	if c.Width < 1 || c.Height < 1 {
		return nil, &Error{Found: size, Want: "at least 1x1"}
	}
	if c.Width > l.Pixels/c.Height {
		return nil, &Error{Found: size, Want: fmt.Sprintf("at most %d pixels", l.Pixels)}
	}
	img, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, &Error{Found: "a damaged " + f.name, Want: "a whole picture", Err: err}
	}
	canvas := newPicture(c.Width, c.Height)
	if f.name != "GIF" {
		b := img.Bounds()
		convert(canvas, img, stdimage.Point{}, b)
		return canvas, nil
	}
	// A frame of a GIF lies anywhere on the canvas.
	convert(canvas, img, img.Bounds().Min, img.Bounds().Intersect(canvas.Rect))
	return canvas, nil
}

// Read reads a picture from a file, as [Decode] does; the error names the file.
func Read(path string, l Limits) (*stdimage.NRGBA, error) {
	return readFile(path, os.Stat, os.Open, l)
}

// readFile decodes a file of a file system. It looks before it opens: to open a pipe would wait for a writer.
func readFile(name string, stat func(string) (os.FileInfo, error), open func(string) (*os.File, error), l Limits) (*stdimage.NRGBA, error) {
	info, err := stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return nil, &Error{File: name, Found: "no regular file", Want: "a picture"}
	}
	var f *os.File
	if err == nil {
		f, err = open(name)
	}
	if err != nil {
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err // the path is told once
		}
		return nil, &Error{File: name, Found: "a file that cannot be opened", Want: "a picture", Err: err}
	}
	defer f.Close()
	img, err := Decode(f, l)
	var e *Error
	if errors.As(err, &e) {
		e.File = name
	}
	return img, err
}

// convert copies a part of a picture to dst at a point, as the bytes nearest to its colours.
func convert(dst *stdimage.NRGBA, src stdimage.Image, at stdimage.Point, part stdimage.Rectangle) {
	from, same := src.(*stdimage.NRGBA)
	for y := range part.Dy() {
		row := dst.Pix[dst.PixOffset(at.X, at.Y+y):]
		if same {
			copy(row[:4*part.Dx()], from.Pix[from.PixOffset(part.Min.X, part.Min.Y+y):])
			continue
		}
		for x := range part.Dx() {
			c := color.NRGBAModel.Convert(src.At(part.Min.X+x, part.Min.Y+y)).(color.NRGBA)
			copy(row[4*x:], []uint8{c.R, c.G, c.B, c.A})
		}
	}
}
