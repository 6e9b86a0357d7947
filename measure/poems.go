package measure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
)

// poemYard measures poems: beside real ones where there is data, and else by
// what the model's own causal network says.
type poemYard struct {
	source source
	*yardsticks
}

// mostScored is on how many test poems ar's bits per character are taken.
const mostScored = 200

func (y *poemYard) kind() Kind { return KindPoem }
func (y *poemYard) close()     {}

func (y *poemYard) prompts(o CompareOptions) []stride.Prompt {
	info := y.source.Info()
	if y.yardsticks == nil {
		return builtinPrompts(info)
	}
	var out []stride.Prompt
	for _, p := range shuffled(y.test, o.Seed)[:min(defaultPrompts, len(y.test))] {
		out = append(out, promptOf(p, info))
	}
	return out
}

func (y *poemYard) notes(_ *Comparison, o CompareOptions) []string {
	notes := textNotes(o)
	if y.yardsticks == nil {
		return append(notes, "no data folder given, so no unseen pairs or copied lines, and no judge: NLL is under the model's own causal network, bits a character; ar is at home there, and its row flattered")
	}
	return append(notes,
		fmt.Sprintf("NLL: bits a character, newline or END under a Kneser-Ney %d-gram that only counted half of the training poems and shares nothing with the networks; read it beside entropy, the commonplace is likely too", judgeOrder),
		fmt.Sprintf("unseen pairs and copied lines: against all training poems; bits/char: exact, on %d test poems given title and form", min(mostScored, len(y.test))))
}

func (y *poemYard) measure(ctx context.Context, c *Comparison, o CompareOptions, objects [][]object, whole bool) error {
	for i := range c.Rows {
		row := &c.Rows[i]
		if len(objects[i]) == 0 {
			continue
		}
		samples := make([]Sample, len(objects[i]))
		for k, x := range objects[i] {
			samples[k] = sampleOf(x)
		}
		row.Quality = y.score(samples)
		if y.yardsticks == nil && slices.Contains(y.source.Info().Strategies, "ar") {
			if err := y.judgeByModel(ctx, &row.Quality, objects[i]); err != nil {
				return err
			}
		}
		row.NLLLow, row.NLLHigh = row.Quality.NLLInterval(0.95, o.Seed)
	}
	i := c.find("ar")
	if y.yardsticks == nil {
		if i < 0 {
			return nil
		}
		return y.addFloor(ctx, c, o, objects[i])
	}
	real := y.addReal(c, o)
	if err := y.addFloor(ctx, c, o, real); err != nil || i < 0 || !whole {
		return err
	}
	l, err := scorePoems(ctx, y.source, spaced(y.test, mostScored), true)
	c.Rows[i].CharBits = l.BitsPerChar
	return err
}

// score measures samples with what there is to measure them with.
func (y *poemYard) score(samples []Sample) Coherence {
	if y.yardsticks == nil {
		return Measure(samples, nil, nil)
	}
	return Measure(samples, y.judge, y.training)
}

// addReal adds the row of the real poems, and returns them.
func (y *poemYard) addReal(c *Comparison, o CompareOptions) []object {
	poems := alike(shuffled(y.test, o.Seed), o.Prompts, o.Objects)
	samples := samplesOf(poems)
	r := emptyRow(realPoems)
	var objects []object
	for _, p := range poems {
		x := object{prompt: promptOf(p, y.source.Info()), text: strings.Join(p.Lines, "\n"), stats: stride.Stats{Stopped: "end"}}
		objects, r.made = append(objects, x), append(r.made, x.made())
	}
	r.Quality = y.score(samples)
	r.Objects = r.Quality.Samples
	r.NLLLow, r.NLLHigh = r.Quality.NLLInterval(0.95, 0)
	c.Real = append(c.Real, r)
	if r.Objects < o.Objects {
		c.Notes = append(c.Notes, fmt.Sprintf("only %d real poems beside %d of each strategy: do not compare entropy and distinct-2 with theirs, which depend on the number", r.Objects, o.Objects))
	}
	return objects
}

// addFloor adds the row of poems whose characters changed places at random, in all of
// the poems: what drawing each by itself would give. Lines keep their lengths.
func (y *poemYard) addFloor(ctx context.Context, c *Comparison, o CompareOptions, poems []object) error {
	if len(poems) == 0 {
		return nil
	}
	for i := range poems {
		poems[i].pieces = strings.Split(poems[i].text, "")
	}
	r, apart := emptyRow(shuffledText), exchanged(poems, o.Seed)
	var samples []Sample
	for _, x := range apart {
		r.made = append(r.made, x.made())
		samples = append(samples, sampleOf(x))
	}
	r.Objects, r.Quality = len(apart), y.score(samples)
	if y.yardsticks == nil {
		if err := y.judgeByModel(ctx, &r.Quality, apart); err != nil {
			return err
		}
	}
	r.NLLLow, r.NLLHigh = r.Quality.NLLInterval(0.95, 0)
	c.Real = append(c.Real, r)
	return nil
}

// sampleOf is a generated poem to be measured.
func sampleOf(x object) Sample {
	return Sample{Poem: ParsePoem(x.text), Ended: x.stats.Stopped == "end", Asked: askedForm(x.prompt.Conditions["form"])}
}

// judgeByModel takes the NLL under the model's own causal network, for want of
// a judge that is none of the networks compared.
func (y *poemYard) judgeByModel(ctx context.Context, c *Coherence, objects []object) error {
	bits, units := make([]float64, len(objects)), make([]float64, len(objects))
	for i, x := range objects {
		s, err := y.source.Score(ctx, x.prompt, x.text)
		if err != nil {
			return err
		}
		bits[i], units[i] = s.Bits, float64(s.Units)
	}
	c.judged(bits, units)
	return nil
}
