package network

// ExtendAll appends tokens to the sequence in one pass and returns the logits
// (len(tokens),V) of what follows each of them, row-major and valid until the
// next call. A row has the same bits as if its token had been appended alone. It
// fails, and changes nothing, when [Decoder.Extend] would.
func (d *Decoder) ExtendAll(tokens []int) ([]float32, error) {
	if err := d.extend(tokens, wantAll); err != nil {
		return nil, err
	}
	return d.logits, nil
}
