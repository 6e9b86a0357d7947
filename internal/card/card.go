// Package card is what a model file says about itself beside its weights:
// name, strategies, defaults, recipe, licence, results. Training writes it and
// opening a model reads it.
package card

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Card describes one model file.
type Card struct {
	Name       string
	Title      string
	Strategies []string // that this file's network serves; nil if it does not say
	Companions []string // models that serve others under the same name
	MaxLength  int      // most elements of a response, END counted
	Licence    string
	Credits    string
	Source     string // where the training data comes from
	Recipe     string // as written
	Defaults   Defaults
	Results    map[string]float64
}

// Defaults are the options a generation starts from.
type Defaults struct {
	Temperature, TopP, MinP float64
	TopK, Passes            int
	Guidance                float64 // of continuous networks; 1 is the condition alone
	// ShortcutPasses is up to how many passes a continuous network is told the
	// length of its steps, with guidance learned; 0 if it never was taught.
	ShortcutPasses int
}

const (
	keyName       = "general.name"
	keyTitle      = "general.description"
	keyLicence    = "general.license"
	keyStrategies = "stride.strategies"
	keyCompanions = "stride.companions"
	keyMaxLength  = "stride.max_length"
	keyCredits    = "stride.credits"
	keySource     = "stride.data.source"
	keyRecipe     = "stride.recipe"
	keyTemp       = "stride.generate.temperature"
	keyTopP       = "stride.generate.top_p"
	keyMinP       = "stride.generate.min_p"
	keyTopK       = "stride.generate.top_k"
	keyPasses     = "stride.generate.passes"
	keyGuidance   = "stride.generate.guidance"
	keyShortcut   = "stride.generate.shortcut_passes"
	prefixResult  = "stride.results."
)

// Metadata gives the card as keys and values of a model file.
func (c Card) Metadata() map[string]any {
	m := map[string]any{
		keyName: c.Name, keyTitle: c.Title, keyLicence: c.Licence,
		keyStrategies: c.Strategies, keyMaxLength: uint32(c.MaxLength),
		keyCredits: c.Credits, keySource: c.Source, keyRecipe: c.Recipe,
		keyTemp: float32(c.Defaults.Temperature), keyTopP: float32(c.Defaults.TopP), keyMinP: float32(c.Defaults.MinP),
		keyTopK: uint32(c.Defaults.TopK), keyPasses: uint32(c.Defaults.Passes),
	}
	if c.Defaults.Guidance > 0 {
		m[keyGuidance] = float32(c.Defaults.Guidance)
	}
	if c.Defaults.ShortcutPasses > 0 {
		m[keyShortcut] = uint32(c.Defaults.ShortcutPasses)
	}
	if len(c.Companions) > 0 {
		m[keyCompanions] = c.Companions
	}
	for name, v := range c.Results {
		m[prefixResult+name] = v
	}
	return m
}

// Source is the part of a model file that a card is read from.
type Source interface {
	Keys() []string
	Value(key string) (any, bool)
}

// Read reads a card. Missing keys keep the values of a plain model (no limits of
// its own); a key of the wrong type is an error.
func Read(f Source) (Card, error) {
	c := Card{Results: map[string]float64{}, Defaults: Defaults{Temperature: 0.8, TopP: 0.95, Passes: 8}}
	for _, s := range []struct {
		key string
		to  *string
	}{{keyName, &c.Name}, {keyTitle, &c.Title}, {keyLicence, &c.Licence}, {keyCredits, &c.Credits}, {keySource, &c.Source}, {keyRecipe, &c.Recipe}} {
		if err := get(f, s.key, s.to); err != nil {
			return c, err
		}
	}
	for _, s := range []struct {
		key string
		to  *[]string
	}{{keyStrategies, &c.Strategies}, {keyCompanions, &c.Companions}} {
		if err := get(f, s.key, s.to); err != nil {
			return c, err
		}
	}
	for _, s := range []struct {
		key string
		to  *float64
	}{{keyTemp, &c.Defaults.Temperature}, {keyTopP, &c.Defaults.TopP}, {keyMinP, &c.Defaults.MinP}, {keyGuidance, &c.Defaults.Guidance}} {
		v := float32(*s.to)
		if err := get(f, s.key, &v); err != nil {
			return c, err
		}
		*s.to = float64(v)
	}
	for _, s := range []struct {
		key string
		to  *int
	}{{keyMaxLength, &c.MaxLength}, {keyTopK, &c.Defaults.TopK}, {keyPasses, &c.Defaults.Passes}, {keyShortcut, &c.Defaults.ShortcutPasses}} {
		v := uint32(*s.to)
		if err := get(f, s.key, &v); err != nil {
			return c, err
		}
		if v > 1<<24 {
			return c, fmt.Errorf("key %s is %d, want at most %d", s.key, v, 1<<24)
		}
		*s.to = int(v)
	}
	for _, key := range f.Keys() {
		if name, ok := strings.CutPrefix(key, prefixResult); ok {
			var v float64
			if err := get(f, key, &v); err != nil {
				return c, err
			}
			c.Results[name] = v
		}
	}
	return c, nil
}

func get[T any](f Source, key string, to *T) error {
	v, ok := f.Value(key)
	if !ok {
		return nil
	}
	t, ok := v.(T)
	if !ok {
		return fmt.Errorf("key %s is a %T, want a %T", key, v, *to)
	}
	*to = t
	return nil
}

// Setter is the part of a model file's builder that metadata is written to.
type Setter interface {
	Set(key string, value any) error
}

// Store sets keys in sorted order, so that the same content is the same bytes.
func Store(b Setter, all ...map[string]any) error {
	for _, m := range all {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if err := b.Set(key, m[key]); err != nil {
				return err
			}
		}
	}
	return nil
}
