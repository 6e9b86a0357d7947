package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/measure/plot"
	"github.com/stride-ml/stride/network"
)

// Keys of a training state.
const (
	keyStep  = "stride.state.step"
	keyEpoch = "stride.state.epoch"
	keyIndex = "stride.state.index"
	keySeen  = "stride.state.seen"
)

// openState opens the state to resume from, nil if there is none.
func openState(path string, restart bool) (*checkpoint.File, error) {
	if restart {
		return nil, nil
	}
	f, err := checkpoint.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("train: cannot resume: %w; train with --restart to begin anew", err)
	}
	return f, nil
}

// restore takes weights, moments, averages and position from a state.
func (t *trainer) restore(f *checkpoint.File) error {
	var seen int
	at := t.goal.place()
	for _, s := range []struct {
		key string
		to  *int
	}{{keyStep, &t.step}, {keyEpoch, &at.Epoch}, {keyIndex, &at.Index}, {keySeen, &seen}} {
		v, err := f.Int(s.key)
		if err != nil {
			return fmt.Errorf("train: cannot resume: %w", err)
		}
		*s.to = v
	}
	if t.step < 0 || at.Epoch < 0 || at.Index < 0 || at.Index > at.n {
		return fmt.Errorf("train: cannot resume: %s: step %d at row %d of %d", f.Name(), t.step, at.Index, at.n)
	}
	t.seen = int64(seen)
	for _, o := range t.optimisers() {
		for i, p := range o.params {
			for _, s := range o.state(i) {
				if err := f.Float32(s.name, s.data); err != nil {
					return fmt.Errorf("train: cannot resume (was the recipe's network changed? --restart begins anew): %w", err)
				}
			}
			p.Update()
		}
	}
	return nil
}

// save writes the state, the model and the loss curve.
func (t *trainer) save() error {
	b := checkpoint.NewBuilder("stride.state")
	at := t.goal.place()
	state := map[string]any{keyStep: uint64(t.step), keyEpoch: uint64(at.Epoch), keyIndex: uint64(at.Index), keySeen: uint64(t.seen)}
	if err := card.Store(b, state, t.goal.kept()); err != nil {
		return err
	}
	for _, o := range t.optimisers() {
		for i, p := range o.params {
			for _, s := range o.state(i) {
				if err := b.Add(s.name, checkpoint.F32, []int{p.Out, p.In}, s.data); err != nil {
					return err
				}
			}
		}
	}
	if err := b.WriteFile(t.statePath()); err != nil {
		return err
	}
	if err := t.saveModel(filepath.Join(t.opts.Out, "model.gguf")); err != nil {
		return err
	}
	return t.log.draw(filepath.Join(t.opts.Out, "loss.svg"), t.recipe.Name)
}

// saveModel writes the averaged weights as a model that stride.Open reads.
func (t *trainer) saveModel(path string) error {
	r := t.recipe
	c := card.Card{Name: r.Name, Title: r.Title, Strategies: r.Strategies, Companions: r.Companions,
		Licence: r.Data.Licence, Credits: r.Data.Credits, Source: r.Data.Source, Recipe: r.text,
		Defaults: card.Defaults{Temperature: r.Generate.Temperature, TopP: r.Generate.TopP, MinP: r.Generate.MinP, TopK: r.Generate.TopK,
			Passes: r.Generate.Passes, Guidance: r.Generate.Guidance, ShortcutPasses: r.Generate.ShortcutPasses},
		Results: map[string]float64{"train.steps": float64(t.step), "train.positions": float64(t.seen)},
	}
	arch, metadata := t.goal.describe(&c, t.lastVal, t.test)
	b := checkpoint.NewBuilder(arch)
	if err := card.Store(b, append([]map[string]any{c.Metadata()}, metadata...)...); err != nil {
		return err
	}
	kind, err := checkpoint.ParseType(r.Weights)
	if err != nil {
		return err
	}
	if err := network.WriteParams(b, t.goal.params(), t.opt.ema, kind); err != nil {
		return err
	}
	return b.WriteFile(path)
}

// logLine is one line of log.jsonl.
type logLine struct {
	Step      int      `json:"step"`
	Elements  int64    `json:"elements"`
	Loss      float64  `json:"loss"`
	Valid     *float64 `json:"valid,omitempty"`
	ValidBits *float64 `json:"valid_bits,omitempty"`
	Rate      float64  `json:"learning_rate"`
	Norm      float64  `json:"gradient_norm"`
	PerSecond float64  `json:"elements_per_second"`
}

// logFile appends reports to log.jsonl and remembers them for the loss curve.
type logFile struct {
	f     *os.File
	lines []logLine
}

// openLog opens the log of a folder, dropping lines past the step resumed from.
func openLog(dir string, step int) (*logFile, error) {
	path := filepath.Join(dir, "log.jsonl")
	l := &logFile{}
	var keep bytes.Buffer
	if old, err := os.ReadFile(path); err == nil && step > 0 {
		lines := bufio.NewScanner(bytes.NewReader(old))
		for lines.Scan() {
			var line logLine
			if json.Unmarshal(lines.Bytes(), &line) != nil || line.Step > step {
				break
			}
			l.lines = append(l.lines, line)
			keep.Write(append(lines.Bytes(), '\n'))
		}
	}
	if err := os.WriteFile(path, keep.Bytes(), 0o644); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	l.f = f
	return l, nil
}

// Close closes the file.
func (l *logFile) Close() error { return l.f.Close() }

func (l *logFile) write(p Progress) error {
	line := logLine{Step: p.Step, Elements: p.Elements, Loss: p.Loss, Rate: p.Rate, Norm: p.Norm, PerSecond: p.PerSecond}
	if !math.IsNaN(p.Valid) {
		line.Valid = &p.Valid
	}
	if !math.IsNaN(p.ValidBits) {
		line.ValidBits = &p.ValidBits
	}
	l.lines = append(l.lines, line)
	data, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	if _, err := l.f.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	return nil
}

// draw writes the loss curve, training and validation, as SVG.
func (l *logFile) draw(path, name string) error {
	curve := plot.LossCurve{Title: name, Loss: "loss, nats per element"}
	last := math.NaN()
	for _, line := range l.lines {
		curve.Train = append(curve.Train, plot.Point{X: float64(line.Elements), Y: line.Loss})
		if line.Valid != nil && *line.Valid != last {
			last = *line.Valid
			curve.Valid = append(curve.Valid, plot.Point{X: float64(line.Elements), Y: last})
		}
	}
	if len(curve.Train) == 0 {
		return nil
	}
	return checkpoint.WriteFileAtomic(path, func(w io.Writer) error { return curve.Write(w, plot.SVG) })
}
