// Package mandarinrecogniser bundles the model mandarin-recogniser: the yardstick that stride compare measures voices
// with. Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/mandarinrecogniser"
package mandarinrecogniser

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed mandarin-recogniser.gguf
var data []byte

func init() { models.Add("mandarin-recogniser", data) }
