package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
	"github.com/stride-ml/stride/measure/report"
	"github.com/stride-ml/stride/models"
)

// reportFlags are those of what a comparison writes, and of how long it may take.
type reportFlags struct {
	Out    string        `short:"o" help:"Write compare.csv, compare.json, frontier.svg (quality against time), sheets of pictures and sounds into this folder." placeholder:"DIR"`
	Report string        `help:"Write index.html, a page of its own with plots, objects and figures, and beside it what --out writes." placeholder:"DIR"`
	Within time.Duration `help:"About how long generating may take, such as 2m: where all objects would take longer there are fewer; default: no bound, of all 8m for everything." placeholder:"TIME"`
}

// everyModel is the name that stands for all bundled models.
const everyModel = "all"

// everyTime is how long all bundled models may take where nothing else is asked for.
const everyTime = 8 * time.Minute

// write writes what the flags ask for about some comparisons.
func (p *compareCommand) write(c *console, page report.Page) error {
	page.Took = time.Since(page.Started)
	for _, s := range page.Sections {
		if s.Comparison == nil || p.Out == "" && p.Report == "" {
			continue
		}
		if len(s.Comparison.Frontiers()) == 0 {
			of := ""
			if len(page.Sections) > 1 {
				of = s.Model + ": "
			}
			fmt.Fprintf(c.err, "%sno frontier.svg: %v\n", of, measure.ErrNoFrontier)
		}
		if p.Out != "" {
			if err := report.WriteFiles(filepath.Join(p.Out, s.Folder), s.Comparison); err != nil {
				return err
			}
		}
	}
	if p.Report == "" {
		return nil
	}
	return report.WriteFolder(p.Report, page)
}

// makeFolders makes the folders to write into: before minutes of measuring, not
// after.
func (p *compareCommand) makeFolders() error {
	for _, dir := range []string{p.Out, p.Report} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	return nil
}

// section is what a page says of a comparison, nil where err says why.
func (p *compareCommand) section(result *measure.Comparison, m *stride.Model, err error) report.Section {
	var s report.Section
	if result != nil {
		s = report.NewSection(result)
	}
	s.Title, s.NoData, s.Err = m.Info().Title, p.Data == "", err
	return s
}

// all compares all bundled models that make objects. What goes wrong with one is
// told, and does not keep the others from being compared.
func (p *compareCommand) all(ctx context.Context, c *console, command []string) error {
	if len(p.Prompt) > 0 || p.Against != "" || p.Prompts != "" || p.Classifier != "" || p.Vocoder != "" || p.Recogniser != "" || p.Draft != "" || p.Guidance != nil {
		return usageError{errors.New("prompts, --against, --classifier, --vocoder, --recogniser, --draft and --guidance are for one model, not for all")}
	}
	if err := p.makeFolders(); err != nil {
		return err
	}
	names, err := comparables()
	if err != nil {
		return err
	}
	page := report.Page{Started: time.Now(), Command: command}
	budget := cmp.Or(p.Within, everyTime)
	var failed error
	for i, name := range names {
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(c.err, "%s, %d of %d\n", name, i+1, len(names))
		// What one model leaves is there for those after it.
		p.Within = max(time.Second, (budget-time.Since(page.Started))/time.Duration(len(names)-i))
		section := p.one(ctx, c, name, command)
		section.Folder = name
		page.Sections = append(page.Sections, section)
		if section.Comparison != nil {
			if err := writeAll(c.out, fmt.Sprintf("%s\n\n%s\n", name, section.Comparison.Table())); err != nil {
				return err
			}
		}
		if section.Err != nil {
			fmt.Fprintf(c.err, "%s: %s\n", name, message(section.Err))
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, section.Err))
		}
	}
	return errors.Join(failed, p.write(c, page), ctx.Err())
}

// one compares one of all models: without real objects where the data has none of
// its kind.
func (p compareCommand) one(ctx context.Context, c *console, name string, command []string) report.Section {
	m, err := stride.Open(name)
	if err != nil {
		return report.Section{Model: name, Err: err}
	}
	defer m.Close()
	result, err := p.compare(ctx, c, m, command)
	if result == nil && p.Data != "" && errors.Is(err, fs.ErrNotExist) {
		missing := fmt.Sprintf("no real objects beside these: %v", err)
		p.Data = ""
		if result, err = p.compare(ctx, c, m, command); result != nil {
			result.Notes = append(result.Notes, missing)
		}
	}
	section := p.section(result, m, err)
	section.Model = name
	return section
}

// comparables lists the bundled models that can be compared: those that make
// objects by themselves, once each where several go by the same name.
func comparables() ([]string, error) {
	var out, companions []string
	for _, name := range models.Names() {
		info, f, err := inspect(name)
		if err != nil {
			out = append(out, name) // told when it is compared
			continue
		}
		assistant := f != nil && assists(f)
		if f != nil {
			if err := f.Close(); err != nil {
				return nil, err
			}
		}
		if assistant || info.Sound != nil && !speaks(info) || slices.Contains(companions, name) {
			continue
		}
		out, companions = append(out, name), append(companions, info.Companions...)
	}
	if len(out) == 0 {
		return nil, errors.New("this program was built without bundled models; give the path of a .gguf file instead of all")
	}
	return out, nil
}
