package measure

// Load is what else the machine was doing during a comparison.
type Load struct {
	Busy bool `json:"busy"` // so much that times are not to be trusted
	// Notice says it in a sentence; empty where nothing was noticed.
	Notice string `json:"notice,omitempty"`
}
