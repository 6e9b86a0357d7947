package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
)

// cacheFlags are those of the key-value cache.
type cacheFlags struct {
	CacheType    cacheTypeFlag `help:"How ar and speculate store the keys and values of earlier elements: f32 (default of models trained here), f16 (default of public ones) or q8_0 (default of public ones with quantised weights)." placeholder:"f32|f16|q8_0"`
	ContextShift *int          `help:"Let ar and speculate go on when the context is full: the first KEEP tokens stay, the older half of the others is dropped. --length may then be more than the context." placeholder:"KEEP"`
}

func (f cacheFlags) options() []stride.Option {
	var out []stride.Option
	if f.CacheType != "" {
		out = append(out, stride.CacheType(string(f.CacheType)))
	}
	if f.ContextShift != nil {
		out = append(out, stride.ContextShift(*f.ContextShift))
	}
	return out
}

// cacheTypeFlag is a value for [stride.CacheType].
type cacheTypeFlag string

// UnmarshalText refuses names of no type.
func (f *cacheTypeFlag) UnmarshalText(text []byte) error {
	if !slices.Contains(stride.CacheTypes(), string(text)) {
		return fmt.Errorf("%q is no type of a key-value cache, want one of %s", text, strings.Join(stride.CacheTypes(), ", "))
	}
	*f = cacheTypeFlag(text)
	return nil
}
