package network

import (
	"fmt"
	"strings"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/tensor"
)

// Architectures of model files, by general.architecture.
const (
	ArchitectureLlama = "llama" // Decoder
	ArchitectureLLaDA = "llada" // Masked
)

// Keys of a trunk's sizes, after the architecture's name and a dot.
const (
	keyContext = "context_length"
	keyWidth   = "embedding_length"
	keyLayers  = "block_count"
	keyFFN     = "feed_forward_length"
	keyHeads   = "attention.head_count"
	keyKVHeads = "attention.head_count_kv"
	keyEps     = "attention.layer_norm_rms_epsilon"
	keyRopeDim = "rope.dimension_count"
	keyRope    = "rope.freq_base"
	keyVocab   = "vocab_size"
)

// Metadata gives the sizes as keys and values of a model file.
func (c Config) Metadata(architecture string) map[string]any {
	m := map[string]any{
		keyContext: uint32(c.Context), keyWidth: uint32(c.Width), keyLayers: uint32(c.Layers), keyFFN: uint32(c.FFN),
		keyHeads: uint32(c.Heads), keyKVHeads: uint32(c.KVHeads), keyEps: c.Eps,
		keyRopeDim: uint32(c.HeadDim()), keyRope: float32(c.RopeBase), keyVocab: uint32(c.Vocab),
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[architecture+"."+k] = v
	}
	if architecture == ArchitectureLLaDA {
		out[architecture+".attention.causal"] = false
		out["diffusion.shift_logits"] = false
	}
	return out
}

// ReadConfig reads the sizes of a model file of a known architecture.
func ReadConfig(f *checkpoint.File) (Config, error) {
	arch, err := f.String("general.architecture")
	if err != nil {
		return Config{}, err
	}
	if arch != ArchitectureLlama && arch != ArchitectureLLaDA {
		return Config{}, fmt.Errorf("%s: architecture %q is not known; known: %s, %s", f.Name(), arch, ArchitectureLlama, ArchitectureLLaDA)
	}
	return readTrunkConfig(f, arch, "")
}

// readTrunkConfig reads the sizes of a trunk whose keys begin with arch and a
// dot, and whose tensors' names with prefix.
func readTrunkConfig(f *checkpoint.File, arch, prefix string) (c Config, err error) {
	err = readSizes(f, arch, []size{{keyContext, &c.Context}, {keyWidth, &c.Width}, {keyLayers, &c.Layers}, {keyFFN, &c.FFN}, {keyHeads, &c.Heads}})
	if err != nil {
		return c, err
	}
	if c.KVHeads, err = f.IntOr(arch+"."+keyKVHeads, c.Heads); err != nil {
		return c, err
	}
	if c.Eps, err = f.Float(arch + "." + keyEps); err != nil {
		return c, err
	}
	base, err := f.FloatOr(arch+"."+keyRope, 10000)
	if err != nil {
		return c, err
	}
	c.RopeBase = float64(base)
	embed, ok := f.Tensor(prefix + "token_embd.weight")
	if !ok || len(embed.Shape) != 2 {
		return c, fmt.Errorf("%s: no tensor %stoken_embd.weight of two dimensions", f.Name(), prefix)
	}
	c.Vocab = embed.Shape[0]
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	if err := checkWeights(f, c.weights()); err != nil {
		return c, err
	}
	if dim, err := f.IntOr(arch+"."+keyRopeDim, c.HeadDim()); err != nil || dim != c.HeadDim() {
		return c, fmt.Errorf("%s: %s.%s is %d, want the head dimension %d", f.Name(), arch, keyRopeDim, dim, c.HeadDim())
	}
	return c, nil
}

// ReadDecoder loads the weights of a causal network, packed for use.
func ReadDecoder(f *checkpoint.File) (*Trunk, error) {
	c, err := ReadConfig(f)
	if err != nil {
		return nil, err
	}
	t, err := NewTrunk(c)
	if err != nil {
		return nil, err
	}
	return t, readTexts(f, t.Params())
}

// ReadMasked loads the weights of a masked network, packed for use.
func ReadMasked(f *checkpoint.File) (*MaskedModel, error) {
	c, err := ReadConfig(f)
	if err != nil {
		return nil, err
	}
	info, ok := f.Tensor(lengthWeight)
	if !ok || len(info.Shape) != 2 {
		return nil, fmt.Errorf("%s: no tensor %s of two dimensions", f.Name(), lengthWeight)
	}
	m, err := NewMaskedModel(c, info.Shape[0]-1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return m, readTexts(f, m.Params())
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
