package stride

import (
	"context"
	"fmt"
	"slices"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// texts is what the engines of text have in common.
type texts struct {
	*member
	config   network.Config
	grammars *grammars
}

func openTexts(e *member) (texts, error) {
	c, err := network.ReadConfig(e.file)
	if err != nil {
		return texts{}, err
	}
	if err := e.checkVocabulary(c.Vocab); err != nil {
		return texts{}, err
	}
	if e.card.MaxLength == 0 || e.card.MaxLength > c.Context {
		e.card.MaxLength = c.Context
	}
	return texts{e, c, &grammars{}}, nil
}

func (e texts) context() int { return e.config.Context }

// causal is the engine of texts by ar and speculate.
type causal struct {
	texts
	trunk    *network.Trunk
	decoders decoders
	costs    passCosts
	drafts   drafts
}

func openCausal(e *member) (engine, error) {
	t, err := openTexts(e)
	if err != nil {
		return nil, err
	}
	c := &causal{texts: t}
	c.decoders.usual = e.usualCache()
	return c, nil
}

func (e *causal) describe(info *Info) { info.Draft = e.drafts.bundledName(e) }

func (e *causal) read() (err error) {
	e.trunk, err = network.ReadDecoder(e.file)
	e.decoders.trunk = e.trunk
	return err
}

func (e *causal) start(pool *tensor.Pool, p Prompt, c config) (*generation, error) {
	prompt, o, err := e.resolve(p, c)
	if err != nil {
		return nil, err
	}
	decoders, err := e.decoders.lend(c, prompt)
	if err != nil {
		return nil, err
	}
	var g *generation
	if c.strategy == speculate {
		g, err = e.startSpeculate(pool, decoders, prompt, o, c)
	} else {
		g, err = begin(decoders, pool, func(d *network.Decoder) (strategy.Machine, error) { return strategy.NewAR(d, prompt, o) })
	}
	if err != nil {
		return nil, err
	}
	// Tokens are only appended: steps share the pieces of the earlier ones.
	var pieces []string
	g.show = func(s strategy.Step) Object {
		pieces = e.appendPieces(pieces, s.Tokens[len(pieces):])
		return Text{Pieces: slices.Clip(trimmed(pieces, s.Trim))}
	}
	return e.finish(g, c)
}

func (e *causal) speed(ctx context.Context, pool *tensor.Pool, _ string, length int) (float64, error) {
	prompt, err := e.format.Encode(e.tok, "", nil)
	if err != nil {
		return 0, err
	}
	d := e.decoders.take(pool)
	defer e.decoders.give(d)
	return stepwise(ctx, d, prompt, length)
}

// masked is the engine of texts by nar and refine.
type masked struct {
	texts
	model    *network.MaskedModel
	nets     evaluators[*network.Masked]
	predicts bool // it can say the length of a response
}

func openMasked(e *member) (engine, error) {
	t, err := openTexts(e)
	if err != nil {
		return nil, err
	}
	if _, ok := e.tok.Mask(); !ok {
		return nil, fmt.Errorf("no key tokenizer.ggml.mask_token_id: architecture %s needs a token for what is not yet known", e.architecture)
	}
	m := &masked{texts: t, predicts: network.PredictsLength(e.file)}
	m.nets = newEvaluators(func(pool *tensor.Pool) *network.Masked { return network.NewMasked(m.model, pool) })
	return m, nil
}

func (e *masked) read() (err error) {
	e.model, err = network.ReadMasked(e.file)
	return err
}

func (e *masked) describe(info *Info) { info.Fill = true }

func (e *masked) start(pool *tensor.Pool, p Prompt, c config) (*generation, error) {
	if err := e.chooseLength(&c); err != nil {
		return nil, err
	}
	prompt, o, err := e.resolve(p, c)
	if err != nil {
		return nil, err
	}
	if !e.predicts && c.length > 0 {
		o.Length, o.MaxLength = strategy.Fixed, c.length // nobody taught it to end where it is told
		if !c.chose("length") {
			o.MaxLength = min(o.MaxLength, e.config.Context-len(prompt))
		}
	}
	make := strategy.NewNAR
	if c.strategy == "refine" {
		make = strategy.NewRefine
	}
	g, err := begin(e.nets, pool, func(d *network.Masked) (strategy.Machine, error) { return make(d, prompt, o) })
	if err != nil {
		return nil, err
	}
	g.show = func(s strategy.Step) Object { return Text{Pieces: trimmed(e.appendPieces(nil, s.Tokens), s.Trim)} }
	return e.finish(g, c)
}

func (e *masked) speed(ctx context.Context, pool *tensor.Pool, _ string, length int) (float64, error) {
	prompt, err := e.format.Encode(e.tok, "", nil)
	if err != nil {
		return 0, err
	}
	tokens := append(prompt, make([]int, length)...)
	slots := make([]int, length)
	for i := range slots {
		slots[i] = len(prompt) + i
	}
	d := e.nets.take(pool)
	defer e.nets.give(d)
	return rate(ctx, length, func() error { _, err := d.Logits(tokens, slots); return err })
}

// appendPieces appends the text of each token, "" for one not yet known.
func (e texts) appendPieces(pieces []string, tokens []int) []string {
	for _, id := range tokens {
		piece := ""
		if id >= 0 {
			piece = string(e.tok.Bytes(id))
		}
		pieces = append(pieces, piece)
	}
	return pieces
}

// usualConfidence is refine's temperature of confidence where none is chosen.
const usualConfidence = 4.5

// resolve turns a prompt and options into tokens and the strategy's options.
func (e texts) resolve(p Prompt, c config) ([]int, strategy.Options, error) {
	o := strategy.Options{
		Sampling: c.sampling(), Seed: c.seed, Passes: e.passes(c), Block: c.block, Remask: c.remask, End: e.tok.EOS(), Ends: e.tok.Ends(),
	}
	if o.ConfidenceTemperature = c.confidence; !c.chose("confidence-temperature") && c.strategy == "refine" {
		o.ConfidenceTemperature = usualConfidence
	}
	o.Mask, _ = e.tok.Mask()
	if err := c.checkDraft(); err != nil {
		return nil, o, err
	}
	if err := c.checkCache(); err != nil {
		return nil, o, err
	}
	mostLength := e.card.MaxLength
	if o.Shift, o.ShiftKeep = c.chose("context-shift"), c.shiftKeep; o.Shift {
		mostLength = mostShifted
	}
	switch {
	case c.length == LengthFixed:
		o.Length = strategy.Fixed
	case c.length == LengthPredicted:
	case c.length < 1 || c.length >= mostLength:
		want := fmt.Sprintf("fixed, predicted or 1 to %d", mostLength-1)
		return nil, o, badOption("length", fmt.Sprint(c.length), want)
	case leftToRight(c.strategy):
		o.MaxLength = c.length
	default:
		o.Length = strategy.LengthMode(c.length + 1) // END takes a slot
	}
	conditions, err := e.constrain(&o.Constraint, p, c.strategy)
	if err != nil {
		return nil, o, err
	}
	prompt := p.tokens
	if prompt == nil {
		if prompt, err = e.format.Encode(e.tok, p.Text, conditions); err != nil {
			return nil, o, err
		}
	}
	if o.MaxLength == 0 && leftToRight(c.strategy) {
		o.MaxLength = mostLength
	}
	return prompt, o, e.limit(&o, c)
}
