package network

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/checkpoint"
)

// Keys of a trunk's sizes and form, after the architecture's name and a dot.
const (
	keyContext     = "context_length"
	keyWidth       = "embedding_length"
	keyLayers      = "block_count"
	keyFFN         = "feed_forward_length"
	keyHeads       = "attention.head_count"
	keyKVHeads     = "attention.head_count_kv"
	keyHeadWidth   = "attention.key_length"
	keyValueWidth  = "attention.value_length"
	keyEps         = "attention.layer_norm_rms_epsilon"
	keyWindow      = "attention.sliding_window"
	keyGlobalEvery = "attention.sliding_window_pattern"
	keyScoreScale  = "attention.scale"
	keyScoreCap    = "attn_logit_softcapping"
	keyLogitCap    = "final_logit_softcapping"
	keyCausal      = "attention.causal"
	keyExperts     = "expert_count"
	keyRopeDim     = "rope.dimension_count"
	keyRope        = "rope.freq_base"
	keyLocalBase   = "rope.freq_base_swa"
	keyVocab       = "vocab_size"

	keyScaling       = "rope.scaling.type"
	keyFactor        = "rope.scaling.factor"
	keyOldFactor     = "rope.scale_linear"
	keyOriginal      = "rope.scaling.original_context_length"
	keyAttnFactor    = "rope.scaling.attn_factor"
	keyYaRNMagnitude = "rope.scaling.yarn_attn_factor"
	keyYaRNLog       = "rope.scaling.yarn_log_multiplier"
	keyYaRNExt       = "rope.scaling.yarn_ext_factor"
	keyBetaFast      = "rope.scaling.yarn_beta_fast"
	keyBetaSlow      = "rope.scaling.yarn_beta_slow"
)

// keyShift is for the whole file.
const keyShift = "diffusion.shift_logits"

// Metadata gives the sizes as keys and values of a model file. What the
// architecture or the tensors say is not repeated.
func (c Config) Metadata(architecture string) map[string]any {
	m := map[string]any{
		keyContext: uint32(c.Context), keyWidth: uint32(c.Width), keyLayers: uint32(c.Layers), keyFFN: uint32(c.FFN),
		keyHeads: uint32(c.Heads), keyKVHeads: uint32(c.KVHeads), keyEps: c.Eps,
		keyRopeDim: uint32(c.HeadDim()), keyRope: float32(c.RopeBase), keyVocab: uint32(c.Vocab),
	}
	if c.HeadWidth != 0 {
		m[keyHeadWidth], m[keyValueWidth] = uint32(c.HeadWidth), uint32(c.HeadWidth)
	}
	if c.Window != 0 {
		m[keyWindow], m[keyGlobalEvery] = uint32(c.Window), uint32(c.GlobalEvery)
	}
	for key, v := range map[string]float32{
		keyLocalBase: float32(c.LocalBase), keyScoreScale: c.ScoreScale, keyScoreCap: c.ScoreCap, keyLogitCap: c.LogitCap,
	} {
		if v != 0 {
			m[key] = v
		}
	}
	if s := c.RopeScaling; s.Kind != "" {
		m[keyScaling], m[keyFactor] = s.Kind, float32(s.Factor)
		if s.Kind == ropeYaRN {
			m[keyOriginal], m[keyYaRNMagnitude] = uint32(s.Original), float32(s.Magnitude)
			m[keyBetaFast], m[keyBetaSlow] = float32(s.BetaFast), float32(s.BetaSlow)
		}
	}
	fam, _ := familyOf(architecture)
	if fam.masked {
		m[keyCausal] = false
	}
	out := make(map[string]any, len(m)+1)
	for k, v := range m {
		out[architecture+"."+k] = v
	}
	if fam.masked {
		out[keyShift] = c.Shift
	}
	return out
}

// ReadConfig reads the sizes and the form of a model file of a known architecture.
func ReadConfig(f *checkpoint.File) (Config, error) {
	arch, err := f.String("general.architecture")
	if err != nil {
		return Config{}, err
	}
	fam, ok := familyOf(arch)
	if !ok {
		return Config{}, fmt.Errorf("%s: architecture %q is not known; known: %s", f.Name(), arch, knownFamilies())
	}
	c, err := readTrunkConfig(f, arch, "")
	if err != nil {
		return c, err
	}
	c.Form = fam.form
	k := keys{f, arch}
	for _, read := range []func(keys, family, *Config) error{readTensors, readWindow, readScores, readScaling, readDirection} {
		if err := read(k, fam, &c); err != nil {
			return c, err
		}
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return c, checkWeights(f, c.weights())
}

// readTrunkConfig reads the sizes of a trunk whose keys begin with arch and a
// dot, and whose tensors' names with prefix.
func readTrunkConfig(f *checkpoint.File, arch, prefix string) (c Config, err error) {
	err = readSizes(f, arch, []size{{keyContext, &c.Context}, {keyWidth, &c.Width}, {keyLayers, &c.Layers}, {keyFFN, &c.FFN}, {keyHeads, &c.Heads}})
	if err != nil {
		return c, err
	}
	k := keys{f, arch}
	if c.KVHeads, err = k.int(keyKVHeads, c.Heads); err != nil {
		return c, err
	}
	if c.Eps, err = f.Float(arch + "." + keyEps); err != nil {
		return c, err
	}
	if c.RopeBase, err = k.float(keyRope, 10000); err != nil {
		return c, err
	}
	if c.HeadWidth, err = k.int(keyHeadWidth, 0); err != nil {
		return c, err
	}
	if c.HeadWidth*c.Heads == c.Width {
		c.HeadWidth = 0 // as usual
	}
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
	for _, key := range []string{keyRopeDim, keyValueWidth} {
		if dim, err := k.int(key, c.HeadDim()); err != nil || dim != c.HeadDim() {
			return c, fmt.Errorf("%s: %s.%s is %d, want the head dimension %d", f.Name(), arch, key, dim, c.HeadDim())
		}
	}
	return c, nil
}

// keys are those of one architecture in a file.
type keys struct {
	*checkpoint.File
	arch string
}

func (k keys) int(key string, missing int) (int, error) { return k.IntOr(k.arch+"."+key, missing) }

func (k keys) float(key string, missing float64) (float64, error) {
	v, err := k.FloatOr(k.arch+"."+key, float32(missing))
	if v == float32(missing) {
		return missing, err
	}
	return float64(v), err
}

func (k keys) has(tensor string) bool {
	_, ok := k.Tensor(tensor)
	return ok
}

// wrong is an error about the value of a key.
func (k keys) wrong(key string, value any, want string) error {
	return fmt.Errorf("%s: %s.%s is %v, want %s", k.Name(), k.arch, key, value, want)
}

// readTensors sets what is there if its tensor is.
func readTensors(k keys, _ family, c *Config) error {
	if experts, err := k.int(keyExperts, 0); err != nil || experts > 0 {
		return k.wrong(keyExperts, experts, "0: a mixture of experts is not served")
	}
	c.QKVBias, c.OutBias = k.has("blk.0.attn_q.bias"), k.has("blk.0.attn_output.bias")
	c.Untied, c.RopeFactors = k.has("output.weight"), k.has("rope_freqs.weight")
	return nil
}

// readWindow reads which layers see how far. The pattern is a number, or for each
// layer whether it has a window.
func readWindow(k keys, fam family, c *Config) (err error) {
	if c.Window, err = k.int(keyWindow, fam.window); err != nil || c.Window == 0 {
		return err
	}
	if c.LocalBase, err = k.float(keyLocalBase, fam.localBase); err != nil {
		return err
	}
	value, _ := k.Value(k.arch + "." + keyGlobalEvery)
	windows, ok := value.([]bool)
	if !ok {
		c.GlobalEvery, err = k.int(keyGlobalEvery, fam.globalEvery)
		return err
	}
	if len(windows) != c.Layers {
		return k.wrong(keyGlobalEvery, fmt.Sprintf("an array of %d", len(windows)), fmt.Sprintf("%d, one for each layer", c.Layers))
	}
	for i, window := range windows {
		if !window && c.GlobalEvery == 0 {
			c.GlobalEvery = i + 1
		}
	}
	for i, window := range windows {
		if window != c.isLocal(i) {
			return k.wrong(keyGlobalEvery, windows, "layers without a window at equal distances, the first as far from the start")
		}
	}
	return nil
}

// readScores reads how attention scores and logits are scaled and capped.
func readScores(k keys, fam family, c *Config) error {
	usual := float32(0)
	if fam.wide == c.Layers {
		usual = float32(1 / math.Sqrt(float64(c.Width/c.Heads)))
	}
	for _, v := range []struct {
		key     string
		missing float32
		to      *float32
	}{{keyScoreScale, usual, &c.ScoreScale}, {keyScoreCap, fam.scoreCap, &c.ScoreCap}, {keyLogitCap, fam.logitCap, &c.LogitCap}} {
		var err error
		if *v.to, err = k.FloatOr(k.arch+"."+v.key, v.missing); err != nil {
			return err
		}
	}
	return nil
}

// readDirection holds that a file sees its positions as its family does, and reads
// where masked networks have the logits of a position.
func readDirection(k keys, fam family, c *Config) error {
	if key := k.arch + "." + keyCausal; fam.masked {
		if v, ok := k.Value(key); ok && v != false {
			return k.wrong(keyCausal, v, "false")
		}
	} else if v, ok := k.Value(key); ok && v != true {
		return k.wrong(keyCausal, v, "true")
	}
	if _, ok := k.Value(keyShift); !ok || !fam.masked {
		return nil
	}
	shift, err := k.Bool(keyShift)
	c.Shift = shift
	return err
}

// readScaling reads how rotary angles are scaled.
func readScaling(k keys, _ family, c *Config) error {
	kind, err := k.StringOr(k.arch+"."+keyScaling, ropeLinear)
	if err != nil {
		return err
	}
	old, err := k.float(keyOldFactor, 0)
	if err != nil {
		return err
	}
	factor, err := k.float(keyFactor, old)
	if err != nil || kind == "none" || kind == ropeLinear && (factor == 0 || factor == 1) {
		return err
	}
	c.RopeScaling = RopeScaling{Kind: kind, Factor: factor}
	if kind != ropeYaRN {
		return nil // or not known, as Validate says
	}
	return readYaRN(k, &c.RopeScaling, c.Context)
}

func readYaRN(k keys, s *RopeScaling, context int) (err error) {
	if s.Original, err = k.int(keyOriginal, context); err != nil {
		return err
	}
	var share, by, extrapolated float64
	for _, v := range []struct {
		key     string
		missing float64
		to      *float64
	}{{keyBetaFast, 32, &s.BetaFast}, {keyBetaSlow, 1, &s.BetaSlow}, {keyYaRNLog, 0, &share}, {keyAttnFactor, 1, &by}, {keyYaRNExt, 1, &extrapolated}} {
		if *v.to, err = k.float(v.key, v.missing); err != nil {
			return err
		}
	}
	if extrapolated != 1 {
		return k.wrong(keyYaRNExt, extrapolated, "1")
	}
	usual := yarnMagnitude(s.Factor, 1)
	if share != 0 {
		usual /= yarnMagnitude(s.Factor, share)
	}
	s.Magnitude, err = k.float(keyYaRNMagnitude, usual*by)
	return err
}
