package stride_test

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/network"
)

// asPublic writes one of the tiny models as a public one of another architecture:
// without what only our own files say, and without the named tensors.
func asPublic(t *testing.T, name, architecture string, without ...string) string {
	t.Helper()
	f, err := checkpoint.Open(filepath.Join(folder, name+".gguf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	was, err := f.String("general.architecture")
	if err != nil {
		t.Fatal(err)
	}
	b := checkpoint.NewBuilder(architecture)
	for _, key := range f.Keys() {
		v, _ := f.Value(key)
		if rest, ok := strings.CutPrefix(key, was+"."); ok {
			key = architecture + "." + rest
		}
		if key == "general.architecture" || key == "diffusion.shift_logits" || strings.HasPrefix(key, "stride.") {
			continue
		}
		if key == "tokenizer.ggml.add_bos_token" {
			v = true // as their networks were trained with it
		}
		if err := b.Set(key, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, info := range f.Tensors() {
		raw, err := f.Raw(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(without, " "), info.Name) {
			if err := b.AddRaw(info.Name, info.Type, info.Shape, raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), architecture+".gguf")
	if err := b.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPublicCausal opens files of families whose tensors are Llama's.
func TestPublicCausal(t *testing.T) {
	for _, architecture := range []string{network.ArchitectureLlama, network.ArchitectureQwen2, network.ArchitectureGemma} {
		m := open(t, asPublic(t, "tiny", architecture))
		if info := m.Info(); info.Default != "ar" || info.Architecture != architecture {
			t.Errorf("%s: info %+v", architecture, info)
		}
		if _, s, err := m.Text(t.Context(), stride.Prompt{Text: "山"}, stride.Length(5), stride.Seed(1)); err != nil || s.Elements > 5 {
			t.Errorf("%s: %+v, %v", architecture, s, err)
		}
	}
}

// TestPublicMasked opens masked networks without a head for the length: responses
// get the usual number of slots, or as many as asked for.
func TestPublicMasked(t *testing.T) {
	const context = 64
	f, err := checkpoint.Open(filepath.Join(folder, "tiny-masked.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	end, err := f.Int("tokenizer.ggml.eos_token_id")
	if err != nil {
		t.Fatal(err)
	}
	for _, architecture := range []string{network.ArchitectureLLaDA, network.ArchitectureDream} {
		m := open(t, asPublic(t, "tiny-masked", architecture, "stride.length.weight"))
		if got := strings.Join(m.Info().Strategies, " "); got != "refine nar" || m.Info().Default != "refine" {
			t.Errorf("%s: strategies %s", architecture, got)
		}
		prompt := stride.Prompt{Text: "山"}
		_, s, err := m.Text(t.Context(), prompt, stride.Seed(1))
		if err != nil || s.Drawn == 0 || s.Drawn >= context {
			t.Errorf("%s: %+v, %v", architecture, s, err)
		}
		endless := stride.BiasToken(end, float32(math.Inf(-1))) // the network may draw END anywhere
		if _, s, err = m.Text(t.Context(), prompt, stride.Refine(3), stride.Length(9), stride.Seed(1), endless); err != nil || s.Drawn != 9 || s.Passes != 3 {
			t.Errorf("%s, 9 elements: %+v, %v", architecture, s, err)
		}
		if _, s, err = m.Text(t.Context(), prompt, stride.NAR(), stride.Length(stride.LengthFixed), stride.Seed(1)); err != nil || s.Drawn <= 9 || s.Passes != 1 {
			t.Errorf("%s, fixed: %+v, %v", architecture, s, err)
		}
		var option *stride.OptionError
		if _, _, err = m.Text(t.Context(), prompt, stride.Length(stride.LengthPredicted)); !errors.As(err, &option) || option.Option != "length" || !strings.Contains(option.Want, "fixed or 1 to 63") {
			t.Errorf("%s, predicted: %v", architecture, err)
		}
	}
	path := asPublic(t, "tiny-masked", network.ArchitectureDream)
	if _, _, err := open(t, path).Text(t.Context(), stride.Prompt{Text: "山"}, stride.Seed(1)); err != nil {
		t.Errorf("with a head for the length: %v", err)
	}
	path = rewrite(t, "tiny-masked", func(m map[string]any) {
		tokens := slices.Clone(m["tokenizer.ggml.tokens"].([]string))
		tokens[slices.Index(tokens, "<mask>")] = "<other>"
		m["tokenizer.ggml.tokens"] = tokens
		delete(m, "tokenizer.ggml.mask_token_id")
	})
	if _, err := stride.Open(path); err == nil || !strings.Contains(err.Error(), "no key tokenizer.ggml.mask_token_id") {
		t.Errorf("without a token for masks: %v", err)
	}
}
