// Package all bundles every model, for programs such as the command that offer
// them all.
package all

import (
	_ "github.com/stride-ml/stride/models/emoji"              // emoji, one pixel at a time
	_ "github.com/stride-ml/stride/models/emojiflow"          // emoji, all at once or in N passes
	_ "github.com/stride-ml/stride/models/english"            // English speech
	_ "github.com/stride-ml/stride/models/englishrecogniser"  // the yardstick of English speech
	_ "github.com/stride-ml/stride/models/mandarin"           // Mandarin speech
	_ "github.com/stride-ml/stride/models/mandarinrecogniser" // the yardstick of Mandarin speech
	_ "github.com/stride-ml/stride/models/smollm2draft"       // guesses of what SmolLM2-135M-Instruct says
	_ "github.com/stride-ml/stride/models/stories"            // English stories
	_ "github.com/stride-ml/stride/models/tang"               // poems, one at a time
	_ "github.com/stride-ml/stride/models/tangmasked"         // poems, all at once or in N passes
	_ "github.com/stride-ml/stride/models/tiles"              // pixel art, one pixel at a time
	_ "github.com/stride-ml/stride/models/tilesclassifier"    // the yardstick of pixel art
	_ "github.com/stride-ml/stride/models/tilesflow"          // pixel art, all at once or in N passes
	_ "github.com/stride-ml/stride/models/wavenet"            // sound, one sample after another
)
