package network

import (
	"fmt"
	"maps"

	"github.com/stride-ml/stride/checkpoint"
)

// Architectures of pictures, by general.architecture. No public ones fit.
const (
	ArchitecturePixel      = "stride.pixel"
	ArchitectureFlow       = "stride.flow"
	ArchitectureClassifier = "stride.classifier"
)

// Keys of a classifier's labels: their names, and how often each stands with
// the pictures it was trained on.
const (
	KeyLabels      = ArchitectureClassifier + ".labels_names"
	KeyLabelShares = ArchitectureClassifier + ".labels_shares"
)

// size is a whole number in a model file.
type size struct {
	key string
	to  *int
}

func metadataOf(architecture string, sizes []size) map[string]any {
	m := make(map[string]any, len(sizes))
	for _, s := range sizes {
		m[architecture+"."+s.key] = uint32(*s.to)
	}
	return m
}

// readSizes reads sizes whose keys begin with arch and a dot.
func readSizes(f *checkpoint.File, arch string, sizes []size) (err error) {
	for _, s := range sizes {
		if *s.to, err = f.Int(arch + "." + s.key); err != nil {
			return err
		}
	}
	return nil
}

// readSizesOf is readSizes for a file that has to be of that architecture.
func readSizesOf(f *checkpoint.File, architecture string, sizes []size) error {
	got, err := f.String("general.architecture")
	if err != nil {
		return err
	}
	if got != architecture {
		return fmt.Errorf("%s: architecture is %q, want %s", f.Name(), got, architecture)
	}
	return readSizes(f, architecture, sizes)
}

// Prefixes of the smaller trunks in a model file: of the keys of their sizes
// after the architecture's name, and of their tensors.
const (
	rowTrunk     = "row"
	pixelTrunk   = "pixel"
	captionTrunk = "caption"
)

func (c *PixelConfig) sizes() []size {
	return []size{{"width", &c.Width}, {"height", &c.Height}, {"colours", &c.Colours}, {"pixel_embedding_length", &c.Pixel}}
}

// Metadata gives the sizes as keys and values of a model file.
func (c PixelConfig) Metadata() map[string]any {
	m := metadataOf(ArchitecturePixel, c.sizes())
	maps.Copy(m, c.Rows.Metadata(ArchitecturePixel+"."+rowTrunk))
	maps.Copy(m, c.Pixels.Metadata(ArchitecturePixel+"."+pixelTrunk))
	return m
}

// ReadPixelConfig reads the sizes of a pixel network.
func ReadPixelConfig(f *checkpoint.File) (PixelConfig, error) {
	var c PixelConfig
	err := readSizesOf(f, ArchitecturePixel, c.sizes())
	if err != nil {
		return c, err
	}
	if c.Rows, err = readTrunkConfig(f, ArchitecturePixel+"."+rowTrunk, rowTrunk+"."); err != nil {
		return c, err
	}
	if c.Pixels, err = readTrunkConfig(f, ArchitecturePixel+"."+pixelTrunk, pixelTrunk+"."); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return c, checkWeights(f, c.weights())
}

// ReadPixel loads the weights of a pixel network, packed for use.
func ReadPixel(f *checkpoint.File) (*PixelModel, error) {
	c, err := ReadPixelConfig(f)
	if err != nil {
		return nil, err
	}
	m, err := NewPixelModel(c)
	if err != nil {
		return nil, err
	}
	return m, readParams(f, m.Params())
}

func (c *FlowConfig) sizes() []size {
	return []size{{"width", &c.Width}, {"height", &c.Height}, {"channels", &c.Channels}, {"patch_size", &c.Patch}, {"stem_length", &c.Stem},
		{keyWidth, &c.Dim}, {keyLayers, &c.Layers}, {keyHeads, &c.Heads}, {keyFFN, &c.FFN}}
}

// Metadata gives the sizes as keys and values of a model file.
func (c FlowConfig) Metadata() map[string]any {
	m := metadataOf(ArchitectureFlow, c.sizes())
	maps.Copy(m, c.Text.Metadata(ArchitectureFlow+"."+captionTrunk))
	return m
}

// ReadFlowConfig reads the sizes of a flow network.
func ReadFlowConfig(f *checkpoint.File) (FlowConfig, error) {
	var c FlowConfig
	err := readSizesOf(f, ArchitectureFlow, c.sizes())
	if err != nil {
		return c, err
	}
	if c.Text, err = readTrunkConfig(f, ArchitectureFlow+"."+captionTrunk, captionTrunk+"."); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return c, checkWeights(f, c.weights())
}

// ReadFlow loads the weights of a flow network, packed for use.
func ReadFlow(f *checkpoint.File) (*FlowModel, error) {
	c, err := ReadFlowConfig(f)
	if err != nil {
		return nil, err
	}
	m, err := NewFlowModel(c)
	if err != nil {
		return nil, err
	}
	return m, readParams(f, m.Params())
}

func (c *ClassifierConfig) sizes() []size {
	return []size{{"width", &c.Width}, {"height", &c.Height}, {"channels", &c.Channels}, {"base_length", &c.Base}, {"feature_length", &c.Features}, {"labels", &c.Labels}}
}

// Metadata gives the sizes as keys and values of a model file.
func (c ClassifierConfig) Metadata() map[string]any {
	return metadataOf(ArchitectureClassifier, c.sizes())
}

// ReadClassifier loads the weights of a classifier, packed for use.
func ReadClassifier(f *checkpoint.File) (*ClassifierModel, error) {
	var c ClassifierConfig
	if err := readSizesOf(f, ArchitectureClassifier, c.sizes()); err != nil {
		return nil, err
	}
	m, err := NewClassifierModel(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return m, readParams(f, m.Params())
}
