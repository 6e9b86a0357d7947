// Package tang bundles the model tang: classical Chinese poems, one character after another.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/tang"
package tang

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed tang.gguf
var data []byte

func init() { models.Add("tang", data) }
