// Package stories bundles the model stories: simple English stories, one word piece after another.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/stories"
package stories

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed stories.gguf
var data []byte

func init() { models.Add("stories", data) }
