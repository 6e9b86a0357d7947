package command

import (
	"fmt"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/image"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
)

// networkFact is what there is to say about a kind of network; what is not is
// empty.
type networkFact struct {
	sizes, context, pictures, guidance, shortcut string
}

// networkFacts reads the sizes of a file's network.
func networkFacts(f *checkpoint.File, info stride.Info) (n networkFact, err error) {
	switch info.Architecture {
	case network.ArchitecturePixel:
		c, err := network.ReadPixelConfig(f)
		if err != nil {
			return n, err
		}
		n.sizes = fmt.Sprintf("over rows %s; over the pixels of a row %s", trunkSizes(c.Rows), trunkSizes(c.Pixels))
		n.context = captionContext(c.Rows.Context - c.Height)
	case network.ArchitectureFlow:
		c, err := network.ReadFlowConfig(f)
		if err != nil {
			return n, err
		}
		trunk := network.Config{Layers: c.Layers, Width: c.Dim, Heads: c.Heads, KVHeads: c.Heads, FFN: c.FFN}
		n.sizes = fmt.Sprintf("over patches of %dx%d pixels %s; over captions %s", c.Patch, c.Patch, trunkSizes(trunk), trunkSizes(c.Text))
		n.context = captionContext(c.Text.Context)
	case network.ArchitectureClassifier:
		m, err := network.ReadClassifier(f)
		if err != nil {
			return n, err
		}
		n.sizes = fmt.Sprintf("convolutions at four resolutions, %d to %d channels; %d features, %d labels", m.Base, 8*m.Base, m.ClassifierConfig.Features, m.Labels)
	case network.ArchitectureRecogniser:
		c, err := network.ReadRecogniserConfig(f)
		if err != nil {
			return n, err
		}
		n.sizes = fmt.Sprintf("%d layers, %d wide, feed-forward %d, kernel %d; %d symbols, %d frames a position", c.Layers, c.Dim, c.FFN, c.Kernel, len(c.Symbols), c.Group)
	case network.ArchitectureDraft:
		c, err := network.ReadDraftConfig(f)
		if err != nil {
			return n, err
		}
		n.sizes = fmt.Sprintf("a draft head for a network %d wide, feed-forward %d; guesses %d of %d tokens", c.Width, c.FFN, len(c.Tokens), c.Vocab)
	case network.ArchitectureAcoustic:
		c, err := network.ReadAcousticConfig(f)
		if err != nil {
			return n, err
		}
		n.sizes = acousticSizes(c)
	case network.ArchitectureWaveNet:
		c, err := network.ReadWaveNetConfig(f)
		if err != nil {
			return n, err
		}
		n.sizes = waveNetSizes(c)
	case network.ArchitectureVocoder:
		c, err := network.ReadVocoderConfig(f)
		if err != nil {
			return n, err
		}
		n.sizes = vocoderSizes(c)
	default:
		c, err := network.ReadConfig(f)
		if err != nil {
			return n, err
		}
		n.sizes = trunkSizes(c)
		n.context = fmt.Sprintf("%d positions, prompt included; at most %d elements a response", info.Context, info.MaxLength)
	}
	return n, n.addPictures(f, info)
}

// addPictures adds what is known of the pictures that a network is for.
func (n *networkFact) addPictures(f *checkpoint.File, info stride.Info) error {
	format, ok, err := image.FormatFromMetadata(f.Value)
	if err != nil || !ok {
		return err
	}
	n.pictures = fmt.Sprintf("%dx%d pixels", format.Width, format.Height)
	if colours := len(format.Palette); colours > 0 {
		n.pictures += fmt.Sprintf(", %d colours, one of them transparent", colours)
	} else {
		n.pictures += map[bool]string{true: ", all colours, transparent or not", false: ", all colours and transparency"}[format.BinaryAlpha]
	}
	switch p := info.Picture; {
	case p == nil || p.Guidance <= 0 && p.GuidanceAR <= 1:
	case p.Guidance > 0 && p.GuidanceAR > 1 && p.Guidance != p.GuidanceAR:
		n.guidance = fmt.Sprintf("%g for refine and %g for ar, where none is asked for", p.Guidance, p.GuidanceAR)
	default:
		n.guidance = fmt.Sprintf("%g where none is asked for", max(p.Guidance, p.GuidanceAR))
	}
	if p := info.Picture; p != nil && p.Shortcut > 0 {
		n.shortcut = fmt.Sprintf("up to %d passes of refine", p.Shortcut)
	}
	return nil
}

// trunkSizes says how large a transformer is.
func trunkSizes(c network.Config) string {
	heads := fmt.Sprintf("%d heads", c.Heads)
	if c.HeadWidth > 0 {
		heads += fmt.Sprintf(" %d wide", c.HeadWidth)
	}
	if c.KVHeads != c.Heads {
		heads += fmt.Sprintf(" (%d for keys and values)", c.KVHeads)
	}
	sizes := fmt.Sprintf("%d layers, %d wide, %s, feed-forward %d", c.Layers, c.Width, heads, c.FFN)
	if c.Window > 0 {
		sizes += fmt.Sprintf("; a window of %d positions", c.Window)
		if c.GlobalEvery > 0 {
			sizes += fmt.Sprintf(" but for every layer that %d divides", c.GlobalEvery)
		}
	}
	return sizes
}

func captionContext(n int) string { return fmt.Sprintf("captions of at most %d positions", n) }

// assistantInfo describes a model that only helps others, which is none that
// [stride.Open] knows.
func assistantInfo(f *checkpoint.File) (stride.Info, error) {
	c, err := card.Read(f)
	if err != nil {
		return stride.Info{}, fmt.Errorf("%s: %w", f.Name(), err)
	}
	architecture, err := f.String("general.architecture")
	if err != nil {
		return stride.Info{}, err
	}
	info := stride.Info{
		Name: c.Name, Title: c.Title, Architecture: architecture, Bytes: f.Size(),
		Licence: c.Licence, Credits: c.Credits, Recipe: c.Recipe, Results: c.Results,
	}
	for _, t := range f.Tensors() {
		info.Parameters += int64(t.Values())
	}
	return info, nil
}
