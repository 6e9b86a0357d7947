package command

import "github.com/stride-ml/stride"

// speculateFlags are those of speculate.
type speculateFlags struct {
	Draft     string `help:"Where speculate has its guesses from: ngram (what followed earlier in the text), jacobi (what the previous pass gave), or a draft head or smaller model, by name or .gguf file; default: ngram, and the draft head that is bundled for the model, if there is one." placeholder:"ngram|jacobi|MODEL"`
	DraftMost *int   `help:"The most elements that speculate guesses for a pass; default: 32." placeholder:"N"`
}

func (f speculateFlags) options() []stride.Option {
	var out []stride.Option
	if f.Draft != "" {
		out = append(out, stride.Draft(f.Draft))
	}
	if f.DraftMost != nil {
		out = append(out, stride.DraftMost(*f.DraftMost))
	}
	return out
}

// onlyAppends says whether a strategy never changes what it has committed.
func onlyAppends(strategy string) bool { return strategy == "ar" || strategy == "speculate" }
