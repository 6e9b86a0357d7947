// Package tiles bundles the model tiles: 32x32 pixel art of a dungeon game, one pixel after another.
// Import it for its effect:
//
//	import _ "github.com/stride-ml/stride/models/tiles"
package tiles

import (
	_ "embed" // the weights

	"github.com/stride-ml/stride/models"
)

//go:embed tiles.gguf
var data []byte

func init() { models.Add("tiles", data) }
