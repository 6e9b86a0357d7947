package tour

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/stride-ml/stride"
)

// Tour is what is asked of a tour.
type Tour struct {
	Guide Guide
	// Dir is the folder that files go to: a new or an empty one, or that of a
	// former tour, whose files are written over. Any other is refused with a
	// [*FolderError], unless Force is set.
	Dir   string
	Force bool
	Seed  uint64 // of everything random
	// Language is that of the sentences, of what is spoken and of the pages:
	// "en" or "zh". If empty, it is that of Creature, and English if that is
	// empty, too.
	Language string
	// Creature is a sentence about the creature at the end, in one of the two
	// languages: "a small red dragon that guards gold". If empty, that one.
	Creature string
	// Repeat is the command that repeats the tour, for the pages; may be empty.
	Repeat string

	// short makes little of everything, for tests.
	short bool
}

// Row is an object that was made on a tour, and what it cost.
type Row struct {
	Name     string        `json:"name"`     // what it is
	Model    string        `json:"model"`    // the checkpoint or pipeline that ran
	Strategy string        `json:"strategy"` // of a pipeline those of its stages, joined by +
	Passes   int           `json:"passes"`
	Elements int           `json:"elements"`
	Stride   float64       `json:"stride"` // elements a pass
	Time     time.Duration `json:"time_ns"`
	Seed     uint64        `json:"seed"`
	File     string        `json:"file"` // below the folder
	// RealTime is how many seconds of sound were made in one, 0 for other objects.
	RealTime float64 `json:"times_real_time,omitempty"`
}

// Guide shows a tour to somebody. An error of its own ends the tour.
type Guide interface {
	// Stop begins a stop of the tour, from 1 to of.
	Stop(number, of int, title string) error
	// Say says a sentence or two.
	Say(text string) error
	// Watch makes an object and shows it while it is made. Every step goes to keep
	// before it is shown, which is not to slow the generation down: it is measured.
	// It returns the last step, together with the error that ended the generation.
	Watch(ctx context.Context, m *stride.Model, w Work, keep func(stride.Step)) (stride.Step, error)
	// Wrote tells that files were written.
	Wrote(names ...string) error
	// Table shows everything that was made, a row each below a head: name, strategy,
	// passes, elements, stride, time, file.
	Table(cells [][]string) error
}

// Work is an object that a guide has to make.
type Work struct {
	Title   string // what it is, "" where the guide shows no title
	Prompt  stride.Prompt
	Options []stride.Option
	// Beat is how long each step is worth looking at, where there is somebody:
	// 1 is usual, and 0 as short as can be.
	Beat float64
	// Number and Of say which of several pictures it is that belong side by side,
	// from 1; both are 0 for one by itself.
	Number, Of int
}

// Quiet is a guide for nobody.
type Quiet struct{}

func (Quiet) Stop(int, int, string) error { return nil }
func (Quiet) Say(string) error            { return nil }
func (Quiet) Wrote(...string) error       { return nil }
func (Quiet) Table([][]string) error      { return nil }
func (Quiet) Watch(ctx context.Context, m *stride.Model, w Work, keep func(stride.Step)) (stride.Step, error) {
	var last stride.Step
	for step, err := range m.Generate(ctx, w.Prompt, w.Options...) {
		if step.Object != nil {
			last = step
		}
		if err != nil {
			return last, err
		}
		keep(step)
	}
	return last, nil
}

// run is a tour under way.
type run struct {
	Tour
	*phrases
	folder *folder
	asked  sentence
	rows   []Row
	page   indexPage // of what is finished
}

// Run makes the tour and returns what was made, also of a tour that a cancelled
// context or an error ended: its folder then shows what was finished.
func (t Tour) Run(ctx context.Context) ([]Row, error) {
	asked, err := parseSentence(t.Creature, t.Language)
	if err != nil {
		return nil, err
	}
	r := &run{Tour: t, phrases: texts[asked.language], asked: asked}
	if r.Guide == nil {
		r.Guide = Quiet{}
	}
	if r.folder, err = openFolder(t.Dir, t.Force); err != nil {
		return nil, err
	}
	err = r.stops(ctx)
	// What is finished is shown, however it ended.
	if pageErr := r.writeIndex(err == nil); pageErr != nil || !errors.Is(err, context.Canceled) {
		return r.rows, errors.Join(err, pageErr)
	}
	return r.rows, errors.Join(err, r.Guide.Say(fmt.Sprintf(r.stopped, len(r.rows), filepath.Join(r.folder.dir, indexName))))
}

// stops goes from stop to stop.
func (r *run) stops(ctx context.Context) error {
	if err := r.Guide.Say(fmt.Sprintf(r.intro, r.folder.dir)); err != nil {
		return err
	}
	all := []struct {
		title string
		visit func(context.Context) error
	}{
		{r.poemTitle, r.poem}, {r.pictureTitle, r.picture}, {r.storyTitle, r.story},
		{r.voiceTitle, r.voice}, {r.creatureTitle, r.creature}, {r.tableTitle, r.table},
	}
	for i, s := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.Guide.Stop(i+1, len(all), s.title); err != nil {
			return err
		}
		if err := r.visit(ctx, s.visit); err != nil {
			return err
		}
	}
	return nil
}

// visit visits a stop; one whose model is not bundled is left out.
func (r *run) visit(ctx context.Context, stop func(context.Context) error) error {
	err := stop(ctx)
	var absent *stride.NotFoundError
	if errors.As(err, &absent) {
		return r.Guide.Say(fmt.Sprintf(r.absent, absent.Name))
	}
	return err
}

// make makes an object and puts it on the table. The first pass is made twice, so
// that reading weights is not a part of what it cost.
func (r *run) make(ctx context.Context, m *stride.Model, w Work, row Row, keep func(stride.Step)) (stride.Step, error) {
	w.Options = append([]stride.Option{stride.Seed(r.Seed)}, w.Options...) // a seed among them comes after it
	if err := warm(ctx, m, w); err != nil {
		return stride.Step{}, err
	}
	last, err := r.Guide.Watch(ctx, m, w, keep)
	if err != nil {
		return last, err
	}
	r.rows = append(r.rows, row.of(last.Stats))
	return last, nil
}

// warm makes the first pass of an object, of a pipeline that of its last stage.
func warm(ctx context.Context, m *stride.Model, w Work) error {
	for step, err := range m.Generate(ctx, w.Prompt, w.Options...) {
		if err != nil || step.Stage == step.Stages {
			return err
		}
	}
	return nil
}

// of is the row with what it cost.
func (row Row) of(s stride.Stats) Row {
	row.Model, row.Strategy, row.Passes, row.Elements = s.Model, s.Strategy, s.Passes, s.Elements
	row.Stride, row.Time, row.Seed = s.Stride(), s.Total, s.Seed
	return row
}

// write writes files and tells of them.
func (r *run) write(files ...file) error {
	var names []string
	for _, f := range files {
		if err := r.folder.write(f); err != nil {
			return err
		}
		names = append(names, f.name)
	}
	return r.Guide.Wrote(names...)
}

// table is the last stop.
func (r *run) table(context.Context) error {
	if err := r.Guide.Say(r.tableIntro); err != nil {
		return err
	}
	if err := r.Guide.Table(r.cells(r.rows)); err != nil {
		return err
	}
	if err := r.writeIndex(true); err != nil {
		return err
	}
	return r.Guide.Wrote(indexName)
}

// cells are rows as a person reads them, below a head.
func (p *phrases) cells(rows []Row) [][]string {
	out := [][]string{p.columns}
	for _, row := range rows {
		out = append(out, []string{
			row.Name, row.Strategy, fmt.Sprint(row.Passes), fmt.Sprint(row.Elements), fmt.Sprintf("%.1f", row.Stride),
			fmt.Sprintf("%.0f ms", row.Time.Seconds()*1000), row.File,
		})
	}
	return out
}
