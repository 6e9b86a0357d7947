package image

import (
	"fmt"
	"image/color"
	"math"
)

// MaxSize is the most pixels of a side of a picture that a model makes.
const MaxSize = 1024

// Format is what a model file says about its pictures.
type Format struct {
	Width, Height int
	BinaryAlpha   bool    // alpha is 0 or 255
	Palette       Palette // empty for models of values
	Norm          Norm    // of models of values
}

// Keys of the format in a model file.
const (
	keyWidth   = "stride.image.width"
	keyHeight  = "stride.image.height"
	keyAlpha   = "stride.image.alpha"
	keyPalette = "stride.image.palette" // 0xRRGGBBAA
	keyMean    = "stride.image.mean"    // of luma, two differences of colours, alpha
	keyDeviate = "stride.image.deviation"
)

// Values of keyAlpha.
const (
	alphaBinary = "binary"
	alphaSmooth = "smooth"
)

// Metadata gives the format as keys and values of a model file.
func (f Format) Metadata() map[string]any {
	m := map[string]any{keyWidth: uint32(f.Width), keyHeight: uint32(f.Height), keyAlpha: alphaSmooth}
	if f.BinaryAlpha {
		m[keyAlpha] = alphaBinary
	}
	if len(f.Palette) > 0 {
		list := make([]uint32, len(f.Palette))
		for i, c := range f.Palette {
			list[i] = key(c)<<8 | uint32(c.A)
		}
		m[keyPalette] = list
	}
	if f.Norm != (Norm{}) {
		m[keyMean], m[keyDeviate] = f.Norm.Mean[:], f.Norm.Deviation[:]
	}
	return m
}

// FormatFromMetadata reads what [Format.Metadata] wrote; get returns the value of a key. It is false for a file without
// any of those keys: not a model of pictures. An error names the key, and the index in the palette, that is not as it
// must be.
func FormatFromMetadata(get func(key string) (any, bool)) (Format, bool, error) {
	found := false
	for _, k := range []string{keyWidth, keyHeight, keyAlpha, keyPalette, keyMean, keyDeviate} {
		_, ok := get(k)
		found = found || ok
	}
	if !found {
		return Format{}, false, nil
	}
	var f Format
	var err error
	if f.Width, err = side(get, keyWidth); err != nil {
		return Format{}, true, err
	}
	if f.Height, err = side(get, keyHeight); err != nil {
		return Format{}, true, err
	}
	v, _ := get(keyAlpha)
	alpha, ok := v.(string)
	if !ok {
		return Format{}, true, fmt.Errorf("%s is a %T, want a string", keyAlpha, v)
	}
	if alpha != alphaBinary && alpha != alphaSmooth {
		return Format{}, true, fmt.Errorf("%s is %q, want %s or %s", keyAlpha, alpha, alphaBinary, alphaSmooth)
	}
	f.BinaryAlpha = alpha == alphaBinary
	if f.Palette, err = paletteFrom(get); err != nil {
		return Format{}, true, err
	}
	if f.Norm, err = normFrom(get); err != nil {
		return Format{}, true, err
	}
	return f, true, nil
}

func normFrom(get func(key string) (any, bool)) (s Norm, err error) {
	for _, k := range []struct {
		key     string
		to      *[Channels]float32
		atLeast float32
	}{{keyMean, &s.Mean, -1}, {keyDeviate, &s.Deviation, leastDeviation}} {
		v, ok := get(k.key)
		if !ok {
			_, mean := get(keyMean)
			if _, deviation := get(keyDeviate); mean || deviation {
				return Norm{}, fmt.Errorf("no %s, want %s and %s or neither", k.key, keyMean, keyDeviate)
			}
			return Norm{}, nil
		}
		list, ok := v.([]float32)
		if !ok || len(list) != Channels {
			return Norm{}, fmt.Errorf("%s is a %T, want a list of %d float32", k.key, v, Channels)
		}
		for i, x := range list {
			if !(x >= k.atLeast && x <= 1) {
				return Norm{}, fmt.Errorf("%s[%d] is %g, want %g to 1", k.key, i, x, k.atLeast)
			}
		}
		*k.to = [Channels]float32(list)
	}
	return s, nil
}

func side(get func(key string) (any, bool), key string) (int, error) {
	v, ok := get(key)
	if !ok {
		return 0, fmt.Errorf("no %s, want 1 to %d", key, MaxSize)
	}
	var n int64
	switch v := v.(type) {
	case uint32:
		n = int64(v)
	case int32:
		n = int64(v)
	case uint64:
		n = int64(min(v, math.MaxInt64))
	case int64:
		n = v
	default:
		return 0, fmt.Errorf("%s is a %T, want uint32", key, v)
	}
	if n < 1 || n > MaxSize {
		return 0, fmt.Errorf("%s is %v, want 1 to %d", key, v, MaxSize)
	}
	return int(n), nil
}

func paletteFrom(get func(key string) (any, bool)) (Palette, error) {
	v, ok := get(keyPalette)
	if !ok {
		return nil, nil
	}
	list, ok := v.([]uint32)
	if !ok {
		return nil, fmt.Errorf("%s is a %T, want a list of uint32", keyPalette, v)
	}
	if len(list) < 2 || len(list) > MaxColours {
		return nil, fmt.Errorf("%s has %d entries, want 2 to %d", keyPalette, len(list), MaxColours)
	}
	p := make(Palette, len(list))
	for i, c := range list {
		p[i] = color.NRGBA{uint8(c >> 24), uint8(c >> 16), uint8(c >> 8), uint8(c)}
		switch {
		case i == 0 && p[i].A != 0:
			return nil, fmt.Errorf("%s[0] is %#08x, want a transparent colour (last two digits 00)", keyPalette, c)
		case i > 0 && p[i].A != 255:
			return nil, fmt.Errorf("%s[%d] is %#08x, want an opaque colour (last two digits ff)", keyPalette, i, c)
		}
	}
	return p, nil
}
