package calibrate

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

const somePrint = "0123456789abcdef0123456789abcdef"

var here = measure.Machine{Processor: "Z80", Cores: 2, Stride: "v1", Kernels: "portable"}

// stored is the example in a store.
func stored(t *testing.T) (Store, *Calibration) {
	t.Helper()
	c := example()
	c.Fingerprint, c.Machine = somePrint, here
	s := Store{filepath.Join(t.TempDir(), "cache")}
	if err := s.Save(c); err != nil {
		t.Fatal(err)
	}
	return s, c
}

var tang = stride.Info{Name: "tang"}

func TestStore(t *testing.T) {
	s, c := stored(t)
	got, err := s.load(tang, somePrint, here)
	if err != nil {
		t.Fatal(err)
	}
	if got.Quality.From != FromOrder || !math.IsNaN(got.Entries[0].Score) {
		t.Errorf("a score of nothing: %+v", got.Entries[0])
	}
	if got.Entries[2].Cost != c.Entries[2].Cost || got.Entries[2].Setting != c.Entries[2].Setting || got.Probe != c.Probe || got.Lengths != c.Lengths {
		t.Errorf("got %+v, want %+v", got.Entries[2], c.Entries[2])
	}

	// Quality is of the model alone; data outrank all.
	q := Quality{Format: Format, Model: "tang", Fingerprint: somePrint, From: FromItself, Scores: map[string]float64{"ar": 0.75}}
	if err := s.SaveQuality(q); err != nil {
		t.Fatal(err)
	}
	for _, processor := range []string{"Z80", "6502"} {
		c.Machine.Processor = processor
		if err := s.Save(c); err != nil {
			t.Fatal(err)
		}
		got, err := s.load(tang, somePrint, c.Machine)
		if err != nil || got.Entries[0].Score != 0.75 || got.Quality.From != FromItself {
			t.Errorf("on a %s: %v, %+v", processor, err, got)
		}
	}
}

// Another model, machine or code has another file.
func TestStoreKey(t *testing.T) {
	s, _ := stored(t)
	slower, more, newer, plain := here, here, here, here
	slower.Processor, more.Cores, newer.Stride, plain.Kernels = "6502", 3, "v2", "avx2"
	for name, m := range map[string]measure.Machine{"processor": slower, "cores": more, "version": newer, "kernels": plain} {
		if _, err := s.load(tang, somePrint, m); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("another %s: got %v, want no file", name, err)
		}
	}
	if _, err := s.load(tang, "f"+somePrint[1:], here); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another model: got %v, want no file", err)
	}
	busy := here
	busy.Load.Busy = true
	if _, err := s.load(tang, somePrint, busy); err != nil {
		t.Errorf("a busy machine is not another: %v", err)
	}
}

// What is damaged or old says where and what, so that it can be measured anew.
func TestStoreStale(t *testing.T) {
	for name, damage := range map[string]func(c map[string]any){
		"format":   func(c map[string]any) { c["format"] = 0 },
		"settings": func(c map[string]any) { c["settings"] = []any{} },
		"probe":    func(c map[string]any) { c["probe"] = map[string]any{"seconds": 0} },
		"lengths":  func(c map[string]any) { c["lengths"] = map[string]any{"median": 5, "most": 1} },
		"cost":     func(c map[string]any) { c["settings"].([]any)[1].(map[string]any)["cost"] = map[string]any{} },
		"type":     func(c map[string]any) { c["settings"] = "none" },
	} {
		s, _ := stored(t)
		path := s.Path("tang", somePrint, here)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]any
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatal(err)
		}
		damage(all)
		if data, err = json.Marshal(all); err != nil {
			t.Fatal(err)
		}
		checkStale(t, s, name, path, data)
	}
	s, _ := stored(t)
	quality := s.qualityPath("tang", somePrint)
	for _, damaged := range []string{"{", `{"format": 99}`} {
		if err := os.WriteFile(quality, []byte(damaged), 0o666); err != nil {
			t.Fatal(err)
		}
		c, err := s.load(tang, somePrint, here)
		if err != nil || c.Quality.From != FromOrder || c.Quality.Stale == nil || c.Quality.Stale.Path != quality {
			t.Errorf("a damaged quality: %v, %+v, want it told", err, c)
		}
	}
	path := s.Path("tang", somePrint, here)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	checkStale(t, s, "half a file", path, data[:len(data)/2])
	checkStale(t, s, "an empty file", path, nil)
}

func checkStale(t *testing.T, s Store, name, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := s.load(tang, somePrint, here)
	var stale *StaleError
	if !errors.As(err, &stale) || stale.Path != path {
		t.Errorf("%s: got %v, want a StaleError of %s", name, err, path)
	}
}

func TestDefaultStore(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", dir)
	if s, err := DefaultStore(); err != nil || s.Dir != filepath.Join(dir, "stride", "calibration") {
		t.Errorf("got %v, %v, want a folder in %s", s, err, dir)
	}
}

// Names that are paths make no folders.
func TestPath(t *testing.T) {
	s := Store{"dir"}
	if dir := filepath.Dir(s.Path(`a/b\c:d`, somePrint, here)); dir != "dir" {
		t.Errorf("got a file in %s", dir)
	}
}

func TestScores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scores.json")
	for i, model := range []string{"tang", "tiles", "tang"} {
		if err := MergeScores(path, Quality{Model: model, Objects: i}); err != nil {
			t.Fatal(err)
		}
	}
	var all []Quality
	if err := read(path, &all); err != nil || len(all) != 2 || all[1].Model != "tang" || all[1].Objects != 2 {
		t.Errorf("got %+v, %v, want the latest of each model", all, err)
	}
	if err := json.Unmarshal(bundledScores, &all); err != nil {
		t.Fatalf("scores.json: %v", err)
	}
	for _, q := range all {
		if q.Format != Format || len(q.Fingerprint) != 32 || len(q.Scores) == 0 {
			t.Errorf("bundled scores of %s: %+v", q.Model, q)
		}
		for name, v := range q.Scores {
			if !(v >= 0 && v <= 1) {
				t.Errorf("bundled score of %s, %s: %v, want 0 to 1", q.Model, name, v)
			}
		}
		if got, ok := bundled(q.Fingerprint); !ok || got.From != FromBundled {
			t.Errorf("%s is not found by its fingerprint", q.Model)
		}
	}
	if got := (Quality{Scores: map[string]float64{"ar": 0.5}}).score(Setting{Name: speculate, Strategy: speculate}); got != 0.5 {
		t.Errorf("speculate has %v, want the score of ar", got)
	}
}
