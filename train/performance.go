package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/train/align"
)

// performance is how the units of an utterance were spoken.
type performance struct {
	units  []speech.Unit
	frames []int
	pitch  []float32 // natural logarithm of hertz, between neighbours' where unvoiced
	energy []float32 // mean of the log-mel frames
	voiced []bool
}

// The fewest frames of a phone and of a rest: with one, phones are no better found,
// and with more rests eat into speech.
const (
	leastPhone   = 2
	leastSilence = 3
)

// leastRest is the number of frames from which on a rest that the text does not
// ask for is one.
const leastRest = 6

// align finds how the units of all utterances were spoken. What an utterance is
// left out for is told.
func (o *acousticObjective) align(ctx context.Context) error {
	o.t.opts.Progress(Progress{Message: "aligning sounds and what is said in them"})
	classes := o.classes()
	var all []*utterance
	for _, split := range []string{"train", "valid", "test"} {
		all = append(all, o.utterances[split]...)
	}
	lines := make([]line, 0, len(all))
	for part := range slices.Chunk(all, planned) {
		for i, mel := range o.frames(part) {
			lines = append(lines, o.line(part[i], mel, classes))
		}
	}
	train := len(o.utterances["train"])
	us := make([]align.Utterance, len(lines))
	for i := range lines {
		us[i] = lines[i].Utterance
	}
	c := align.Default(len(classes) + 1)
	c.Least = append(slices.Repeat([]int{leastPhone}, len(classes)), leastSilence)
	m, err := align.Train(ctx, us[:train], c, o.t.pool.Each)
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	found, errs := make([]*performance, len(all)), make([]error, len(all))
	o.t.pool.Each(len(all), func(i int) {
		var frames []int
		if frames, _, errs[i] = m.Align(us[i]); errs[i] == nil {
			found[i], errs[i] = o.perform(all[i], &lines[i], frames)
		}
	})
	o.said = map[*clip]*performance{}
	var out leftOut
	for i, u := range all {
		if errs[i] != nil {
			out.add(o.t.opts.Progress, u.file, errs[i])
			continue
		}
		o.said[u.clip] = found[i]
	}
	out.end(o.t.opts.Progress)
	for split, us := range o.utterances {
		o.utterances[split] = slices.DeleteFunc(us, func(u *utterance) bool { return o.said[u.clip] == nil })
	}
	if o.n = len(o.utterances["train"]); o.n == 0 {
		return fmt.Errorf("train: none of %d sounds fits what is said in it", train)
	}
	return ctx.Err()
}

// classes numbers what the aligner tells apart: sounds without stress and tone.
// Rests come after them.
func (o *acousticObjective) classes() map[string]int {
	classes := map[string]int{}
	for _, s := range o.language.Sounds() {
		if base := o.language.Base(s); !has(classes, base) {
			classes[base] = len(classes)
		}
	}
	return classes
}

func has(m map[string]int, key string) bool { _, ok := m[key]; return ok }

// line is what the aligner is given of an utterance: its units, and a rest after
// every word that may be none.
type line struct {
	align.Utterance
	units []speech.Unit
	added []bool // rests that the text does not ask for
	loud  []float64
}

func (o *acousticObjective) line(u *utterance, mel []float32, classes map[string]int) line {
	bands := o.t.recipe.Elements.Bands
	l := line{Utterance: align.Utterance{Features: align.Features(nil, mel, bands)}}
	for i := 0; i < len(mel); i += bands {
		var sum float64
		for _, v := range mel[i : i+bands] {
			sum += float64(v)
		}
		l.loud = append(l.loud, sum/float64(bands))
	}
	add := func(unit speech.Unit, added, optional bool) {
		class, ok := classes[o.language.Base(unit.Symbol)]
		if !ok {
			class = len(classes)
		}
		l.units, l.added = append(l.units, unit), append(l.added, added)
		l.Units, l.Optional = append(l.Units, class), append(l.Optional, optional)
	}
	for i, unit := range u.units {
		last := i == len(u.units)-1
		add(unit, false, unit.Place == speech.Rest && i > 0 && !last)
		ends := unit.Place == speech.Last || unit.Place == speech.Only
		if ends && !last && u.units[i+1].Place != speech.Rest {
			add(speech.Unit{Symbol: speech.Phrase.String(), Place: speech.Rest, Word: unit.Word}, true, true)
		}
	}
	return l
}

// perform measures the units of an utterance that take so many frames each. A
// rest that was not made is left out; one that was made though the text does not
// ask for it is one of a comma, unless it is too short.
func (o *acousticObjective) perform(u *utterance, l *line, frames []int) (*performance, error) {
	pitch, err := o.pitchOf(u)
	if err != nil {
		return nil, err
	}
	p := &performance{}
	at := 0
	var starts []int
	for i, unit := range l.units {
		n := frames[i]
		switch {
		case n == 0:
		case l.added[i] && n < leastRest:
			p.frames[len(p.frames)-1] += n
		default:
			p.units, p.frames, starts = append(p.units, unit), append(p.frames, n), append(starts, at)
		}
		at += n
	}
	for i, from := range starts {
		var tune, loud moments
		for t := from; t < from+p.frames[i]; t++ {
			if loud.add(l.loud[t]); pitch[t] > 0 {
				tune.add(pitch[t])
			}
		}
		p.energy = append(p.energy, float32(loud.mean()))
		p.voiced = append(p.voiced, tune.n > 0 && p.units[i].Place != speech.Rest)
		if p.voiced[i] {
			p.pitch = append(p.pitch, float32(tune.mean()))
		} else {
			p.pitch = append(p.pitch, 0)
		}
	}
	return p, p.bridge()
}

// bridge gives unvoiced units a pitch between those of their voiced neighbours.
func (p *performance) bridge() error {
	before := -1
	for i := range p.units {
		if !p.voiced[i] {
			continue
		}
		for k := before + 1; k < i; k++ {
			if before < 0 {
				p.pitch[k] = p.pitch[i]
				continue
			}
			share := float32(k-before) / float32(i-before)
			p.pitch[k] = p.pitch[before] + share*(p.pitch[i]-p.pitch[before])
		}
		before = i
	}
	if before < 0 {
		return fmt.Errorf("no pitch in any of its %d sounds", len(p.units))
	}
	for k := before + 1; k < len(p.units); k++ {
		p.pitch[k] = p.pitch[before]
	}
	return nil
}
