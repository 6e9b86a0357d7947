// Package english bundles english, which reads out English text: a pipeline of the model english-voice, which makes
// log-mel frames, and the vocoder, which makes sound of them. Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/english"
package english

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
	_ "github.com/stride-ml/stride/models/vocoder" // the second stage
)

//go:embed english-voice.gguf
var voice []byte

//go:embed english.yaml
var pipeline []byte

func init() {
	models.Add("english-voice", voice)
	models.Add("english", pipeline)
}
