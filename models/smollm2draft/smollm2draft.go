// Package smollm2draft bundles a draft head for SmolLM2-135M-Instruct: it guesses what that model says next, for the
// strategy speculate, and makes nothing by itself. Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/smollm2draft"
package smollm2draft

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed smollm2-draft.gguf
var data []byte

func init() { models.Add("smollm2-draft", data) }
