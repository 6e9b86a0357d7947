// Package mandarin bundles mandarin, which reads out Mandarin in either script: a pipeline of the model mandarin-voice,
// which makes log-mel frames, and the vocoder, which makes sound of them. Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/mandarin"
package mandarin

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
	_ "github.com/stride-ml/stride/models/vocoder" // the second stage
)

//go:embed mandarin-voice.gguf
var voice []byte

//go:embed mandarin.yaml
var pipeline []byte

func init() {
	models.Add("mandarin-voice", voice)
	models.Add("mandarin", pipeline)
}
