package command

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/network"
)

// soundView shows a sound while it is made: the text and the word that was made
// last, how loud it is, and how far each stage has come.
type soundView struct {
	text      string
	stages    []stride.StageInfo
	sentences []int // where each begins
	made      *progress
	meter     *meter
	word      stride.Mark   // the last one that was begun
	coming    []stride.Mark // words whose sound is not made yet
}

func newSoundView(text string, info stride.Info, made *progress) *soundView {
	v := &soundView{text: text, stages: info.Stages, made: made, meter: newMeter(info.Sound.Rate)}
	if l, err := language.Find(info.Sound.Language); err == nil { // else it is shown as a whole
		for at := range l.Sentences(text) {
			v.sentences = append(v.sentences, at)
		}
	}
	return v
}

// add takes the samples and marks that follow.
func (v *soundView) add(s stride.Sound) {
	v.meter.add(s.Samples)
	for _, m := range s.Marks {
		if m.Kind == stride.MarkWord && m.Length > 0 {
			v.coming = append(v.coming, m)
		}
	}
	for len(v.coming) > 0 && v.coming[0].Start < v.made.duration() {
		v.word = v.coming[0]
		v.coming = v.coming[1:]
	}
}

// mostTextLines is how many lines of the text are shown: of a longer one the
// sentence that is made.
const mostTextLines = 6

func (v *soundView) frame(step stride.Step, width, _ int) []string {
	indent := strings.Repeat(" ", margin)
	width = max(width-margin-1, 8)
	var lines []string
	if v.text != "" {
		lines = append(v.words(step.Done, width), "")
	}
	lines = append(lines, v.meter.lines(width)...)
	if !step.Done {
		lines = append(lines, "")
		for _, s := range append(v.stageLines(step.Stats), v.made.line(step.Stats.Total)) {
			lines = append(lines, dim.Render(clipped(shortened(s, width), width)))
		}
	}
	for i, line := range lines {
		lines[i] = strings.TrimRight(indent+line, " ")
	}
	return lines
}

// words shows the text, with what was said, is said and is to come apart.
func (v *soundView) words(done bool, width int) []string {
	from, to := 0, len(v.text)
	if len(v.text) > mostTextLines*width {
		from, to = v.sentence(v.word.Offset)
	}
	at, end := min(max(v.word.Offset, from), to), min(max(v.word.Offset+v.word.Length, from), to)
	looks := [3]look{settled, fresh, unknown}
	if done {
		looks = [3]look{settled, settled, settled}
	}
	var all []glyph
	for i, part := range []string{v.text[from:at], v.text[at:end], v.text[end:to]} {
		all = appendGlyphs(all, part, looks[i])
	}
	wrapped := wrap(all, width)
	var lines []string
	for _, line := range wrapped[:min(len(wrapped), mostTextLines)] {
		lines = append(lines, render(line))
	}
	if len(wrapped) > mostTextLines {
		lines[mostTextLines-1] = clipped(textOf(wrapped[mostTextLines-1]), width-1) + dim.Render("…")
	}
	return lines
}

// sentence is where the sentence around a byte begins and ends.
func (v *soundView) sentence(at int) (from, to int) {
	to = len(v.text)
	for _, begin := range v.sentences {
		if begin > at {
			to = begin
			break
		}
		from = begin
	}
	for to > from && strings.ContainsRune(" \n\r\t", rune(v.text[to-1])) {
		to--
	}
	return from, to
}

// stageLines say how far each stage of a pipeline has come, or else the model.
func (v *soundView) stageLines(s stride.Stats) []string {
	if len(s.Stages) == 0 {
		return []string{strings.Join([]string{s.Strategy, plural(s.Passes, "pass", "passes")}, separator)}
	}
	var lines []string
	for i, t := range s.Stages {
		what := elements(t.Elements)
		switch {
		case i == len(s.Stages)-1:
			what = plural(t.Elements, "sample", "samples")
		case i < len(v.stages) && v.stages[i].Architecture == network.ArchitectureAcoustic:
			what = plural(t.Elements, "frame", "frames")
		}
		lines = append(lines, strings.Join([]string{fmt.Sprintf("stage %d", i+1), t.Model, t.Strategy, plural(t.Passes, "pass", "passes"), what}, separator))
	}
	return lines
}

// line says how much is made.
func (p progress) line(total time.Duration) string {
	line := fmt.Sprintf("%.1f s of sound", p.duration().Seconds())
	if p.samples > 0 {
		line += fmt.Sprintf("%s%.1f times real time", separator, p.realTime(total))
	}
	return line
}

// summary is the line below a finished sound.
func (p progress) summary(s stride.Stats) string {
	passes := plural(s.Passes, "pass", "passes")
	if len(s.Stages) > 0 {
		var each []string
		for _, t := range s.Stages {
			each = append(each, fmt.Sprint(t.Passes))
		}
		passes = strings.Join(each, " + ") + " passes"
	}
	return strings.Join([]string{
		s.Strategy, passes, fmt.Sprintf("%.2f s of sound", p.duration().Seconds()), fmt.Sprintf("%.1f times real time", p.realTime(s.Total)),
		fmt.Sprintf("first sound after %.0f ms", milliseconds(p.first)), fmt.Sprintf("seed %d", s.Seed),
	}, separator)
}

// soundLog says now and then how much of a long sound is made.
type soundLog struct {
	out  io.Writer
	made *progress
	last time.Time
}

// logEvery is the time between two lines of progress.
const logEvery = 10 * time.Second

func (l *soundLog) show(step stride.Step) error {
	switch now := time.Now(); {
	case l.last.IsZero():
		l.last = now
		return nil
	case step.Done || now.Sub(l.last) < logEvery:
		return nil
	default:
		l.last = now
	}
	return writeAll(l.out, strings.Join([]string{step.Stats.Strategy, l.made.line(step.Stats.Total)}, separator)+"\n")
}
