package network

// ExtendAll appends tokens to the sequence in one pass and returns the logits
// (len(tokens),V) of what follows each of them, row-major and valid until the
// next call. A row has the same bits as if its token had been appended alone. It
// fails, and changes nothing, when a token is out of range or the context is full.
func (d *Decoder) ExtendAll(tokens []int) ([]float32, error) {
	h, err := d.extend(tokens)
	if err != nil {
		return nil, err
	}
	if n := h.Rows * d.trunk.Vocab; cap(d.all) < n {
		d.all = make([]float32, n)
	}
	logits := d.all[:h.Rows*d.trunk.Vocab]
	d.trunk.project(d.run, logits, h.Data)
	return logits, nil
}
