// Package emojiflow bundles the model emoji-flow: the same emoji, all pixels at once or in N passes from blurred to sharp.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/emojiflow"
package emojiflow

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed emoji-flow.gguf
var data []byte

func init() { models.Add("emoji-flow", data) }
