package image

import (
	stdimage "image"
	"image/color"
	"math"
	"slices"
	"strings"
)

// ColourNames are the names that [ColourName] gives. All but the last three are hues.
var ColourNames = []string{"red", "orange", "brown", "yellow", "green", "cyan", "blue", "purple", "magenta", "pink", "white", "grey", "black"}

// alsoColours are words for colours that captions use beside those of ColourNames.
var alsoColours = []string{"gold", "golden", "silver", "bronze", "gray", "violet", "teal", "scarlet", "crimson", "ivory", "indigo"}

// Bounds in Oklab between names, set so that names agree with the colours in captions of pixel art.
const (
	leastChroma = 0.045 // a colour with less has no hue
	darkest     = 0.22  // what is darker is black, whatever its hue
	blackest    = 0.31  // what is darker and has no hue is black
	whitest     = 0.76  // what is lighter and has no hue is white
)

// name is the name of a colour.
func (c lab) name() string {
	if math.Hypot(c.a, c.b) < leastChroma || c.l < darkest {
		switch {
		case c.l < blackest:
			return "black"
		case c.l > whitest:
			return "white"
		}
		return "grey"
	}
	switch hue := math.Mod(math.Atan2(c.b, c.a)*180/math.Pi+360, 360); {
	case hue < 42 || hue >= 352:
		if c.l > 0.75 {
			return "pink"
		}
		return "red"
	case hue < 82 && c.l < 0.64:
		return "brown"
	case hue < 72:
		return "orange"
	case hue < 98 && c.l < 0.55:
		return "brown"
	case hue < 117:
		return "yellow"
	case hue < 168:
		return "green"
	case hue < 225:
		return "cyan"
	case hue < 285:
		return "blue"
	case hue < 312 || c.l < 0.45:
		return "purple"
	}
	return "magenta"
}

// ColourName is the one of ColourNames that most of the picture has, and "" where none is clear: where less than half of
// what is drawn, black outlines left out, has it.
func ColourName(img *stdimage.NRGBA) string {
	count := map[string]int{}
	drawn := 0
	eachPixel(img, func(p []uint8) {
		if p[3] >= opaque {
			count[toLab(color.NRGBA{p[0], p[1], p[2], 255}).name()]++
			drawn++
		}
	})
	if black := count["black"]; 4*black < 3*drawn {
		drawn -= black
		delete(count, "black")
	}
	best := ""
	for _, name := range ColourNames {
		if 2*count[name] > drawn && count[name] > count[best] {
			best = name
		}
	}
	return best
}

// Recolour returns the picture with all hues turned by an angle in degrees, lightness kept; what would leave the range of
// sRGB is moved to its edge.
func Recolour(img *stdimage.NRGBA, angle float64) *stdimage.NRGBA {
	sin, cos := math.Sincos(angle * math.Pi / 180)
	return mapColours(img, func(c lab) lab {
		c.a, c.b = c.a*cos-c.b*sin, c.a*sin+c.b*cos
		return c
	})
}

// Tint returns the picture in shades of one hue, an angle in degrees of Oklab: what grey things look like in a colour.
func Tint(img *stdimage.NRGBA, hue float64) *stdimage.NRGBA {
	sin, cos := math.Sincos(hue * math.Pi / 180)
	return mapColours(img, func(c lab) lab {
		chroma := 0.6 * c.l * (1 - c.l) // none in black and white
		c.a, c.b = chroma*cos, chroma*sin
		return c
	})
}

// mapColours applies f to all pixels that are drawn.
func mapColours(img *stdimage.NRGBA, f func(lab) lab) *stdimage.NRGBA {
	b := img.Bounds()
	out := newPicture(b.Dx(), b.Dy())
	done := map[color.NRGBA]color.NRGBA{}
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := img.NRGBAAt(b.Min.X+x, b.Min.Y+y)
			if c.A == 0 {
				continue
			}
			to, ok := done[c]
			if !ok {
				to = f(toLab(c)).nrgba()
				to.A = c.A
				done[c] = to
			}
			out.SetNRGBA(x, y, to)
		}
	}
	return out
}

// CaptionColour is the first word of the caption that names a colour, in small letters, and "" if none does. Words beside
// those of ColourNames are among them.
func CaptionColour(caption string) string {
	for word := range strings.FieldsSeq(strings.ToLower(caption)) {
		word = strings.Trim(word, ",.;:!?")
		if slices.Contains(ColourNames, word) || slices.Contains(alsoColours, word) {
			return word
		}
	}
	return ""
}

// WithColour puts the name of a colour before the caption, after an article that it begins with: "a dragon" becomes
// "an orange dragon".
func WithColour(caption, name string) string {
	first, rest, _ := strings.Cut(caption, " ")
	switch {
	case first != "a" && first != "an" && first != "A" && first != "An":
		return strings.TrimSpace(name + " " + caption)
	case strings.ContainsRune("aeiou", rune(name[0])):
		first = first[:1] + "n"
	default:
		first = first[:1]
	}
	return first + " " + name + " " + rest
}
