package stride

// ElementFLOPs is how many floating-point operations, a multiplication and an
// addition being two, the network does for one element of an object by a strategy:
// by ar for each that it draws, by nar and refine in each pass, and of a picture
// for each condition that the pass evaluates. The prompt is left out. For texts
// it is twice the number of weights, without attention; for pictures, of which
// not every pixel goes through every weight, it is the mean of the pixels.
//
// It loads the weights. It fails with an [*UnsupportedError] for a strategy that
// the model lacks.
func (m *Model) ElementFLOPs(strategy string) (float64, error) {
	e, _, err := m.serving(strategy)
	if err != nil {
		return 0, err
	}
	if err := e.weights(m.pool); err != nil {
		return 0, err
	}
	return e.engine.operations(strategy), nil
}

func (e texts) operations(string) float64 { return 2 * float64(e.parameters()) }

func (e *pixels) operations(string) float64 { return e.model.FLOPs(1) / float64(e.size()) }

func (e *flows) operations(string) float64 { return e.model.FLOPs() / float64(e.size()) }

// parameters is the number of weights in the file.
func (e *member) parameters() int64 {
	var sum int64
	for _, t := range e.file.Tensors() {
		sum += int64(t.Values())
	}
	return sum
}
