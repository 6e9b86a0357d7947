package stride

import (
	"fmt"
	stdimage "image"
	"slices"
	"strconv"

	"github.com/stride-ml/stride/element/image"
)

// pictures is what the engines of pictures have in common.
type pictures struct {
	*member
	shape   image.Format // of the pictures
	caption int          // most tokens of a caption
}

// openPictures checks what a file says of its pictures against the sizes of its
// network.
func openPictures(e *member, width, height, vocab, caption int) (pictures, error) {
	shape, ok, err := image.FormatFromMetadata(e.file.Value)
	if err != nil {
		return pictures{}, err
	}
	if !ok {
		return pictures{}, fmt.Errorf("no stride.image.width, want what a file of architecture %s says of its pictures", e.architecture)
	}
	if shape.Width != width || shape.Height != height {
		return pictures{}, fmt.Errorf("the pictures have %dx%d pixels, those of the network %dx%d", shape.Width, shape.Height, width, height)
	}
	if err := e.checkVocabulary(vocab); err != nil {
		return pictures{}, err
	}
	e.card.MaxLength = width * height
	return pictures{e, shape, caption}, nil
}

// size is the number of pixels.
func (e pictures) size() int { return e.shape.Width * e.shape.Height }

func (e pictures) context() int { return e.caption }

func (e pictures) describe(info *Info) {
	if info.Picture == nil {
		info.Picture = &PictureInfo{Width: e.shape.Width, Height: e.shape.Height}
	}
}

// tokens lays out a caption, which has to fit as a whole. An error names the
// field that it came from.
func (e pictures) tokens(field, caption string, conditions map[string]string) ([]int, error) {
	ids, err := e.format.Encode(e.tok, caption, conditions)
	if err == nil && len(ids) > e.caption {
		frame, _ := e.format.Encode(e.tok, "", conditions) // as the same conditions were laid out just now
		want := fmt.Sprintf("at most %d", max(0, e.caption-len(frame)))
		err = badOption(field, fmt.Sprintf("%d tokens", len(ids)-len(frame)), want)
	}
	return ids, err
}

// fit brings a picture of the caller's to the model's size: the whole of it, in
// transparent margins where the shapes differ. Where that takes a whole multiple
// it is pixel art that keeps its colours. The result is a copy.
func (e pictures) fit(field string, img *stdimage.NRGBA, nearest bool) (*stdimage.NRGBA, error) {
	if img == nil {
		return nil, badOption(field, "nothing", "a picture")
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w < 1 || h < 1 || img.Stride < 4*w || len(img.Pix) < (h-1)*img.Stride+4*w {
		got := fmt.Sprintf("%dx%d pixels in %d bytes, %d a row", w, h, len(img.Pix), img.Stride)
		return nil, badOption(field, got, "a picture of 1x1 or more, 4 bytes a pixel")
	}
	side, to, other := w, e.shape.Width, h // the side that fills the model's
	if w*e.shape.Height < h*e.shape.Width {
		side, to, other = h, e.shape.Height, w
	}
	whole := to%side == 0 || side%to == 0 && other%(side/to) == 0
	return image.Fit{Width: e.shape.Width, Height: e.shape.Height, Mode: image.Pad, Nearest: nearest || whole}.Apply(img), nil
}

// mask says of each pixel whether it is made anew: where the mask is more white
// than black and not transparent. It is as large as the picture.
func (e pictures) mask(mask, picture *stdimage.NRGBA) ([]bool, error) {
	if got, want := mask.Rect.Size(), picture.Rect.Size(); got != want {
		return nil, badOption("mask", fmt.Sprintf("%dx%d pixels", got.X, got.Y), fmt.Sprintf("%dx%d, as the picture", want.X, want.Y))
	}
	fitted, err := e.fit("mask", mask, true)
	if err != nil {
		return nil, err
	}
	anew := make([]bool, e.size())
	for i := range anew {
		p := fitted.Pix[4*i:][:4]
		luma := 299*int(p[0]) + 587*int(p[1]) + 114*int(p[2]) // ITU-R BT.601, of 255000
		anew[i] = p[3] >= 128 && luma >= 127500
	}
	return anew, nil
}

// usualGuidance is the guidance that the checkpoint proposes.
func (e pictures) usualGuidance() float32 {
	if g := e.card.Defaults.Guidance; g != 0 {
		return float32(g)
	}
	return 1
}

// checkNegative refuses a negative prompt that would change nothing.
func checkNegative(p Prompt, guidance float32) error {
	if p.Negative != "" && guidance == 1 {
		return badOption("negative prompt", strconv.Quote(p.Negative), "none at guidance 1, which looks at the caption alone")
	}
	return nil
}

// clone copies a picture whose rows lie side by side.
func clone(img *stdimage.NRGBA) *stdimage.NRGBA {
	return &stdimage.NRGBA{Pix: slices.Clone(img.Pix), Stride: img.Stride, Rect: img.Rect}
}
