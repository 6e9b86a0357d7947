package stride

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// flows is the engine of pictures by nar and refine: all pixels at once, from
// noise, in one pass or several.
type flows struct {
	pictures
	model *network.FlowModel
	nets  evaluators[*network.Flow]
}

func openFlows(e *member) (engine, error) {
	c, err := network.ReadFlowConfig(e.file)
	if err != nil {
		return nil, err
	}
	if c.Channels != image.Channels {
		return nil, fmt.Errorf("the network has %d values a pixel, want %d: red, green, blue, alpha", c.Channels, image.Channels)
	}
	shared, err := openPictures(e, c.Width, c.Height, c.Text.Vocab, c.MaxCaption())
	if err != nil {
		return nil, err
	}
	f := &flows{pictures: shared}
	f.nets = newEvaluators(func(pool *tensor.Pool) *network.Flow { return network.NewFlow(f.model, pool) })
	return f, nil
}

func (e *flows) read() (err error) {
	e.model, err = network.ReadFlow(e.file)
	return err
}

func (e *flows) describe(info *Info) {
	e.pictures.describe(info)
	info.Picture.Guidance, info.Picture.Shortcut = float64(e.usualGuidance()), e.card.Defaults.ShortcutPasses
}

func (e *flows) start(pool *tensor.Pool, p Prompt, c config) (*generation, error) {
	o := strategy.FlowOptions{Seed: c.seed, Passes: e.passes(c), Toward: c.picture.toward, Mix: c.picture.mix}
	if c.picture.tile {
		o.Wrap = &strategy.Grid{Width: e.shape.Width, Height: e.shape.Height, Channels: image.Channels}
	}
	type setter func(*strategy.FlowOptions, Prompt, config) error
	for _, set := range []setter{e.setCaptions, e.setSolver, e.setGuidance, e.setPicture} {
		if err := set(&o, p, c); err != nil {
			return nil, err
		}
	}
	g, err := begin(e.nets, pool, func(d *network.Flow) (strategy.Machine, error) { return strategy.NewFlow(c.strategy, d, o) })
	if err != nil {
		return nil, err
	}
	g.show = func(s strategy.Step) Object {
		return Picture{Image: e.shape.Norm.Picture(s.Values, e.shape.Width, e.shape.Height, e.shape.BinaryAlpha), Known: s.Known()}
	}
	return g, nil
}

// condition lays out a caption. One that asks for nothing has no tokens: the
// network knows that as no condition.
func (e *flows) condition(field, caption string, conditions map[string]string) ([]int, error) {
	ids, err := e.tokens(field, caption, conditions)
	if err != nil {
		return nil, err
	}
	nothing, err := e.format.Encode(e.tok, "", nil)
	if err != nil || slices.Equal(ids, nothing) {
		return nil, err
	}
	return ids, nil
}

// setCaptions sets what the picture is to show and what not.
func (e *flows) setCaptions(o *strategy.FlowOptions, p Prompt, c config) (err error) {
	if o.Condition.Tokens, err = e.condition("caption", p.Text, p.Conditions); err != nil {
		return err
	}
	if o.Negative.Tokens, err = e.condition("negative prompt", p.Negative, nil); err != nil {
		return err
	}
	switch {
	case p.Toward != "":
		if o.Condition.Mix = c.picture.captions; !c.chose("mix-captions") {
			o.Condition.Mix = 0.5
		}
		o.Condition.Toward, err = e.condition("second caption", p.Toward, p.Conditions)
		return err
	case c.chose("mix-captions"):
		return badOption("mix-captions", fmt.Sprint(c.picture.captions), "a second caption to mix with")
	}
	return nil
}

func (e *flows) setSolver(o *strategy.FlowOptions, _ Prompt, c config) error {
	switch c.picture.solver {
	case "", "euler":
		o.Solver = strategy.Euler
	case "heun":
		o.Solver = strategy.Heun
	default:
		return badOption("solver", strconv.Quote(c.picture.solver), "euler or heun")
	}
	return nil
}

// setGuidance sets guidance and shortcuts, of which the latter have learned one
// guidance and take no other.
func (e *flows) setGuidance(o *strategy.FlowOptions, p Prompt, c config) error {
	learned := e.card.Defaults.ShortcutPasses
	plain := !c.chose("guidance") && o.Solver == strategy.Euler && p.Negative == ""
	o.Shortcut = plain && c.strategy == "refine" && o.Passes <= learned
	if c.chose("shortcut") {
		o.Shortcut = c.picture.shortcut
	}
	switch {
	case c.chose("guidance"):
		o.Guidance = c.picture.guidance
	case o.Shortcut || c.strategy == "nar" && p.Negative == "":
		o.Guidance = 1
	default:
		o.Guidance = e.usualGuidance()
	}
	const have = "with shortcuts, which have learned a guidance of their own"
	switch {
	case o.Shortcut && learned == 0:
		return badOption("shortcut", "true", "false: the model has not learned steps of a given length")
	case o.Shortcut && p.Negative != "":
		return badOption("negative prompt", strconv.Quote(p.Negative), "none "+have)
	case o.Shortcut && o.Guidance != 1:
		return badOption("guidance", fmt.Sprint(o.Guidance), "1 "+have)
	}
	return checkNegative(p, o.Guidance)
}

// usualStrength is how much of a picture is made anew where nothing else is
// asked for.
const usualStrength = 0.6

// setPicture sets the picture that is changed, or kept outside a mask.
func (e *flows) setPicture(o *strategy.FlowOptions, p Prompt, c config) error {
	if p.Picture == nil {
		switch {
		case p.Mask != nil:
			return badOption("mask", "no picture", "one that it is the mask of")
		case c.chose("strength"):
			return badOption("strength", fmt.Sprint(c.picture.strength), "a picture to begin from")
		}
		return nil
	}
	img, err := e.fit("picture", p.Picture, false)
	if err != nil {
		return err
	}
	o.Init, o.Strength = e.shape.Norm.Values(nil, img), usualStrength
	if p.Mask != nil {
		if o.Mask, err = e.mask(p.Mask, p.Picture); err != nil {
			return err
		}
		o.Known, o.Strength = o.Init, 1
	}
	if c.chose("strength") {
		o.Strength = c.picture.strength
	}
	return nil
}

func (e *flows) speed(ctx context.Context, pool *tensor.Pool, _ string, length int) (float64, error) {
	d := e.nets.take(pool)
	defer e.nets.give(d)
	x := make([]float32, d.Size())
	condition, err := d.Encode(nil)
	if err != nil {
		return 0, err
	}
	conditions := [][]float32{condition}
	return rate(ctx, length, func() error { _, err := d.Velocity(x, 0, 0, conditions); return err })
}
