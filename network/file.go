package network

import (
	"fmt"
	"strings"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
)

// ReadDecoder loads the weights of a causal network, packed for use. It returns a
// [*MemoryError] before it loads what does not fit.
func ReadDecoder(f *checkpoint.File) (*Trunk, error) {
	t, err := describeTrunk(f, false)
	if err != nil {
		return nil, err
	}
	return t, t.read(f, t.Params())
}

// describeTrunk returns the trunk of a file that there is memory for, without weights.
func describeTrunk(f *checkpoint.File, masked bool) (*Trunk, error) {
	c, err := ReadConfig(f)
	if err != nil {
		return nil, err
	}
	if err := checkMemory(f, c, masked); err != nil {
		return nil, err
	}
	return newTrunkOf("", c, tensor.NewEmptyParam)
}

// read loads weights among which are the trunk's.
func (t *Trunk) read(f *checkpoint.File, ps []*tensor.Param) error {
	if err := readTexts(f, ps); err != nil {
		return err
	}
	if t.Factors == nil {
		return nil
	}
	for i, v := range t.Factors.Data {
		if !(v > 0 && v < 1e9) {
			return fmt.Errorf("%s: tensor %s has %g for pair %d, want more than 0", f.Name(), t.Factors.Name, v, i)
		}
	}
	t.turn()
	return nil
}

// PredictsLength reports whether a file's masked network has a head that says how
// long a response is. Public ones have none.
func PredictsLength(f *checkpoint.File) bool {
	_, ok := f.Tensor(lengthWeight)
	return ok
}

// ReadMasked loads the weights of a masked network as [ReadDecoder] does.
func ReadMasked(f *checkpoint.File) (*MaskedModel, error) {
	t, err := describeTrunk(f, true)
	if err != nil {
		return nil, err
	}
	info, ok := f.Tensor(lengthWeight)
	if !ok {
		return &MaskedModel{Trunk: t}, t.read(f, t.Params())
	}
	if len(info.Shape) != 2 {
		return nil, fmt.Errorf("%s: tensor %s has shape %v, want two dimensions", f.Name(), lengthWeight, info.Shape)
	}
	m, err := newMaskedModelOn(t, info.Shape[0]-1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return m, t.read(f, m.Params())
}

// checkWeights reports sizes that ask for far more weights than there are in a
// file, before memory is taken for them. A few too many are left to the check of
// each tensor's shape, which can name it.
func checkWeights(f *checkpoint.File, want int) error {
	have := 0
	for _, info := range f.Tensors() {
		have += info.Values()
	}
	if have < want/4 {
		return fmt.Errorf("%s: the sizes in its keys ask for %d weights, its tensors have %d", f.Name(), want, have)
	}
	return nil
}

// readParams fills parameters from tensors of the same names.
func readParams(f *checkpoint.File, ps []*tensor.Param) error {
	if err := checkParams(f, ps); err != nil {
		return err
	}
	return loadParams(f, ps, false)
}

// readTexts is readParams for networks whose matrices are operands of products
// and of lookups only: large ones stay quantised.
func readTexts(f *checkpoint.File, ps []*tensor.Param) error {
	if err := checkParams(f, ps); err != nil {
		return err
	}
	return loadParams(f, ps, countParams(ps) >= keepFrom)
}

// checkParams holds a file to have the tensors of the parameters, and no others.
func checkParams(f *checkpoint.File, ps []*tensor.Param) error {
	known := make(map[string]bool, len(ps))
	for _, p := range ps {
		known[p.Name] = true
		info, ok := f.Tensor(p.Name)
		if !ok {
			return fmt.Errorf("%s: tensor %s is missing", f.Name(), p.Name)
		}
		if info.Values() != p.Size() || info.Shape[len(info.Shape)-1] != p.In {
			return fmt.Errorf("%s: tensor %s has shape %v, want (%d,%d)", f.Name(), p.Name, info.Shape, p.Out, p.In)
		}
	}
	for _, info := range f.Tensors() {
		if !known[info.Name] {
			return fmt.Errorf("%s: tensor %s at offset %d is not part of this network; expected names like %s", f.Name(), info.Name, info.Offset, ps[1].Name)
		}
	}
	return nil
}

// WriteParams adds parameters to a model file: matrices in the given type where
// their rows allow it, else F16; vectors in F32. data may replace a
// parameter's own values (nil: its Data).
func WriteParams(b *checkpoint.Builder, ps []*tensor.Param, data [][]float32, t checkpoint.Type) error {
	for i, p := range ps {
		values := p.Data
		if data != nil {
			values = data[i]
		}
		shape, kind := []int{p.Out, p.In}, t
		if p.Out == 1 && strings.Contains(p.Name, "norm") {
			shape, kind = []int{p.In}, checkpoint.F32
		} else if n, _ := t.Block(); p.In%n != 0 {
			kind = checkpoint.F16
		}
		if err := b.Add(p.Name, kind, shape, values); err != nil {
			return err
		}
	}
	return nil
}
