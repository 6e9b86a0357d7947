package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/language"
)

// Recording is a sound of the data of speech, and what is said in it.
type Recording struct {
	File  string // below its folder
	Text  string // as it is to be read out
	Units []speech.Unit
	Sound audio.Sound // at the rate of the recipe
}

// Recordings reads the recordings of a split, evenly spaced where there are more
// than a limit above 0, from the folders that the recipe names below the folder of
// the data; of a single one it may also be given the folder itself. What training
// would leave out is left out here, too; skipped counts it.
//
// It fails if the recipe is not one of speech, and if there is no manifest or one
// that cannot be read.
func (r *Recipe) Recordings(ctx context.Context, data, split string, limit int) (out []Recording, skipped int, err error) {
	if r.Data.Kind != "speech" {
		return nil, 0, fmt.Errorf("train: data.kind is %q, want speech", r.Data.Kind)
	}
	spokenIn, err := language.Find(r.Data.Language)
	if err != nil {
		return nil, 0, err
	}
	type placed struct {
		clip
		dir string
	}
	var clips []placed
	for _, folder := range r.Data.Folders {
		dir := filepath.Join(data, folder)
		all, err := readManifest(filepath.Join(dir, manifest))
		if errors.Is(err, fs.ErrNotExist) && len(r.Data.Folders) == 1 {
			if own, ownErr := readManifest(filepath.Join(data, manifest)); !errors.Is(ownErr, fs.ErrNotExist) {
				dir, all, err = data, own, ownErr
			}
		}
		if err != nil {
			return nil, 0, errNoData(err, filepath.Join(dir, manifest), r)
		}
		for _, c := range all {
			if c.split == split {
				clips = append(clips, placed{c, dir})
			}
		}
	}
	if limit > 0 {
		clips = evenly(clips, limit)
	}
	for _, c := range clips {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		recording, err := c.recording(c.dir, spokenIn, r.Elements.Rate, r.Elements.Hop)
		if err != nil {
			skipped++
			continue
		}
		out = append(out, recording)
	}
	return out, skipped, nil
}

func (c *clip) recording(dir string, l *language.Language, rate, hop int) (Recording, error) {
	text, units, err := spoken(l, c.text)
	if err == nil {
		_, err = c.decode(filepath.Join(dir, c.file), rate, hop)
	}
	if err != nil {
		return Recording{}, err
	}
	return Recording{c.file, text, units, audio.Sound{Samples: c.values(0, c.size()), Rate: rate}}, nil
}
