// Package tilesflow bundles the model tiles-flow: the same pixel art, all pixels at once or in N passes from blurred to sharp.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/tilesflow"
package tilesflow

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed tiles-flow.gguf
var data []byte

func init() { models.Add("tiles-flow", data) }
