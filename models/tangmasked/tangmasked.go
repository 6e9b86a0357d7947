// Package tangmasked bundles the model tang-masked: the same poems, all characters at once or in N passes; stride.Open("tang") finds it.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/tangmasked"
package tangmasked

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed tang-masked.gguf
var data []byte

func init() { models.Add("tang-masked", data) }
