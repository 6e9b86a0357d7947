package stride

import (
	"fmt"
	"slices"

	"github.com/stride-ml/stride/network"
)

// MemoryError says that a model needs more memory than there is.
type MemoryError = network.MemoryError

// Families of public language models are served as those of the same kind that
// are trained here.
func init() {
	for _, name := range network.Families(false) {
		architectures[name] = architectures[network.ArchitectureLlama]
	}
	for _, name := range network.Families(true) {
		architectures[name] = architectures[network.ArchitectureLLaDA]
	}
}

// publicStrategies are those of a file that names none, the best first.
func publicStrategies(architecture string) []string {
	if slices.Contains(network.Families(true), architecture) {
		return []string{"refine", "nar"}
	}
	return []string{"ar"}
}

// usualSlots is how long the responses of a masked network are drawn that cannot
// say how long they should be.
const usualSlots = 128

// chooseLength settles for a length where none was asked for and the network cannot
// predict it.
func (e *masked) chooseLength(c *config) error {
	if e.predicts || c.length != LengthPredicted {
		return nil
	}
	most := e.card.MaxLength - 1
	if c.chose("length") {
		return badOption("length", "predicted", fmt.Sprintf("fixed or 1 to %d: this model cannot predict one", most))
	}
	c.length = min(usualSlots, most)
	return nil
}
