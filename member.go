package stride

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// member is one checkpoint of a model: its file, what it says about itself and
// its prompts, and the engine that its architecture needs.
type member struct {
	file         *checkpoint.File
	architecture string
	card         card.Card
	format       text.Format     // of prompts
	tok          *text.Tokenizer // nil where there are no words
	engine       engine

	load    sync.Once
	loadErr error
}

// engine generates with the network of one checkpoint. Its methods may be called
// by several goroutines at once.
type engine interface {
	// read loads the weights. It is called once, before start, speed and
	// operations.
	read() error
	// start makes the machine for a prompt, the options and the strategy that
	// was chosen.
	start(pool *tensor.Pool, p Prompt, c config) (*generation, error)
	// speed measures how many of the elements of a response of the given length
	// the network goes through in a second.
	speed(ctx context.Context, pool *tensor.Pool, strategy string, length int) (float64, error)
	// operations is how many the network does for an element in one pass, as
	// [Model.ElementFLOPs] counts them.
	operations(strategy string) float64
	// refuses returns an [*UnsupportedError] if the strategy cannot do what was
	// asked.
	refuses(a ask, strategy string) error
	// context is the most positions, and describe adds what else the engine
	// knows to the description of the model that it is a part of.
	context() int
	describe(info *Info)
	// trim forgets the buffers that are kept for the next generation.
	trim()
}

// kind is what a model makes or makes it of.
type kind string

const (
	kindText    kind = "texts"
	kindPicture kind = "pictures"
	kindFrames  kind = "log-mel frames"
	kindSamples kind = "samples"
)

// architectures says for each kind of network what it can serve, what it makes
// of what, and how it is opened: from metadata alone, checked against each other.
var architectures = map[string]struct {
	strategies []string
	takes      []kind
	makes      kind
	wordless   bool // its file has no tokenizer
	open       func(*member) (engine, error)
}{
	network.ArchitectureLlama:    {strategies: []string{"ar", speculate}, takes: []kind{kindText}, makes: kindText, open: openCausal},
	network.ArchitectureLLaDA:    {strategies: []string{"nar", "refine"}, takes: []kind{kindText}, makes: kindText, open: openMasked},
	network.ArchitecturePixel:    {strategies: []string{"ar"}, takes: []kind{kindText, kindPicture}, makes: kindPicture, open: openPixels},
	network.ArchitectureFlow:     {strategies: []string{"nar", "refine"}, takes: []kind{kindText, kindPicture}, makes: kindPicture, open: openFlows},
	network.ArchitectureAcoustic: {strategies: []string{"ar", "nar", "refine"}, takes: []kind{kindText}, makes: kindFrames, wordless: true, open: openAcoustic},
	network.ArchitectureWaveNet:  {strategies: []string{"ar"}, takes: []kind{kindFrames, kindSamples}, makes: kindSamples, wordless: true, open: openWaveNet},
	network.ArchitectureVocoder:  {strategies: []string{"nar", "refine"}, takes: []kind{kindFrames, kindSamples}, makes: kindSamples, wordless: true, open: openVocoder},
}

func newMember(f *checkpoint.File) (*member, error) {
	e := &member{file: f}
	var err error
	if e.architecture, err = f.String("general.architecture"); err != nil {
		return nil, err
	}
	switch e.architecture {
	case network.ArchitectureClassifier:
		return nil, fmt.Errorf("architecture %s is a classifier: pictures are measured with it, it makes none", e.architecture)
	case network.ArchitectureDraft:
		return nil, fmt.Errorf("architecture %s is a draft head: it guesses for another model, which takes its name with --draft (stride.Draft)", e.architecture)
	case network.ArchitectureRecogniser:
		return nil, fmt.Errorf("architecture %s is a recogniser: speech is measured with it, it makes none", e.architecture)
	}
	can, ok := architectures[e.architecture]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(architectures)), ", ")
		return nil, fmt.Errorf("architecture %q is not known; known: %s", e.architecture, known)
	}
	if e.card, err = card.Read(f); err != nil {
		return nil, err
	}
	if !can.wordless {
		if e.format, err = text.FormatFromMetadata(f.Value); err != nil {
			return nil, err
		}
		if e.tok, err = text.FromMetadata(f.Value); err != nil {
			return nil, err
		}
	}
	if e.card.Strategies == nil {
		e.card.Strategies = publicStrategies(e.architecture)
	}
	all := strings.Join(can.strategies, ", ")
	if len(e.card.Strategies) == 0 {
		return nil, fmt.Errorf("stride.strategies is empty, want some of %s", all)
	}
	for _, s := range e.card.Strategies {
		if !slices.Contains(can.strategies, s) {
			return nil, fmt.Errorf("stride.strategies has %q, want some of %s, which architecture %s can serve", s, all, e.architecture)
		}
	}
	e.card.Strategies = offerSpeculate(e.card.Strategies, can.strategies)
	if e.engine, err = can.open(e); err != nil {
		return nil, err
	}
	return e, nil
}

// checkVocabulary holds that the network knows the tokenizer's tokens.
func (e *member) checkVocabulary(network int) error {
	if e.tok.Size() != network {
		return fmt.Errorf("the tokenizer has %d tokens, the network %d", e.tok.Size(), network)
	}
	return nil
}

// checkCompanion holds that another checkpoint makes the same kind of objects.
func (e *member) checkCompanion(other *member) error {
	made := func(m *member) string {
		var info Info
		m.engine.describe(&info)
		if p := info.Picture; p != nil {
			return fmt.Sprintf("pictures of %dx%d pixels", p.Width, p.Height)
		}
		if info.Sound != nil {
			return fmt.Sprintf("%s at %s", m.makes(), info.Sound.pace())
		}
		return string(m.makes())
	}
	if a, b := made(e), made(other); a != b {
		return fmt.Errorf("%s makes %s, its companion %s %s", e.file.Name(), a, other.file.Name(), b)
	}
	return nil
}

// makes is the kind of its objects.
func (e *member) makes() kind { return architectures[e.architecture].makes }

// weights loads the weights once.
func (e *member) weights(pool *tensor.Pool) error {
	e.load.Do(func() {
		e.loadErr = guarded(e.engine.read)
	})
	return e.loadErr
}

func (e *member) serves(strategy string) bool { return slices.Contains(e.card.Strategies, strategy) }

// defaults are the options that the checkpoint itself proposes.
func (e *member) defaults() config {
	d := e.card.Defaults
	return config{length: LengthPredicted, temperature: float32(d.Temperature), topP: float32(d.TopP), minP: float32(d.MinP), topK: d.TopK}
}

// passes is the number of passes asked for, or else that the checkpoint
// proposes: only refine has a choice.
func (e *member) passes(c config) int {
	if c.strategy == "refine" && c.passes == 0 {
		return max(1, e.card.Defaults.Passes)
	}
	return c.passes
}

// evaluators keeps the evaluators of a network for the next generation: they
// hold buffers that are worth more warm than collected.
type evaluators[E any] struct {
	free  chan E
	fresh func(*tensor.Pool) E
}

// lender lends evaluators.
type lender[E any] interface {
	take(*tensor.Pool) E
	give(E)
}

func newEvaluators[E any](fresh func(*tensor.Pool) E) evaluators[E] {
	return evaluators[E]{make(chan E, 2*runtime.GOMAXPROCS(0)), fresh}
}

func (e evaluators[E]) take(pool *tensor.Pool) E {
	select {
	case v := <-e.free:
		return v
	default:
		return e.fresh(pool)
	}
}

func (e evaluators[E]) give(v E) {
	select {
	case e.free <- v:
	default:
	}
}
