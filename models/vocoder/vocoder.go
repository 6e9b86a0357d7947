// Package vocoder bundles the model vocoder: sound from log-mel frames in one pass or a few, the second stage of every voice.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/vocoder"
package vocoder

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed vocoder.gguf
var data []byte

func init() { models.Add("vocoder", data) }
