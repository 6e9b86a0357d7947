// Package emoji bundles the model emoji: 32x32 emoji, one pixel after another.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/emoji"
package emoji

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed emoji.gguf
var data []byte

func init() { models.Add("emoji", data) }
