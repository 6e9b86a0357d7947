// Package all bundles every model, for programs such as the command that offer
// them all.
package all

import (
	_ "github.com/stride-ml/stride/models/stories"    // English stories
	_ "github.com/stride-ml/stride/models/tang"       // poems, one at a time
	_ "github.com/stride-ml/stride/models/tangmasked" // poems, all at once or in N passes
)
