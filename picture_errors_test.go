package stride_test

import (
	"bytes"
	"errors"
	stdimage "image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/network"
)

// TestWhatPicturesCannot checks that what a strategy cannot do is told with what
// can.
func TestWhatPicturesCannot(t *testing.T) {
	p := shape("square", red)
	ar, nar, refine := stride.AR(), stride.NAR(), stride.Refine(4)
	for _, tc := range []struct {
		name   string
		p      stride.Prompt
		opts   []stride.Option
		want   string // what is not supported
		others string // what supports it
	}{
		{"mask", stride.Prompt{Picture: p, Mask: lowerHalf()}, []stride.Option{ar}, "a mask", "nar refine"},
		{"second caption", stride.Prompt{Toward: "a"}, []stride.Option{ar}, "a second caption", "nar refine"},
		{"strength", stride.Prompt{Picture: p}, []stride.Option{ar, stride.Strength(1)}, "a strength", "nar refine"},
		{"tile", stride.Prompt{}, []stride.Option{ar, stride.Tile()}, "tiles", "nar refine"},
		{"toward", stride.Prompt{}, []stride.Option{ar, stride.Toward(1, 0)}, "noise between two seeds", "nar refine"},
		{"mix", stride.Prompt{}, []stride.Option{ar, stride.MixCaptions(0)}, "a mix of captions", "nar refine"},
		{"solver", stride.Prompt{}, []stride.Option{ar, stride.Solver("euler")}, "a solver", "nar refine"},
		{"shortcut", stride.Prompt{}, []stride.Option{ar, stride.Shortcut(false)}, "shortcuts", "nar refine"},
		{"passes", stride.Prompt{}, []stride.Option{ar, stride.Passes(4)}, "more than one pass an element", "refine"},
		{"passes of nar", stride.Prompt{}, []stride.Option{nar, stride.Passes(4)}, "more than one pass", "refine"},
		{"heun of nar", stride.Prompt{}, []stride.Option{nar, stride.Solver("heun")}, "Heun's method", "refine"},
		{"keep", stride.Prompt{Picture: p}, []stride.Option{refine, stride.Keep(0.5)}, "keeping the first rows of a picture", "ar"},
		{"temperature", stride.Prompt{}, []stride.Option{refine, stride.Temperature(0)}, "a temperature", "ar"},
		{"top-k", stride.Prompt{}, []stride.Option{nar, stride.TopK(0)}, "top-k", "ar"},
		{"top-p", stride.Prompt{}, []stride.Option{refine, stride.TopP(1)}, "top-p", "ar"},
		{"min-p", stride.Prompt{}, []stride.Option{refine, stride.MinP(0)}, "min-p", "ar"},
		{"acrostic", stride.Prompt{Acrostic: "a"}, []stride.Option{ar}, "an acrostic, which is for texts", ""},
		{"fill", stride.Prompt{Fill: "_"}, []stride.Option{refine}, "fill-in, which is for texts", ""},
		{"length", stride.Prompt{}, []stride.Option{ar, stride.Length(3)}, "a length, which is for texts", ""},
		{"block", stride.Prompt{}, []stride.Option{refine, stride.Block(3)}, "blocks, which is for texts", ""},
		{"remask", stride.Prompt{}, []stride.Option{refine, stride.Remask()}, "remasking, which is for texts", ""},
		{"confidence", stride.Prompt{}, []stride.Option{refine, stride.ConfidenceTemperature(1)}, "a confidence temperature, which is for texts", ""},
	} {
		_, _, err := open(t, "tiny-pixels").Text(t.Context(), tc.p, tc.opts...)
		var unsupported *stride.UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Want != tc.want || strings.Join(unsupported.Can, " ") != tc.others {
			t.Errorf("%s: %v, want one that %q is supported by %q", tc.name, err, tc.want, tc.others)
		}
	}
}

// TestTextsKnowNoPictures asks a model of texts for what pictures have.
func TestTextsKnowNoPictures(t *testing.T) {
	m := open(t, "tiny")
	for _, opt := range []stride.Option{stride.AR(), stride.NAR(), stride.Refine(3)} {
		for want, opts := range map[string][]stride.Option{
			"guidance": {stride.Guidance(2)}, "a solver": {stride.Solver("heun")}, "a strength": {stride.Strength(1)}, "shortcuts": {stride.Shortcut(true)},
			"keeping the first rows of a picture": {stride.Keep(1)}, "noise between two seeds": {stride.Toward(1, 1)}, "a mix of captions": {stride.MixCaptions(1)}, "tiles": {stride.Tile()},
		} {
			_, _, err := m.Text(t.Context(), spring, append(opts, opt)...)
			var unsupported *stride.UnsupportedError
			if !errors.As(err, &unsupported) || unsupported.Want != want+", which is for pictures" || !strings.HasSuffix(err.Error(), want+", which is for pictures") {
				t.Errorf("%s: %v", want, err)
			}
		}
		picture := shape("cross", red)
		for _, p := range []stride.Prompt{{Picture: picture}, {Mask: picture}, {Negative: "a"}, {Toward: "a"}} {
			var unsupported *stride.UnsupportedError
			if _, _, err := m.Text(t.Context(), p, opt); !errors.As(err, &unsupported) {
				t.Errorf("%+v: %v", p, err)
			}
		}
	}
}

func TestWrongRequestsForPictures(t *testing.T) {
	m := open(t, "tiny-flow")
	picture := shape("square", red)
	nan := float32(math.NaN())
	long := strings.Repeat("square ", 40)
	for _, tc := range []struct {
		name string
		p    stride.Prompt
		opts []stride.Option
		want string
	}{
		{"caption", stride.Prompt{Text: long}, nil, "caption: got "},
		{"caption of ar", stride.Prompt{Text: long}, []stride.Option{stride.AR()}, "tokens, want at most 14"},
		{"second caption", stride.Prompt{Toward: long}, nil, "second caption: got "},
		{"negative", stride.Prompt{Negative: long}, nil, "tokens, want at most 13"},
		{"category", stride.Prompt{Conditions: map[string]string{"category": "round"}}, nil, `category is "round", want one of full, thin`},
		{"condition", stride.Prompt{Conditions: map[string]string{"form": "round"}}, nil, `no condition "form"; known: category`},
		{"mix without a caption", stride.Prompt{}, []stride.Option{stride.MixCaptions(0.5)}, "mix-captions: got 0.5, want a second caption to mix with"},
		{"mix", stride.Prompt{Toward: "a"}, []stride.Option{stride.MixCaptions(nan)}, "mix: got NaN, want 0 to 1 for the condition"},
		{"seeds", stride.Prompt{}, []stride.Option{stride.Toward(1, 2)}, "mix: got 2, want 0 to 1"},
		{"passes", stride.Prompt{}, []stride.Option{stride.Refine(2000)}, "passes: got 2000, want 1 to 1024"},
		{"guidance", stride.Prompt{}, []stride.Option{stride.Guidance(-1)}, "guidance: got -1, want 0 to 100"},
		{"solver", stride.Prompt{}, []stride.Option{stride.Solver("rk4")}, `solver: got "rk4", want euler or heun`},
		{"shortcut and guidance", stride.Prompt{}, []stride.Option{stride.Shortcut(true), stride.Guidance(2)}, "guidance: got 2, want 1 with shortcuts, which have learned a guidance of their own"},
		{"shortcut and heun", stride.Prompt{}, []stride.Option{stride.Shortcut(true), stride.Solver("heun")}, "solver: got Heun, want Euler for shortcut steps"},
		{"shortcut and negative", stride.Prompt{Negative: "red"}, []stride.Option{stride.Shortcut(true)}, `negative prompt: got "red", want none with shortcuts`},
		{"negative alone", stride.Prompt{Negative: "red"}, []stride.Option{stride.Guidance(1)}, `negative prompt: got "red", want none at guidance 1`},
		{"mask alone", stride.Prompt{Mask: picture}, nil, "mask: got no picture"},
		{"mask of another size", stride.Prompt{Picture: picture, Mask: stdimage.NewNRGBA(stdimage.Rect(0, 0, 4, 8))}, nil, "mask: got 4x8 pixels, want 8x8, as the picture"},
		{"mask without pixels", stride.Prompt{Picture: picture, Mask: &stdimage.NRGBA{Rect: picture.Rect}}, nil, "mask: got 8x8 pixels in 0 bytes"},
		{"strength alone", stride.Prompt{}, []stride.Option{stride.Strength(0.5)}, "strength: got 0.5, want a picture to begin from"},
		{"strength", stride.Prompt{Picture: picture}, []stride.Option{stride.Strength(0)}, "strength: got 0, want above 0 to 1"},
		{"picture without pixels", stride.Prompt{Picture: &stdimage.NRGBA{}}, nil, "picture: got 0x0 pixels in 0 bytes"},
		{"keep alone", stride.Prompt{}, []stride.Option{stride.AR(), stride.Keep(0.5)}, "keep: got 0.5, want a picture whose first rows are kept"},
		{"keep", stride.Prompt{Picture: picture}, []stride.Option{stride.AR(), stride.Keep(1.5)}, "keep: got 1.5, want 0 to 1"},
		{"keep NaN", stride.Prompt{Picture: picture}, []stride.Option{stride.AR(), stride.Keep(nan)}, "keep: got NaN, want 0 to 1"},
		{"temperature", stride.Prompt{}, []stride.Option{stride.AR(), stride.Temperature(-1)}, "temperature"},
	} {
		_, _, err := m.Text(t.Context(), tc.p, tc.opts...)
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "internal error") {
			t.Errorf("%s: error %v, want one with %q", tc.name, err, tc.want)
		}
		var option *stride.OptionError
		if !errors.As(err, &option) && !strings.Contains(tc.want, "condition") && !strings.Contains(tc.want, "category") {
			t.Errorf("%s: error is a %T, want an OptionError", tc.name, err)
		}
	}
}

// rewrite writes a model file again with other metadata.
func rewrite(t *testing.T, name string, change func(set map[string]any)) string {
	t.Helper()
	f, err := checkpoint.Open(filepath.Join(folder, name+".gguf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]any{}
	for _, key := range f.Keys() {
		all[key], _ = f.Value(key)
	}
	change(all)
	b := checkpoint.NewBuilder(all["general.architecture"].(string))
	delete(all, "general.architecture")
	for key, v := range all {
		if err := b.Set(key, v); err != nil {
			t.Fatal(err)
		}
	}
	for _, info := range f.Tensors() {
		n := 1
		for _, d := range info.Shape {
			n *= d
		}
		data := make([]float32, n)
		if err := errors.Join(f.Float32(info.Name, data), b.Add(info.Name, checkpoint.F32, info.Shape, data)); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), name+".gguf")
	if err := b.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOpenContradictions opens files of pictures that contradict themselves.
func TestOpenContradictions(t *testing.T) {
	set := func(key string, v any) func(map[string]any) { return func(m map[string]any) { m[key] = v } }
	longer := func(m map[string]any) {
		m["tokenizer.ggml.tokens"] = append(slices.Clone(m["tokenizer.ggml.tokens"].([]string)), "one more")
		m["tokenizer.ggml.scores"] = append(slices.Clone(m["tokenizer.ggml.scores"].([]float32)), 0)
		m["tokenizer.ggml.token_type"] = append(slices.Clone(m["tokenizer.ggml.token_type"].([]int32)), 1)
	}
	for _, tc := range []struct {
		name, model string
		change      func(map[string]any)
		want        string
	}{
		{"as it is", "tiny-pixels", func(map[string]any) {}, ""},
		{"flow as it is", "tiny-flow", func(map[string]any) {}, ""},
		{"palette", "tiny-pixels", set("stride.image.palette", []uint32{0, 0xff0000ff}), "the palette has 2 colours, the network 3"},
		{"no palette", "tiny-pixels", func(m map[string]any) { delete(m, "stride.image.palette") }, "the palette has 0 colours, the network 3"},
		{"size", "tiny-pixels", set("stride.image.width", uint32(16)), "the pictures have 16x8 pixels, those of the network 8x8"},
		{"size of a flow", "tiny-flow", set("stride.image.height", uint32(4)), "the pictures have 8x4 pixels, those of the network 8x8"},
		{"vocabulary", "tiny-pixels", longer, "tokens, the network"},
		{"vocabulary of a flow", "tiny-flow", longer, "tokens, the network"},
		{"channels", "tiny-flow", set("stride.flow.channels", uint32(3)), "the network has 3 values a pixel, want 4"},
		{"absurd size", "tiny-flow", set("stride.flow.feed_forward_length", uint32(60000)), "the sizes in its keys ask for"},
		{"strategy", "tiny-flow", set("stride.strategies", []string{"ar"}), `stride.strategies has "ar", want some of nar, refine`},
		{"companion of another kind", "tiny-flow", set("stride.companions", []string{"tiny"}), "makes pictures of 8x8 pixels, its companion tiny texts"},
		{"no pictures", "tiny-flow", func(m map[string]any) {
			for _, key := range []string{"width", "height", "alpha", "palette"} {
				delete(m, "stride.image."+key)
			}
		}, "no stride.image.width"},
		{"classifier", "tiny-flow", set("general.architecture", network.ArchitectureClassifier), "is a classifier"},
		{"unknown", "tiny-flow", set("general.architecture", "gpt2"), `architecture "gpt2" is not known; known: dream, gemma, gemma2, gemma3, llada, llama, qwen2, qwen3, stride.acoustic, stride.flow, stride.pixel, stride.vocoder`},
	} {
		m, err := stride.Open(rewrite(t, tc.model, tc.change))
		if err == nil {
			if _, _, err := m.Text(t.Context(), crossPrompt); err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
			m.Close()
		}
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want one with %q", tc.name, err, tc.want)
		}
	}
}

// TestNoShortcuts asks for shortcuts of a model that never learned them.
func TestNoShortcuts(t *testing.T) {
	path := rewrite(t, "tiny-flow", func(m map[string]any) {
		delete(m, "stride.generate.shortcut_passes")
		delete(m, "stride.generate.guidance")
	})
	m := open(t, path)
	if p := m.Info().Picture; p.Shortcut != 0 || p.Guidance != 1 {
		t.Errorf("info %+v", p)
	}
	_, _, err := m.Text(t.Context(), crossPrompt, stride.Shortcut(true))
	var option *stride.OptionError
	if !errors.As(err, &option) || option.Option != "shortcut" {
		t.Errorf("error %v", err)
	}
	plain, one := final(t, m, crossPrompt, stride.Refine(2), stride.Seed(1)), final(t, m, crossPrompt, stride.Refine(2), stride.Guidance(1), stride.Seed(1))
	if different(plain, one) > 0 {
		t.Error("a model that proposes no guidance has some")
	}
}

// TestDamagedPictureFile cuts and spoils a file of pictures: that may be found
// when it is opened or when it is used, but never ends the program.
func TestDamagedPictureFile(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(folder, "tiny-flow.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.gguf")
	for i := range 60 {
		spoilt := bytes.Clone(data)
		at := i * len(data) / 60
		for j := at; j < min(at+8, len(data)); j++ {
			spoilt[j] ^= 0xff
		}
		if err := os.WriteFile(path, spoilt, 0o644); err != nil {
			t.Fatal(err)
		}
		m, err := stride.Open(path)
		if err != nil {
			continue
		}
		if _, _, err := m.Text(t.Context(), crossPrompt, stride.Refine(2)); err != nil && strings.Contains(err.Error(), "internal error") {
			t.Errorf("spoilt at %d: %v", at, err)
		}
		m.Close()
	}
}
