// Package englishrecogniser bundles the model english-recogniser: the yardstick that stride compare measures voices
// with. Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/englishrecogniser"
package englishrecogniser

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed english-recogniser.gguf
var data []byte

func init() { models.Add("english-recogniser", data) }
