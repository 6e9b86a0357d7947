package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/internal/yamlfile"
	"github.com/stride-ml/stride/network"
)

// Recipe is a training run, whole.
type Recipe struct {
	Name       string           `yaml:"name"`       // file name of the model and its name in stride.Open
	Title      string           `yaml:"title"`      // one line for people
	Seed       uint64           `yaml:"seed"`       // of weights, order, masks and dropout
	Strategies []string         `yaml:"strategies"` // what the model serves: ar; or nar and refine
	Companions []string         `yaml:"companions"` // models that serve the others under the same name
	Data       DataRecipe       `yaml:"data"`
	Elements   ElementsRecipe   `yaml:"elements"`
	Network    NetworkRecipe    `yaml:"network"`
	Train      TrainRecipe      `yaml:"train"`
	Generate   GenerateDefaults `yaml:"generate"`
	Weights    string           `yaml:"weights"`  // how the model file stores matrices: f32, f16 or q8_0
	Expected   string           `yaml:"expected"` // the result to expect, for people

	text string // as written
}

// DataRecipe names the data and its source.
type DataRecipe struct {
	Kind   string       `yaml:"kind"`  // poems, texts, conversations, pictures, sounds or speech
	Train  []DataSource `yaml:"train"` // files below the data folder
	Valid  []DataSource `yaml:"valid"`
	Test   []DataSource `yaml:"test"`   // evaluated once, when training is done; the result goes into the model
	Source string       `yaml:"source"` // where a user gets it

	// Of pictures: a folder below the data folder, and in it a file of tab-separated
	// columns file, caption, category and split; without one, all pictures below
	// the folder are taken, the first subfolder of each as its category.
	Folder     string        `yaml:"folder"`
	Captions   string        `yaml:"captions"`
	Fit        image.FitMode `yaml:"fit"`         // how pictures of another size are fitted: pad, crop or stretch
	Nearest    bool          `yaml:"nearest"`     // scale to the nearest pixel, as suits pixel art
	Flip       bool          `yaml:"flip"`        // show each picture mirrored as often as not
	FlipExcept []string      `yaml:"flip_except"` // categories that are not
	// NameColours is how often a picture's caption is made to name its colour, half
	// of the times after the picture was given another.
	NameColours float64 `yaml:"name_colours"`

	// Of sounds: folders below the data folder, each with a file manifest.tsv of
	// tab-separated columns, of which file and split are used, and of speech text
	// and, where there is one, speaker.
	Folders  []string `yaml:"folders"`
	Language string   `yaml:"language"` // of speech: english or mandarin

	Licence string `yaml:"licence"`
	Credits string `yaml:"credits"`
}

// DataSource is a file and how often an epoch goes through it.
type DataSource struct {
	File   string `yaml:"file"`
	Repeat int    `yaml:"repeat"` // default 1
}

// ElementsRecipe says how the tokenizer is trained, and what pictures are made
// of.
type ElementsRecipe struct {
	Pieces   int `yaml:"pieces"`    // most learned word pieces
	MinCount int `yaml:"min_count"` // a character seen less often is spelt in bytes

	Width   int    `yaml:"width"` // of a picture, in pixels
	Height  int    `yaml:"height"`
	Alpha   string `yaml:"alpha"`   // binary: a pixel is there or not; or smooth
	Colours int    `yaml:"colours"` // of a pixel network's palette, transparent among them

	Rate  int `yaml:"rate"`  // of sounds: samples a second
	Hop   int `yaml:"hop"`   // samples a frame
	Bands int `yaml:"bands"` // of a log-mel frame
}

// NetworkRecipe gives the network's sizes.
type NetworkRecipe struct {
	Kind       string  `yaml:"kind"`       // decoder or masked for texts; draft for conversations; pixel, flow or classifier for pictures; vocoder or wavenet for sounds
	Context    int     `yaml:"context"`    // most positions, prompt included; of pictures, of a caption
	MaxLength  int     `yaml:"max_length"` // most elements of a response, END counted
	Width      int     `yaml:"width"`
	Layers     int     `yaml:"layers"`
	Heads      int     `yaml:"heads"`
	KVHeads    int     `yaml:"kv_heads"`
	FFN        int     `yaml:"ffn"`
	RopeBase   float64 `yaml:"rope_base"`
	Patch      int     `yaml:"patch"`          // flow: side of the square of pixels that is one position
	Stem       int     `yaml:"stem"`           // flow: channels of the convolutions over pixels
	Pixel      int     `yaml:"pixel"`          // pixel: values that a pixel contributes to its row
	FFT        int     `yaml:"fft"`            // vocoder: samples of the inverse transform
	Kernel     int     `yaml:"kernel"`         // of sounds and speech: positions that a convolution sees
	Group      int     `yaml:"group"`          // of speech: frames of a position
	Encoder    int     `yaml:"encoder_layers"` // acoustic: over units; layers is those of nar and refine
	Causal     int     `yaml:"causal_layers"`  // acoustic: of ar
	Cond       int     `yaml:"cond"`           // wavenet: width of the condition
	Parts      int     `yaml:"parts"`          // wavenet: conditions of a frame
	Cycle      int     `yaml:"cycle"`          // wavenet: layers until dilations begin again
	Target     string  `yaml:"target"`         // draft: the model that it guesses for, below the data folder
	Candidates int     `yaml:"candidates"`     // draft: tokens that it can guess, those most frequent in the data
	// Pixels is a pixel network's trunk over the pixels of a row, Caption a flow
	// network's over the words of a caption.
	Pixels  TrunkRecipe `yaml:"pixels"`
	Caption TrunkRecipe `yaml:"caption"`
	// From is a bundled model or the path of a model file whose weights the
	// network starts from, where names and shapes agree; its vocabulary must be
	// the recipe's. Empty: all weights are drawn at random.
	From string `yaml:"from"`
}

// TrunkRecipe gives the sizes of a smaller trunk inside a network.
type TrunkRecipe struct {
	Width  int `yaml:"width"`
	Layers int `yaml:"layers"`
	Heads  int `yaml:"heads"`
	FFN    int `yaml:"ffn"`
}

// TrainRecipe gives the schedule.
type TrainRecipe struct {
	Steps         int     `yaml:"steps"`
	BatchTokens   int     `yaml:"batch_tokens"` // positions in a step, at most
	MicroTokens   int     `yaml:"micro_tokens"` // positions in one forward pass; gradients accumulate
	LearningRate  float64 `yaml:"learning_rate"`
	Warmup        int     `yaml:"warmup"` // steps of linear rise
	Decay         float64 `yaml:"decay"`  // the last share of the steps, in which the rate falls linearly to 0
	WeightDecay   float64 `yaml:"weight_decay"`
	Beta1         float64 `yaml:"beta1"`
	Beta2         float64 `yaml:"beta2"`
	Clip          float64 `yaml:"clip"` // largest norm of the gradient
	Dropout       float64 `yaml:"dropout"`
	EMA           float64 `yaml:"ema"`            // decay of the averaged weights per step
	DropCondition float64 `yaml:"drop_condition"` // how often each condition is hidden
	PadShare      float64 `yaml:"pad_share"`      // masked: how often a response is padded to max_length with END
	LengthWeight  float64 `yaml:"length_weight"`  // masked: weight of the length head's loss
	Validate      int     `yaml:"validate"`       // steps between validations
	ValidTokens   int     `yaml:"valid_tokens"`   // positions of one validation
	Checkpoint    int     `yaml:"checkpoint"`     // steps between saved states

	Depth      int     `yaml:"depth"`       // draft: guesses that go on from one another
	KeepStates int     `yaml:"keep_states"` // draft: MB of memory for what the target gave, which later epochs then need not ask for again
	DepthShare float32 `yaml:"depth_share"` // draft: weight of a guess's loss in that of the one before

	BatchPictures int     `yaml:"batch_pictures"` // pictures in a step
	MicroPictures int     `yaml:"micro_pictures"` // pictures in one forward pass
	ValidPictures int     `yaml:"valid_pictures"` // pictures of one validation
	TimeMean      float64 `yaml:"time_mean"`      // flow: of the logit of the times trained at
	TimeDeviation float64 `yaml:"time_deviation"`
	Shortcut      float64 `yaml:"shortcut"` // flow: share of a batch that teaches steps of finite length
	Guidance      float64 `yaml:"guidance"` // flow: classifier-free guidance that those steps learn

	SegmentFrames   int `yaml:"segment_frames"` // of a sound, shorter ones are taken whole
	BatchSegments   int `yaml:"batch_segments"` // in a step
	MicroSegments   int `yaml:"micro_segments"` // in one forward pass
	ValidSegments   int `yaml:"valid_segments"` // of one validation
	BatchFrames     int `yaml:"batch_frames"`   // speech: in a step, at most
	MicroFrames     int `yaml:"micro_frames"`   // in one forward pass
	ValidUtterances int `yaml:"valid_utterances"`

	Stretch    float64 `yaml:"stretch"`     // recogniser: share by which an utterance is made longer or shorter
	MaskFrames int     `yaml:"mask_frames"` // recogniser: most frames that are hidden at a time
	MaskBands  int     `yaml:"mask_bands"`

	MelWeight  float64 `yaml:"mel_weight"`  // vocoder: of the distance of log-mel spectrograms
	STFTWeight float64 `yaml:"stft_weight"` // vocoder: of the distance of spectra
	// PhaseWeight is, of a vocoder, that of how differently phases turn from frame to
	// frame.
	PhaseWeight float64 `yaml:"phase_weight"`
	// Vocoder: of how surely each discriminator takes its sound for made, and of how
	// differently they see it and the recording. Both 0: there are none.
	AdversarialWeight float64 `yaml:"adversarial_weight"`
	FeatureWeight     float64 `yaml:"feature_weight"`
}

// GenerateDefaults are stored in the model as what generation starts from.
type GenerateDefaults struct {
	Temperature float64 `yaml:"temperature"`
	TopK        int     `yaml:"top_k"`
	TopP        float64 `yaml:"top_p"`
	MinP        float64 `yaml:"min_p"`
	Passes      int     `yaml:"passes"` // of refine
	Guidance    float64 `yaml:"guidance"`
	// ShortcutPasses is up to how many passes a flow network is told the length
	// of its steps.
	ShortcutPasses int `yaml:"shortcut_passes"`
}

// RecipeError says where in a recipe something is wrong.
type RecipeError = yamlfile.Error

// LoadRecipe reads a recipe file.
func LoadRecipe(path string) (*Recipe, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	return ParseRecipe(path, data)
}

// ParseRecipe reads a recipe from memory; name is used in errors. Keys that are
// not known, values of the wrong type and sizes that do not fit each other are
// [*RecipeError]s.
func ParseRecipe(name string, data []byte) (*Recipe, error) {
	r := defaults()
	if err := yamlfile.Load(name, data, r); err != nil {
		return nil, err
	}
	r.text = string(data)
	for _, s := range [][]DataSource{r.Data.Train, r.Data.Valid, r.Data.Test} {
		for i := range s {
			if s[i].Repeat == 0 {
				s[i].Repeat = 1
			}
		}
	}
	if err := r.validate(); err != nil {
		return nil, &RecipeError{File: name, Problem: err.Error()}
	}
	return r, nil
}

func defaults() *Recipe {
	return &Recipe{
		Seed:    1,
		Weights: "q8_0",
		Elements: ElementsRecipe{
			MinCount: 2, Alpha: "smooth", Colours: 64, Rate: 16000, Hop: 160, Bands: 80,
		},
		Network: NetworkRecipe{RopeBase: 10000, FFT: 512, Kernel: 7, Group: 2, Cond: 96, Parts: 4, Cycle: 8, Candidates: 8192},
		Train: TrainRecipe{
			BatchTokens: 4096, MicroTokens: 1024, LearningRate: 2e-3, Warmup: 100, Decay: 0.4, WeightDecay: 0.1,
			Beta1: 0.9, Beta2: 0.98, Clip: 1, Dropout: 0.1, EMA: 0.999, DropCondition: 0.1, PadShare: 0.2,
			LengthWeight: 0.1, Depth: 3, DepthShare: 0.7, Validate: 200, ValidTokens: 20000, Checkpoint: 200,
			BatchPictures: 64, MicroPictures: 16, ValidPictures: 512, TimeDeviation: 1, Guidance: 3,
			BatchFrames: 8192, MicroFrames: 2048, ValidUtterances: 64, Stretch: 0.15, MaskFrames: 10, MaskBands: 15,
			SegmentFrames: 64, BatchSegments: 16, MicroSegments: 8, ValidSegments: 128, MelWeight: 45, STFTWeight: 10,
		},
		Generate: GenerateDefaults{Temperature: 1, TopP: 1, Passes: 8},
	}
}

func (r *Recipe) validate() error {
	n, t := r.Network, r.Train
	if !yamlfile.Name.MatchString(r.Name) {
		return fmt.Errorf("name is %q, want small letters, digits, dots and dashes", r.Name)
	}
	kinds, ok := map[string][]string{"poems": {"decoder", "masked"}, "texts": {"decoder", "masked"}, "conversations": {"draft"}, "pictures": {"pixel", "flow", "classifier"}, "sounds": {"vocoder", "wavenet"},
		"speech": {"acoustic", "recogniser"}}[r.Data.Kind]
	if !ok {
		return fmt.Errorf("data.kind is %q, want poems, texts, conversations, pictures, sounds or speech", r.Data.Kind)
	}
	if !slices.Contains(kinds, n.Kind) {
		return fmt.Errorf("network.kind is %q, want %s for %s", n.Kind, strings.Join(kinds, " or "), r.Data.Kind)
	}
	texts := false
	switch r.Data.Kind {
	case "pictures":
		if err := r.checkPictures(); err != nil {
			return err
		}
	case "sounds":
		if err := r.checkSounds(); err != nil {
			return err
		}
	case "speech":
		if err := r.checkSpeech(); err != nil {
			return err
		}
	case "conversations":
		if err := r.checkDraft(); err != nil {
			return err
		}
	default:
		texts = true
		if len(r.Data.Train) == 0 {
			return errors.New("data.train names no file")
		}
	}
	for _, s := range slices.Concat(r.Data.Train, r.Data.Valid, r.Data.Test) {
		if s.Repeat < 1 || s.Repeat > 1000 || s.File == "" || !filepath.IsLocal(s.File) {
			return fmt.Errorf("data: file %q repeated %d times: want a path below the data folder and 1 to 1000", s.File, s.Repeat)
		}
	}
	can := map[string][]string{"decoder": {"ar"}, "masked": {"nar", "refine"}, "draft": {"speculate"}, "pixel": {"ar"}, "flow": {"nar", "refine"}, "vocoder": {"nar", "refine"}, "wavenet": {"ar"}, "acoustic": {"ar", "nar", "refine"}}[n.Kind]
	if len(r.Strategies) == 0 {
		r.Strategies = can
	}
	for _, s := range r.Strategies {
		if !slices.Contains(can, s) {
			return fmt.Errorf("strategies: a %s network cannot serve %q; it can serve %s", n.Kind, s, strings.Join(can, ", "))
		}
	}
	if _, err := checkpoint.ParseType(r.Weights); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	if err := r.checkNetwork(); err != nil {
		return err
	}
	if texts && (n.MaxLength < 1 || n.MaxLength >= n.Context) {
		return fmt.Errorf("network.max_length is %d, want 1 to %d (below network.context)", n.MaxLength, n.Context-1)
	}
	if r.Elements.Pieces < 0 || r.Elements.Pieces > 1<<18 || r.Elements.MinCount < 1 {
		return fmt.Errorf("elements: pieces is %d, want 0 to %d; min_count is %d, want 1 or more", r.Elements.Pieces, 1<<18, r.Elements.MinCount)
	}
	least := 1.0
	if texts {
		least = float64(n.Context)
	}
	for _, v := range []struct {
		key          string
		got, lo, hi  float64
		loOpen, hiOp bool
	}{
		{"steps", float64(t.Steps), 1, 1e8, false, false},
		{"micro_tokens", float64(t.MicroTokens), least, 1e7, false, false},
		{"batch_tokens", float64(t.BatchTokens), float64(t.MicroTokens), 1e8, false, false},
		{"learning_rate", t.LearningRate, 0, 1, true, false},
		{"warmup", float64(t.Warmup), 0, float64(t.Steps), false, false},
		{"decay", t.Decay, 0, 1, false, false},
		{"weight_decay", t.WeightDecay, 0, 10, false, false},
		{"beta1", t.Beta1, 0, 1, false, true},
		{"beta2", t.Beta2, 0, 1, false, true},
		{"clip", t.Clip, 0, 1e6, true, false},
		{"dropout", t.Dropout, 0, 1, false, true},
		{"ema", t.EMA, 0, 1, false, true},
		{"drop_condition", t.DropCondition, 0, 1, false, false},
		{"pad_share", t.PadShare, 0, 1, false, false},
		{"length_weight", t.LengthWeight, 0, 100, false, false},
		{"validate", float64(t.Validate), 1, 1e8, false, false},
		{"checkpoint", float64(t.Checkpoint), 1, 1e8, false, false},
		{"valid_tokens", float64(t.ValidTokens), 1, 1e9, false, false},
	} {
		if !(v.got >= v.lo && v.got <= v.hi) || v.loOpen && v.got == v.lo || v.hiOp && v.got == v.hi {
			return fmt.Errorf("train.%s is %g, want %g to %g", v.key, v.got, v.lo, v.hi)
		}
	}
	return nil
}

// checkNetwork reports sizes that do not fit each other.
func (r *Recipe) checkNetwork() error {
	switch r.Network.Kind {
	case "pixel":
		return r.pixelConfig(1, r.Elements.Colours).Validate()
	case "flow":
		return r.flowConfig(1).Validate()
	case "classifier":
		return r.classifierConfig(1).Validate()
	case "vocoder":
		return r.vocoderConfig().Validate()
	case "wavenet":
		return r.waveNetConfig().Validate()
	case "acoustic":
		return r.acousticConfig(1, 1).Validate()
	case "recogniser":
		return r.checkRecogniser()
	case "draft": // has the target's sizes
		return nil
	}
	return r.config(1).Validate()
}

// trunk is the sizes of a smaller trunk.
func (t TrunkRecipe) config(vocab, context int) network.Config {
	return network.Config{Vocab: vocab, Context: context, Width: t.Width, Layers: t.Layers, Heads: t.Heads, KVHeads: t.Heads, FFN: t.FFN, Eps: 1e-5, RopeBase: 10000}
}

// pixelConfig is a pixel network's sizes: its trunk over rows has those of a
// text network, and positions for a caption of network.context tokens.
func (r *Recipe) pixelConfig(vocab, colours int) network.PixelConfig {
	e := r.Elements
	rows := r.config(vocab)
	rows.Context += e.Height
	return network.PixelConfig{Width: e.Width, Height: e.Height, Colours: colours, Rows: rows, Pixels: r.Network.Pixels.config(colours, e.Width), Pixel: r.Network.Pixel}
}

// flowConfig is a flow network's sizes.
func (r *Recipe) flowConfig(vocab int) network.FlowConfig {
	n, e := r.Network, r.Elements
	return network.FlowConfig{Width: e.Width, Height: e.Height, Channels: 4, Patch: n.Patch, Stem: n.Stem, Dim: n.Width, Layers: n.Layers, Heads: n.Heads, FFN: n.FFN,
		Text: n.Caption.config(vocab, n.Context)}
}

// classifierConfig is a classifier's sizes: network.stem channels at full
// resolution, network.width features.
func (r *Recipe) classifierConfig(labels int) network.ClassifierConfig {
	return network.ClassifierConfig{Width: r.Elements.Width, Height: r.Elements.Height, Channels: 4, Base: r.Network.Stem, Features: r.Network.Width, Labels: labels}
}

// vocoderConfig is a vocoder's sizes.
func (r *Recipe) vocoderConfig() network.VocoderConfig {
	n, e := r.Network, r.Elements
	return network.VocoderConfig{Bands: e.Bands, Rate: e.Rate, FFT: n.FFT, Hop: e.Hop, Dim: n.Width, Layers: n.Layers, FFN: n.FFN, Kernel: n.Kernel}
}

// acousticConfig is an acoustic network's sizes.
func (r *Recipe) acousticConfig(symbols, speakers int) network.AcousticConfig {
	n, e := r.Network, r.Elements
	return network.AcousticConfig{Symbols: symbols, Speakers: speakers, Bands: e.Bands, Rate: e.Rate, Hop: e.Hop, Group: n.Group,
		Dim: n.Width, FFN: n.FFN, Kernel: n.Kernel, Encoder: n.Encoder, Causal: n.Causal, Flow: n.Layers}
}

// config is the network's sizes for a vocabulary.
func (r *Recipe) config(vocab int) network.Config {
	n := r.Network
	kv := n.KVHeads
	if kv == 0 {
		kv = n.Heads
	}
	return network.Config{Vocab: vocab, Context: n.Context, Width: n.Width, Layers: n.Layers, Heads: n.Heads,
		KVHeads: kv, FFN: n.FFN, Eps: 1e-5, RopeBase: n.RopeBase}
}

// rate is the learning rate of a step, counted from 0: a linear rise, a
// plateau, and a linear fall to zero over the last share (Hägele et al., arXiv
// 2405.18392).
func (t TrainRecipe) rate(step int) float64 {
	rate := t.LearningRate
	if step < t.Warmup {
		rate *= float64(step+1) / float64(t.Warmup)
	}
	if fall := t.Decay * float64(t.Steps); float64(t.Steps-step) < fall {
		rate *= float64(t.Steps-step) / fall
	}
	return rate
}
