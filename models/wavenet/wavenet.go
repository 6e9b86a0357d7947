// Package wavenet bundles the model wavenet: sound from log-mel frames, one sample after another. It is the strategy ar
// of the vocoder, whose ancestor it is, kept to compare with. Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/wavenet"
package wavenet

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed wavenet.gguf
var data []byte

func init() { models.Add("wavenet", data) }
