package strategy

// NewNAR returns a machine that draws every element in one pass
// (non-autoregressively), each from its own distribution and without seeing
// the others. With [Predicted] length a pass over the prompt comes before it
// and counts. With [Fixed] length it draws all slots and drops what follows
// the first END.
//
// It fails with an [*OptionError] for a value out of range, and with an
// [*UnsupportedError] for what needs more than a pass or, for an acrostic,
// lines of known length.
func NewNAR(net Masked, prompt []int, o Options) (Machine, error) {
	return newMasked("nar", net, prompt, o)
}
