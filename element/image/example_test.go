package image_test

import (
	"bytes"
	"context"
	"fmt"
	stdimage "image"
	"image/color"
	"image/color/palette"
	"os"
	"path/filepath"
	"time"

	"github.com/stride-ml/stride/element/image"
)

// flag makes a small picture: stripes of the colours, then a transparent one.
func flag(colours ...color.NRGBA) *stdimage.NRGBA {
	img := stdimage.NewNRGBA(stdimage.Rect(0, 0, len(colours)+1, 2))
	for x, c := range colours {
		img.SetNRGBA(x, 0, c)
		img.SetNRGBA(x, 1, c)
	}
	return img
}

var (
	red   = color.NRGBA{200, 30, 40, 255}
	white = color.NRGBA{255, 255, 255, 255}
	blue  = color.NRGBA{30, 60, 160, 255}
)

func ExampleDecode() {
	var file bytes.Buffer
	if err := image.EncodePNG(&file, flag(red, white), nil); err != nil {
		fmt.Println(err)
		return
	}
	img, err := image.Decode(&file, image.Limits{})
	fmt.Println(img.Bounds().Size(), err)

	_, err = image.Decode(bytes.NewBufferString("%PDF-1.7"), image.Limits{})
	fmt.Println(err)
	// Output:
	// (3,2) <nil>
	// found a file that begins 25 50 44 46 2d 31 2e 37, want PNG, GIF or JPEG
}

func ExampleLearnPalette() {
	pictures := []*stdimage.NRGBA{flag(red, white), flag(blue, white, red)}
	p, err := image.LearnPalette(pictures, 16, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	ids := p.Indices(nil, pictures[1])
	fmt.Println(ids)
	fmt.Println(bytes.Equal(p.Picture(ids, 4, 2).Pix, pictures[1].Pix))
	// Output:
	// [{0 0 0 0} {30 60 160 255} {200 30 40 255} {255 255 255 255}]
	// [1 3 2 0 1 3 2 0]
	// true
}

func ExampleValues() {
	x := image.Values(nil, flag(color.NRGBA{255, 0, 0, 255}))
	fmt.Println(x[:8])
	fmt.Println(image.FromValues(x, 2, 2, true).NRGBAAt(0, 0))
	// Output:
	// [1 -1 -1 1 -1 -1 -1 -1]
	// {255 0 0 255}
}

func ExampleFit() {
	photo := stdimage.NewPaletted(stdimage.Rect(0, 0, 640, 480), palette.WebSafe)
	for _, mode := range []image.FitMode{image.Pad, image.Crop, image.Stretch} {
		small := image.Fit{Width: 32, Height: 32, Mode: mode}.Apply(photo)
		fmt.Println(mode, small.Bounds().Size(), small.NRGBAAt(16, 0).A, small.NRGBAAt(16, 16).A)
	}
	// Output:
	// pad (32,32) 0 255
	// crop (32,32) 255 255
	// stretch (32,32) 255 255
}

func ExampleFolder_Read() {
	dir, err := os.MkdirTemp("", "pictures")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	var file bytes.Buffer
	if err := image.EncodePNG(&file, flag(red, white), nil); err != nil {
		fmt.Println(err)
		return
	}
	captions := "file\tcategory\tcaption\nflag.png\tflags\ta red and white flag\nlost.png\tflags\ta lost one\n"
	for name, data := range map[string][]byte{"flag.png": file.Bytes(), "captions.tsv": []byte(captions)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}

	data := image.Folder{Dir: dir, Captions: "captions.tsv", Fit: image.Fit{Width: 16, Height: 16, Nearest: true}}
	items, skipped, err := data.Read(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, it := range items {
		fmt.Println(it.File, it.Category, it.Caption, it.Split, it.Image.Bounds().Size())
	}
	for _, s := range skipped {
		fmt.Println("skipped", s.File)
	}
	// Output:
	// flag.png flags a red and white flag train (16,16)
	// skipped lost.png
}

func ExampleFormat() {
	f := image.Format{Width: 32, Height: 32, BinaryAlpha: true, Palette: image.Palette{{}, red, white}}
	m := f.Metadata()
	back, ok, err := image.FormatFromMetadata(func(key string) (any, bool) { v, ok := m[key]; return v, ok })
	fmt.Println(back.Width, back.Height, len(back.Palette), ok, err)
	// Output: 32 32 3 true <nil>
}

func ExampleSheet() {
	sheet := image.Sheet([]*stdimage.NRGBA{flag(red, white), flag(blue, white), flag(red, blue)}, 2, 1, color.Black)
	fmt.Println(image.Scale(sheet, 4).Bounds().Size())
	// Output: (36,28)
}

func ExampleEncodePNG() {
	var file bytes.Buffer
	err := image.EncodePNG(&file, flag(red, white), []image.Text{{Key: "prompt", Value: "春"}, {Key: "seed", Value: "7"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	texts, err := image.ReadTexts(&file)
	fmt.Println(texts, err)
	// Output: [{prompt 春} {seed 7}] <nil>
}

func ExampleEncodeGIF() {
	steps := []*stdimage.NRGBA{flag(color.NRGBA{}, color.NRGBA{}), flag(red, color.NRGBA{}), flag(red, white)}
	var file bytes.Buffer
	if err := image.EncodeGIF(&file, steps, 100*time.Millisecond, true); err != nil {
		fmt.Println(err)
		return
	}
	first, err := image.Decode(&file, image.Limits{})
	fmt.Println(first.Bounds().Size(), err)
	// Output: (3,2) <nil>
}

func ExampleEncodeAPNG() {
	steps := []*stdimage.NRGBA{flag(red, color.NRGBA{}), flag(red, white)}
	var file bytes.Buffer
	if err := image.EncodeAPNG(&file, steps, 100*time.Millisecond, []image.Text{{Key: "seed", Value: "7"}}); err != nil {
		fmt.Println(err)
		return
	}
	texts, err := image.ReadTexts(&file)
	fmt.Println(texts, err)
	// Output: [{seed 7}] <nil>
}
