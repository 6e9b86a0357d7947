package text

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Patterns of the pre-splitters, as the models' own tokenizer.json have them.
const (
	gpt2Pattern  = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	digitPattern = `\p{N}`
	// What begins with a capital and what does not are words apart: GPT-4o, Llama 4, and Mistral's without contractions.
	casedWord   = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`
	capitalWord = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`
	contraction = `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
	signPattern = `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	pathPattern = `| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// family is how a family of models with byte-level merges treats text before and beside the merges.
type family struct {
	patterns []string // each cuts the parts that the one before left
	whole    bool     // a part that is a token is taken as it is, without merges
	bos      bool     // a sequence begins with BOS unless the file says otherwise
}

// families are the values of tokenizer.ggml.pre, as llama.cpp groups them.
var families = func() map[string]family {
	m := map[string]family{}
	add := func(f family, names ...string) {
		for _, n := range names {
			m[n] = f
		}
	}
	add(family{patterns: []string{gpt2Pattern}}, "gpt-2", "gpt2", "mpt", "olmo", "jais", "exaone4", "trillion", "granite-docling")
	add(family{patterns: []string{digitPattern, gpt2Pattern}},
		"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2")
	add(family{patterns: []string{contraction + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}` + signPattern}, whole: true, bos: true},
		"llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2")
	add(family{patterns: []string{contraction + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}` + signPattern}}, "dbrx", "smaug-bpe")
	add(family{patterns: []string{contraction + `|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}` + signPattern}},
		"qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "grok-2")
	add(family{patterns: []string{contraction + `|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`}}, "qwen35")
	add(family{patterns: []string{casedWord + `|` + capitalWord + `|\p{N}` + pathPattern}, whole: true, bos: true}, "tekken")
	add(family{patterns: []string{casedWord + contraction + `?|` + capitalWord + contraction + `?|\p{N}{1,3}` + pathPattern}}, "gpt-4o", "llama4", "kanana2")
	add(family{patterns: []string{`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`}},
		"bailingmoe", "bailingmoe2", "llada-moe")
	add(family{patterns: []string{`\p{N}{1,3}`, `[一-龥぀-ゟ゠-ヿ]+`,
		"[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+" + `|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`}},
		"deepseek-v3", "hunyuan-dense")
	add(family{patterns: []string{`[\p{P}\$\+<=>\^~\|]+`, gpt2Pattern, `\p{N}+`, `[0-9][0-9][0-9]`}}, defaultFamily)
	return m
}()

// defaultFamily is the family of a file that names none.
const defaultFamily = "default"

// splitters compiles the patterns of a family, once.
var splitters = func() map[string]func() []splitter {
	m := map[string]func() []splitter{}
	for name, f := range families {
		m[name] = sync.OnceValue(func() []splitter {
			var out []splitter
			for _, source := range f.patterns {
				p, err := parsePattern(source)
				if err != nil {
					panic(err) // a test compiles every family
				}
				out = append(out, splitter{pattern: p})
			}
			return out
		})
	}
	return m
}()

// findFamily returns the family that a model file names.
func findFamily(name string) (family, []splitter, error) {
	f, ok := families[name]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(families)), ", ")
		return f, nil, fmt.Errorf("%s is %q, which is not known; known: %s", keyPre, name, known)
	}
	return f, splitters[name](), nil
}
