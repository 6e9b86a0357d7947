package image

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	stdimage "image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"math"
	"slices"
	"time"
)

// hold is how long the last frame stays, for the finished picture to be looked at.
const hold = 1500 * time.Millisecond

// sameSize checks that there are frames of one size.
func sameSize(frames []*stdimage.NRGBA) error {
	if len(frames) == 0 || slices.Contains(frames, nil) {
		return errors.New("no frame, or one that is nil, want at least one picture")
	}
	want := frames[0].Bounds().Size()
	if want.X < 1 || want.Y < 1 || want.X > math.MaxUint16 || want.Y > math.MaxUint16 {
		return fmt.Errorf("frames of %dx%d, want 1 to %d a side", want.X, want.Y, math.MaxUint16)
	}
	for i, f := range frames {
		if got := f.Bounds().Size(); got != want {
			return fmt.Errorf("frame %d is %dx%d, want %dx%d as the first", i, got.X, got.Y, want.X, want.Y)
		}
	}
	return nil
}

// holdFor is the time that frame i of n stays.
func holdFor(i, n int, delay time.Duration) time.Duration {
	if i == n-1 {
		return max(delay, hold)
	}
	return max(delay, 0)
}

// EncodeGIF writes frames of one size as an animated GIF that plays once or for ever. Alpha below 128 becomes transparent,
// the rest opaque; a frame of more than 255 colours gets a palette learned from it. The delay is rounded to hundredths of
// a second, of which there are at least two, as browsers slow faster ones down; the last frame stays for 1.5 s.
func EncodeGIF(w io.Writer, frames []*stdimage.NRGBA, delay time.Duration, loop bool) error {
	if err := sameSize(frames); err != nil {
		return err
	}
	out := gif.GIF{LoopCount: -1}
	if loop {
		out.LoopCount = 0
	}
	for i, f := range frames {
		p, err := LearnPalette(frames[i:i+1], MaxColours, 0)
		if err != nil {
			p = Palette{{}, {A: 255}} // nothing is drawn yet
		}
		size := f.Bounds().Size()
		img := stdimage.NewPaletted(stdimage.Rectangle{Max: size}, nil)
		for _, c := range p {
			img.Palette = append(img.Palette, color.Color(c))
		}
		for at, id := range p.Indices(nil, f) {
			img.Pix[at] = uint8(id)
		}
		out.Image = append(out.Image, img)
		centi := holdFor(i, len(frames), delay).Round(10*time.Millisecond) / (10 * time.Millisecond)
		out.Delay = append(out.Delay, int(min(max(centi, 2), math.MaxUint16)))
		// Each frame is the whole picture: what was drawn goes before the next, or transparent pixels would show it.
		out.Disposal = append(out.Disposal, gif.DisposalBackground)
	}
	return gif.EncodeAll(w, &out)
}

// EncodeAPNG writes frames of one size as an animated PNG (PNG specification, third edition) that plays for ever, with
// all colours and alpha. Programs that know only PNG show the first frame. The last frame stays for 1.5 s; a delay above
// 65 s counts as that. Texts are as in [EncodePNG].
func EncodeAPNG(w io.Writer, frames []*stdimage.NRGBA, delay time.Duration, texts []Text) error {
	if err := sameSize(frames); err != nil {
		return err
	}
	notes, err := textChunks(texts)
	if err != nil {
		return err
	}
	var out []byte
	sequence := uint32(0)
	for i, f := range frames {
		var buf bytes.Buffer
		if err := png.Encode(&buf, withAlpha{f}); err != nil {
			return err
		}
		if i == 0 {
			control := binary.BigEndian.AppendUint32(nil, uint32(len(frames)))
			control = binary.BigEndian.AppendUint32(control, 0) // plays for ever
			out = append(append(out, buf.Bytes()[:headerSize]...), notes...)
			out = appendChunk(out, "acTL", control)
		}
		out = appendChunk(out, "fcTL", frameControl(sequence, f.Bounds().Size(), holdFor(i, len(frames), delay)))
		sequence++
		for _, c := range chunks(buf.Bytes()) {
			switch {
			case c.kind == "IDAT" && i == 0:
				out = appendChunk(out, "IDAT", c.data)
			case c.kind == "IDAT":
				out = appendChunk(out, "fdAT", binary.BigEndian.AppendUint32(nil, sequence), c.data)
				sequence++
			}
		}
	}
	_, err = w.Write(appendChunk(out, "IEND"))
	return err
}

// frameControl is the data of a chunk fcTL for a frame that replaces the whole picture.
func frameControl(sequence uint32, size stdimage.Point, stay time.Duration) []byte {
	const replace = 0 // blend operation source; the dispose operation none is 0, too
	b := binary.BigEndian.AppendUint32(nil, sequence)
	b = binary.BigEndian.AppendUint32(b, uint32(size.X))
	b = binary.BigEndian.AppendUint32(b, uint32(size.Y))
	b = append(b, make([]byte, 8)...) // at 0,0
	b = binary.BigEndian.AppendUint16(b, uint16(min(stay.Round(time.Millisecond).Milliseconds(), math.MaxUint16)))
	b = binary.BigEndian.AppendUint16(b, 1000)
	return append(b, 0, replace)
}

// withAlpha is a picture that the encoder of PNG stores with alpha even where it is opaque: all frames share one header.
type withAlpha struct{ *stdimage.NRGBA }

func (withAlpha) Opaque() bool { return false }
