// Package tilesclassifier bundles the model tiles-classifier: the yardstick that stride compare measures tiles with.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/tilesclassifier"
package tilesclassifier

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed tiles-classifier.gguf
var data []byte

func init() { models.Add("tiles-classifier", data) }
