package network

import "strings"

// Architectures of model files of texts, by general.architecture.
const (
	ArchitectureLlama  = "llama" // Llama, Mistral, SmolLM2, TinyLlama
	ArchitectureLLaDA  = "llada"
	ArchitectureDream  = "dream"
	ArchitectureQwen2  = "qwen2"
	ArchitectureQwen3  = "qwen3"
	ArchitectureGemma  = "gemma"
	ArchitectureGemma2 = "gemma2"
	ArchitectureGemma3 = "gemma3"
)

// family is what files of an architecture leave unsaid: the form of its blocks
// and the values of missing keys. Biases and an output table of its own are there
// if their tensors are.
type family struct {
	name   string
	masked bool // sees all positions and fills in masks, for nar and refine; else causal, for ar
	form   Form

	window, globalEvery int     // as in Config
	localBase           float64 // as in Config, where layers have a window
	scoreCap, logitCap  float32
	// wide is the number of layers of the family's largest model, whose scores are
	// scaled by width over heads and not by the width of a head; 0: none.
	wide int
}

// families holds all architectures that the trunk serves, in the order in which
// errors list them.
var families = []family{
	{name: ArchitectureLlama},
	{name: ArchitectureQwen2, form: Form{Halves: true}},
	{name: ArchitectureQwen3, form: Form{Halves: true, QKNorm: true}},
	{name: ArchitectureGemma, form: Form{GELU: true, ScaleEmbed: true, Halves: true}},
	{
		name: ArchitectureGemma2, form: Form{GELU: true, ScaleEmbed: true, Halves: true, PostNorm: true},
		window: 4096, globalEvery: 2, scoreCap: 50, logitCap: 30, wide: 46,
	},
	{
		name: ArchitectureGemma3, form: Form{GELU: true, ScaleEmbed: true, Halves: true, PostNorm: true, QKNorm: true},
		globalEvery: 6, localBase: 10000, wide: 62,
	},
	{name: ArchitectureLLaDA, masked: true},
	{name: ArchitectureDream, masked: true, form: Form{Halves: true, Shift: true}},
}

// Families lists the architectures whose texts are made one token after another,
// or those that fill in masked ones.
func Families(masked bool) (names []string) {
	for _, f := range families {
		if f.masked == masked {
			names = append(names, f.name)
		}
	}
	return names
}

func familyOf(architecture string) (family, bool) {
	for _, f := range families {
		if f.name == architecture {
			return f, true
		}
	}
	return family{}, false
}

// knownFamilies is for errors.
func knownFamilies() string {
	var names []string
	for _, f := range families {
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}
