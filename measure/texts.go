package measure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
)

// textYard measures texts that are not poems, with nothing beside them.
type textYard struct{ source source }

func (textYard) kind() Kind { return KindText }
func (textYard) close()     {}

func (y textYard) prompts(CompareOptions) []stride.Prompt { return builtinPrompts(y.source.Info()) }

func (textYard) notes(_ *Comparison, o CompareOptions) []string {
	return append(textNotes(o), fmt.Sprintf("not poems: entropy and distinct-2 count elements; repeated is the share of runs of %d elements that stood earlier in the same text", runLength))
}

// textNotes are those of texts of any kind.
func textNotes(o CompareOptions) []string {
	sample := fmt.Sprintf("%d prompts x %d x %d runs", len(o.Prompts), o.Count, o.Runs)
	if o.Objects != len(o.Prompts)*o.Count*o.Runs {
		sample = fmt.Sprintf("%d texts of each strategy to %d prompts, in %d runs", o.Objects, len(o.Prompts), o.Runs)
	}
	return []string{
		fmt.Sprintf("%s, seed %d; a time is the mean of a run, the median of the runs, spread from the fastest to the slowest run", sample, o.Seed),
		"each network samples by its own defaults where no option was given",
	}
}

func (textYard) measure(_ context.Context, c *Comparison, o CompareOptions, objects [][]object, _ bool) error {
	for i := range c.Rows {
		if len(objects[i]) > 0 {
			c.Rows[i].Quality, c.Rows[i].RepeatedRuns = measureTexts(objects[i])
		}
	}
	if i := c.find("ar"); i >= 0 && len(objects[i]) > 0 {
		apart := exchanged(objects[i], o.Seed)
		r := emptyRow(shuffledText)
		r.Objects = len(apart)
		r.Quality, r.RepeatedRuns = measureTexts(apart)
		for _, x := range apart {
			r.made = append(r.made, x.made())
		}
		c.Real = append(c.Real, r)
	}
	return nil
}

// mostExchanged is how many texts of exchanged elements there are, at most: they are
// scored for the floor alone.
const mostExchanged = 32

// exchanged are texts of the same lengths with their elements at random places of
// any of them, but for line breaks: what drawing each by itself would give.
func exchanged(objects []object, seed uint64) []object {
	objects = spaced(objects, mostExchanged)
	var all []string
	for _, x := range objects {
		for _, p := range x.pieces {
			if p != "\n" {
				all = append(all, p)
			}
		}
	}
	all = shuffled(all, seed)
	out := slices.Clone(objects)
	for i := range out {
		x := &out[i]
		x.pieces = slices.Clone(x.pieces)
		for k, p := range x.pieces {
			if p != "\n" {
				x.pieces[k], all = all[0], all[1:]
			}
		}
		x.text = stride.Text{Pieces: x.pieces}.String()
	}
	return out
}

// runLength is the length of the runs of elements that a text should not repeat.
const runLength = 4

// measureTexts measures texts of any kind over their elements: how varied they
// are, and the share of runs of elements that stood earlier in the same text.
func measureTexts(objects []object) (c Coherence, repeated float64) {
	c = emptyRow("").Quality
	c.Samples = len(objects)
	elements, distinct := map[string]int{}, map[[2]string]bool{}
	pairs, runs, again := 0, 0, 0
	for _, x := range objects {
		earlier := map[string]bool{}
		for i, piece := range x.pieces {
			elements[piece]++
			c.Characters++
			if i > 0 {
				pairs++
				distinct[[2]string{x.pieces[i-1], piece}] = true
			}
			if i+1 >= runLength {
				runs++
				run := strings.Join(x.pieces[i+1-runLength:i+1], "\x00")
				again += count(earlier[run])
				earlier[run] = true
			}
		}
	}
	c.Entropy, c.Distinct2 = entropy(elements, c.Characters), share(len(distinct), pairs)
	return c, share(again, runs)
}
