package stride

import "slices"

// Option changes how an object is generated.
type Option func(*config)

// LengthFixed and LengthPredicted are values for [Length].
const (
	LengthFixed     = -1 // draw the maximum number of elements, drop what follows END
	LengthPredicted = -2 // the network first says the length (default)
)

// config is a generation's resolved options.
type config struct {
	strategy    string
	passes      int
	length      int
	temperature float32
	topK        int
	topP        float32
	minP        float32
	seed        uint64
	block       int
	remask      bool
	confidence  float32
	draft       string // of speculate: a name of a way to guess, or a model
	draftMost   int
	cacheType   string // of keys and values
	shiftKeep   int    // tokens that stay when the context is shifted
	more        samplingConfig
	picture     pictureConfig
	sound       soundConfig
	chosen      []string // names of the options that the caller gave, as in asks
}

// pictureConfig is the options of pictures.
type pictureConfig struct {
	guidance float32
	solver   string
	strength float32
	keep     float32
	toward   uint64
	mix      float32 // between the noises of two seeds
	captions float32 // between two captions
	tile     bool
	shortcut bool
}

// soundConfig is the options of sounds.
type soundConfig struct {
	rate   float32
	pitch  float32
	energy float32
	chunks bool
}

// chose says whether the caller gave an option.
func (c *config) chose(name string) bool { return slices.Contains(c.chosen, name) }

// option is an option that leaves its name.
func option(name string, set func(*config)) Option {
	return func(c *config) {
		set(c)
		c.chosen = append(c.chosen, name)
	}
}

// Guidance is how far a picture is moved from what the model would make of any
// caption, or of Prompt.Negative, to what it makes of this one (classifier-free
// guidance, Ho and Salimans, arXiv 2207.12598): 1 is the caption alone, more
// follows it more closely and varies less. An evaluation of the network becomes
// two. The default is the model's own ([PictureInfo].Guidance and, for ar,
// GuidanceAR); for nar it is 1, unless there is a Prompt.Negative, so that its
// picture is the mean of all that the caption allows.
func Guidance(g float32) Option {
	return option("guidance", func(c *config) { c.picture.guidance = g })
}

// Solver chooses how refine follows the velocity of pictures: "euler" (default)
// or "heun", of second order, whose steps take two passes each.
func Solver(name string) Option {
	return option("solver", func(c *config) { c.picture.solver = name })
}

// Strength is how much of Prompt.Picture is made anew by nar and refine, above
// 0 to 1; the default is 0.6, and 1 with a Mask.
func Strength(s float32) Option {
	return option("strength", func(c *config) { c.picture.strength = s })
}

// Keep is the share of Prompt.Picture's rows, from the top, that ar keeps; it
// completes the rest. The default is 0.5.
func Keep(share float32) Option {
	return option("keep", func(c *config) { c.picture.keep = share })
}

// Toward starts nar and refine from noise on the way from this seed's to that
// of another, 0 to 1 of it.
func Toward(seed uint64, mix float32) Option {
	return option("toward", func(c *config) { c.picture.toward, c.picture.mix = seed, mix })
}

// MixCaptions lets a picture by nar or refine lie between Prompt.Text (0) and
// Prompt.Toward (1); the default is 0.5.
func MixCaptions(mix float32) Option {
	return option("mix-captions", func(c *config) { c.picture.captions = mix })
}

// Tile makes pictures by nar and refine that fit together when laid side by
// side.
func Tile() Option { return option("tile", func(c *config) { c.picture.tile = true }) }

// Shortcut says whether nar and refine tell the network how long their steps
// are, as it learned for few passes (shortcut models, Frans et al., arXiv
// 2410.12557); guidance is then the one that it was taught, so that it takes
// neither another nor a Prompt.Negative, nor the solver "heun". By default
// refine does up to the number of passes in [PictureInfo].Shortcut, where none
// of those is asked for, and nar does not.
func Shortcut(on bool) Option {
	return option("shortcut", func(c *config) { c.picture.shortcut = on })
}

// Rate is how fast a speaking model speaks: 0.5 is half as fast as its voice does
// by itself, 2 twice; the default is 1.
func Rate(x float32) Option {
	return option("rate", func(c *config) { c.sound.rate = x })
}

// Pitch moves the voice of a speaking model up or down by semitones, -12 to 12.
func Pitch(semitones float32) Option {
	return option("pitch", func(c *config) { c.sound.pitch = semitones })
}

// Energy makes a speaking model speak louder or softer than its voice does by
// itself, by decibels of -20 to 20. It shouts or murmurs: what it makes of a
// text changes, not only how loud that is.
func Energy(dB float32) Option {
	return option("energy", func(c *config) { c.sound.energy = dB })
}

// Chunks lets each step of a sound hold only what is new in it: the samples,
// frames and marks that no step before it had. [Sound].Start and FrameStart say
// where they belong. A sound then takes no more memory the longer it gets, and
// whoever plays or writes it appends the samples of each step to those before.
// Frames that a later pass may still change are not shown before they are
// settled.
func Chunks() Option { return option("chunks", func(c *config) { c.sound.chunks = true }) }

// AR generates one element at a time, each drawn knowing all earlier ones.
func AR() Option { return Strategy("ar") }

// NAR generates all elements in one pass, each drawn without seeing the others.
func NAR() Option { return Strategy("nar") }

// Refine generates in n passes: a draft first, more of it committed by each.
func Refine(n int) Option {
	return func(c *config) {
		Strategy("refine")(c)
		Passes(n)(c)
	}
}

// Strategy chooses by name: "ar", "nar", "refine" or "speculate".
func Strategy(name string) Option {
	return option("strategy", func(c *config) { c.strategy = name })
}

// Passes sets the number of passes of a refine; other strategies refuse it.
func Passes(n int) Option { return option("passes", func(c *config) { c.passes = n }) }

// Length is how nar and refine learn the number of elements:
// [LengthPredicted], [LengthFixed] or the number itself. For ar a number is
// the most elements it may produce.
func Length(l int) Option { return option("length", func(c *config) { c.length = l }) }

// Temperature divides the logits; 0 always takes the likeliest element. Where nar
// and refine speak it scales the noise that frames begin as, above 0 to 2: a lower
// one speaks more clearly and more alike.
func Temperature(t float32) Option {
	return option("temperature", func(c *config) { c.temperature = t })
}

// TopK keeps only the k likeliest elements; 0 keeps all.
func TopK(k int) Option { return option("top-k", func(c *config) { c.topK = k }) }

// TopP keeps the likeliest elements whose probabilities sum to p (nucleus
// sampling, Holtzman et al., arXiv 1904.09751); 1 keeps all.
func TopP(p float32) Option { return option("top-p", func(c *config) { c.topP = p }) }

// MinP keeps elements at least p times as likely as the likeliest; 0 keeps all.
func MinP(p float32) Option { return option("min-p", func(c *config) { c.minP = p }) }

// Seed fixes all randomness. Without it a seed is drawn and reported in Stats.
func Seed(s uint64) Option { return option("seed", func(c *config) { c.seed = s }) }

// Block makes refine work left to right in blocks of n elements; 1 comes down
// to one element at a time.
func Block(n int) Option { return option("block", func(c *config) { c.block = n }) }

// Remask lets refine take back elements it is no longer sure of.
func Remask() Option { return option("remask", func(c *config) { c.remask = true }) }

// ConfidenceTemperature makes refine less greedy about what to commit first: it
// adds Gumbel noise of that scale to the confidences, falling to nothing over
// the passes (MaskGIT, arXiv 2202.04200, whose 4.5 is the default). Without it, at
// 0, the commonplace, of which the network is surest, always comes first, and
// what is written loses variety with every pass.
func ConfidenceTemperature(t float32) Option {
	return option("confidence-temperature", func(c *config) { c.confidence = t })
}
