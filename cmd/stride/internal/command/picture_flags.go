package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/stride-ml/stride"
)

// pictureFlags are the flags of generate for models that make pictures.
type pictureFlags struct {
	Guidance *float32 `help:"How far a picture is moved to the caption; 1 is the caption alone, more follows it more closely and varies less." placeholder:"G"`
	Negative string   `help:"A caption of what the picture is not to show." placeholder:"TEXT"`
	Solver   string   `help:"refine: euler (default) or heun, of second order, whose steps take two passes." placeholder:"NAME"`
	Shortcut *bool    `negatable:"" help:"refine: tell the network how long its steps are, as it learned for few passes; default: the model's."`
	Tile     bool     `help:"nar and refine: a picture that can be laid beside itself."`

	Init     string   `help:"nar and refine: a picture to change." placeholder:"FILE"`
	Strength *float32 `help:"How much of --init is made anew, above 0 to 1; default 0.6, with --mask 1." placeholder:"S"`
	Mask     string   `help:"The part of --init to make anew: white pixels of this picture; the rest stays." placeholder:"FILE"`
	Complete string   `help:"ar: a picture whose upper rows are kept and whose lower ones are drawn." placeholder:"FILE"`
	Keep     *float32 `help:"The share of the rows of --complete to keep; default 0.5." placeholder:"SHARE"`

	Toward     string  `help:"nar and refine: a caption to go to, in --frames pictures that become an animation." placeholder:"TEXT"`
	TowardSeed *uint64 `help:"nar and refine: a seed to go to, in --frames pictures that become an animation." placeholder:"SEED"`
	Frames     *int    `help:"Pictures of --toward and --toward-seed, both ends counted; default 16." placeholder:"N"`

	Prompts  string        `help:"File of captions, one a line; each makes --count pictures." placeholder:"FILE"`
	Size     sizeFlag      `help:"Size of what is written, a whole multiple of the model's: 256x256, 256 (wide) or 8x; pixels become squares." placeholder:"SIZE"`
	Sheet    sheetFlag     `help:"Write several pictures as one sheet, of so many columns if told (--sheet=8)." placeholder:"COLUMNS"`
	Gap      *int          `help:"Transparent pixels between and around the pictures of --sheet; default: a sixteenth of a picture." placeholder:"N"`
	Atlas    string        `help:"Write where each picture of --sheet is, as JSON: name, x, y, w, h, seed." placeholder:"FILE"`
	StepsOut string        `help:"Write how the picture came about as an animation, .gif or .png." placeholder:"FILE"`
	Delay    time.Duration `help:"How long an animation shows each picture; default 80ms." placeholder:"TIME"`
}

const (
	defaultFrames = 16
	defaultDelay  = 80 * time.Millisecond
)

// validate refuses numbers out of range.
func (f *pictureFlags) validate() error {
	switch {
	case f.Frames != nil && *f.Frames < 2:
		return fmt.Errorf("--frames is %d, want 2 or more", *f.Frames)
	case f.Gap != nil && (*f.Gap < 0 || *f.Gap > maxSide):
		return fmt.Errorf("--gap is %d, want 0 to %d", *f.Gap, maxSide)
	case f.Delay < 0:
		return fmt.Errorf("--delay is %s, want more than 0", f.Delay)
	}
	return nil
}

// goes tells whether the pictures go from one to another.
func (f *pictureFlags) goes() bool { return f.Toward != "" || f.TowardSeed != nil }

// maxSide is the most pixels of a side of a written picture.
const maxSide = 4096

// sizeFlag is a size asked for: width and height, width alone, or a multiple of
// the model's size.
type sizeFlag struct{ width, height, times int }

// UnmarshalText reads 256x128, 256 or 8x.
func (s *sizeFlag) UnmarshalText(text []byte) error {
	width, height, crossed := strings.Cut(strings.ToLower(string(text)), "x")
	n, err := strconv.Atoi(width)
	m, otherErr := n, error(nil)
	if height != "" {
		m, otherErr = strconv.Atoi(height)
	}
	switch {
	case err != nil || otherErr != nil || n < 1 || m < 1:
		return fmt.Errorf("%q is no size, want one like 256x256, 256 or 8x", text)
	case height != "":
		*s = sizeFlag{width: n, height: m}
	case crossed:
		*s = sizeFlag{times: n}
	default:
		*s = sizeFlag{width: n}
	}
	return nil
}

// scale is how many pixels wide and high a pixel of the model's becomes.
func (s sizeFlag) scale(p *stride.PictureInfo) (int, error) {
	most := max(maxSide/max(p.Width, p.Height), 1)
	k, asked := max(s.times, 1), fmt.Sprintf("%dx", s.times)
	if s.width > 0 {
		k, asked = s.width/p.Width, strconv.Itoa(s.width)
		if s.height > 0 {
			k, asked = min(k, s.height/p.Height), fmt.Sprintf("%dx%d", s.width, s.height)
		}
		k = min(max(k, 1), most)
	}
	if s.times <= most && (s.width == 0 || s.width == k*p.Width && (s.height == 0 || s.height == k*p.Height)) {
		return k, nil
	}
	near := []string{fmt.Sprintf("%dx%d", min(k, most)*p.Width, min(k, most)*p.Height)}
	if k < most {
		near = append(near, fmt.Sprintf("%dx%d", (k+1)*p.Width, (k+1)*p.Height))
	}
	return 0, usageError{fmt.Errorf("--size %s: want a whole multiple of the model's %dx%d, up to %dx; the nearest: %s", asked, p.Width, p.Height, most, strings.Join(near, ", "))}
}

// sheetFlag says whether pictures go on one sheet, and of how many columns; 0
// makes about as many rows as columns.
type sheetFlag struct {
	on      bool
	columns int
}

// IsBool tells kong that the number of columns may be left out.
func (sheetFlag) IsBool() bool { return true }

// Decode is called by kong.
func (s *sheetFlag) Decode(ctx *kong.DecodeContext) error {
	s.on = true
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	value := ctx.Scan.Pop().String()
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return fmt.Errorf("%q columns, want a number from 1", value)
	}
	s.columns = n
	return nil
}

// makes says what a model makes.
func makes(info stride.Info) string {
	switch {
	case info.Picture != nil:
		return "pictures"
	case info.Sound != nil && info.Sound.Samples:
		return "sound"
	case info.Sound != nil:
		return "log-mel frames"
	}
	return "text"
}

// misused refuses flags that only this command knows where they mean nothing:
// for a model of texts, or without or beside others. What options mean for a
// model or strategy it is the model that knows.
func (g *generateCommand) misused(info stride.Info) error {
	if given := g.soundFlags.given(); info.Sound == nil && len(given) > 0 {
		return usageError{fmt.Errorf("--%s is for models that make sound; %s makes %s", given[0], g.Model, makes(info))}
	}
	none := info.Picture == nil
	for _, f := range []struct {
		flag  string
		given bool
		lacks bool // what it needs
		needs string
	}{
		{"frames", g.Frames != nil, !g.goes(), "--toward TEXT or --toward-seed SEED"},
		{"prompts", g.Prompts != "", len(g.Prompt) > 0, "captions of its own, want no other"},
		{"size", g.Size != sizeFlag{}, false, ""},
		{"sheet", g.Sheet.on, g.goes(), "pictures side by side, want neither --toward nor --toward-seed"},
		{"gap", g.Gap != nil, !g.Sheet.on, "--sheet"},
		{"atlas", g.Atlas != "", !g.Sheet.on, "--sheet"},
		{"steps-out", g.StepsOut != "", g.goes(), "single pictures, want neither --toward nor --toward-seed"},
		{"delay", g.Delay != 0, !g.goes() && g.StepsOut == "", "animations: --steps-out, --toward or --toward-seed"},
		{"mask", g.Mask != "", g.Init == "", "--init FILE, the picture to change"},
		{"strength", g.Strength != nil, g.Init == "", "--init FILE, the picture to change"},
		{"keep", g.Keep != nil, g.Complete == "", "--complete FILE, the picture to go on with"},
		{"toward", g.Toward != "", g.Count > 1 || g.Prompts != "", "one picture, want neither --count nor --prompts"},
		{"toward-seed", g.TowardSeed != nil, g.Count > 1 || g.Prompts != "", "one picture, want neither --count nor --prompts"},
		{"complete", g.Complete != "", g.Init != "", "pictures by ar and --init for those by nar and refine, want one of them"},
	} {
		switch {
		case f.given && none:
			return usageError{fmt.Errorf("--%s is for models that make pictures; %s makes %s", f.flag, g.Model, makes(info))}
		case f.given && f.lacks:
			return usageError{fmt.Errorf("--%s is for %s", f.flag, f.needs)}
		}
	}
	return nil
}

// options are the options of pictures.
func (f *pictureFlags) options() []stride.Option {
	var out []stride.Option
	if f.Guidance != nil {
		out = append(out, stride.Guidance(*f.Guidance))
	}
	if f.Solver != "" {
		out = append(out, stride.Solver(f.Solver))
	}
	if f.Shortcut != nil {
		out = append(out, stride.Shortcut(*f.Shortcut))
	}
	if f.Tile {
		out = append(out, stride.Tile())
	}
	if f.Strength != nil {
		out = append(out, stride.Strength(*f.Strength))
	}
	if f.Keep != nil {
		out = append(out, stride.Keep(*f.Keep))
	}
	return out
}
