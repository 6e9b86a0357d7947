package train

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/audio"
)

// sounds is the data of the networks of sound: folders of files, each folder
// with a manifest.
type sounds struct {
	t     *trainer
	clips map[string][]clip // by split
	slots []int             // training sound of each row of the deck, long ones more than once
	mels  []*audio.Mel      // of each segment of a batch
	deck
}

// clip is a sound as 16-bit samples: hours fit in memory.
type clip struct {
	file, split   string
	text, speaker string // "" where the manifest has no such column
	pcm           []byte
}

// size is the number of samples.
func (c *clip) size() int { return len(c.pcm) / 2 }

// values are samples from and below to.
func (c *clip) values(from, to int) []float32 {
	out := make([]float32, to-from)
	for i := range out {
		out[i] = float32(int16(binary.LittleEndian.Uint16(c.pcm[2*(from+i):]))) / (1 << 15)
	}
	return out
}

// place is where a segment begins.
type place struct {
	clip  *clip
	frame int
}

// segment is a part of a sound and its log-mel frames.
type segment struct {
	frames       int
	mel, samples []float32 // (frames,Bands), (frames·Hop)
	before       float32   // the sample before those
}

// manifest is the file of a folder that lists its sounds.
const manifest = "manifest.tsv"

// Of sounds that are left out.
const (
	leastFrames = 8      // that a sound has
	silent      = -70    // dBFS
	fullScale   = 0.9995 // from here on a sample may have been clipped
	mostClipped = 1e-3   // share of such samples
)

// read reads the folders.
func (s *sounds) read(ctx context.Context) error {
	r, tell := s.t.recipe, s.t.opts.Progress
	s.clips = map[string][]clip{}
	total := 0
	for _, folder := range r.Data.Folders {
		tell(Progress{Message: "reading sounds of " + folder})
		path := filepath.Join(s.t.opts.Data, folder)
		clips, err := readManifest(filepath.Join(path, manifest))
		if err != nil {
			return errNoData(err, filepath.Join(path, manifest), r)
		}
		total += len(clips)
		if err := s.decode(ctx, path, clips); err != nil {
			return err
		}
	}
	if len(s.clips["train"]) == 0 {
		return fmt.Errorf("train: %s: none of %d sounds is in the split train and can be used", strings.Join(r.Data.Folders, ", "), total)
	}
	return nil
}

// lay gives a sound a row of the deck for each segment that it holds, and plans
// the spectrograms of a batch.
func (s *sounds) lay() error {
	s.seed = s.t.recipe.Seed
	for range s.t.recipe.Train.BatchSegments {
		m, err := audio.NewMel(s.t.recipe.vocoderConfig().Mel())
		if err != nil {
			return fmt.Errorf("train: %w", err)
		}
		s.mels = append(s.mels, m)
	}
	frames := s.t.recipe.Train.SegmentFrames
	for i := range s.clips["train"] {
		n := s.clips["train"][i].size() / s.t.recipe.Elements.Hop
		for range max(1, (n+frames/2)/frames) {
			s.slots = append(s.slots, i)
		}
	}
	s.n = len(s.slots)
	return nil
}

// readManifest reads which sounds a folder has: tab-separated columns that the
// first line names, file and split among them, perhaps text and speaker, nothing
// quoted.
func readManifest(path string) ([]clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	fail := func(line int, format string, args ...any) error {
		return fmt.Errorf("train: %s:%d: %s", path, line, fmt.Sprintf(format, args...))
	}
	var out []clip
	file, split, text, speaker := -1, -1, -1, -1
	value := func(columns []string, i int) string {
		if i < 0 || i >= len(columns) {
			return ""
		}
		return columns[i]
	}
	for line := 1; in.Scan(); line++ {
		columns := strings.Split(strings.TrimRight(in.Text(), "\r"), "\t")
		switch {
		case line == 1:
			file, split = slices.Index(columns, "file"), slices.Index(columns, "split")
			text, speaker = slices.Index(columns, "text"), slices.Index(columns, "speaker")
			if file < 0 || split < 0 {
				return nil, fail(line, "columns %s, want file and split among them", strings.Join(columns, ", "))
			}
			continue
		case in.Text() == "":
			continue
		case len(columns) <= max(file, split):
			return nil, fail(line, "%d columns, want %d or more", len(columns), max(file, split)+1)
		}
		c := clip{file: columns[file], split: columns[split], text: value(columns, text), speaker: value(columns, speaker)}
		if !slices.Contains([]string{"train", "valid", "test"}, c.split) {
			return nil, fail(line, "split %q, want train, valid or test", c.split)
		}
		if !filepath.IsLocal(c.file) {
			return nil, fail(line, "file %q, want one below the folder", c.file)
		}
		out = append(out, c)
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("train: %s: %w", path, err)
	}
	if file < 0 {
		return nil, fail(1, "empty, want a line that names the columns")
	}
	return out, nil
}

// decode reads sounds, and tells which are left out and how many had another
// rate.
func (s *sounds) decode(ctx context.Context, dir string, clips []clip) error {
	tell, e := s.t.opts.Progress, s.t.recipe.Elements
	rates, errs := make([]int, len(clips)), make([]error, len(clips))
	s.t.pool.Each(len(clips), func(i int) {
		if ctx.Err() == nil {
			rates[i], errs[i] = clips[i].decode(filepath.Join(dir, clips[i].file), e.Rate, e.Hop)
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	var out leftOut
	resampled := 0
	for i, c := range clips {
		if errs[i] != nil {
			out.add(tell, c.file, errs[i])
			continue
		}
		if rates[i] != e.Rate {
			resampled++
		}
		s.clips[c.split] = append(s.clips[c.split], c)
	}
	out.end(tell)
	if resampled > 0 {
		tell(Progress{Message: fmt.Sprintf("brought %d of %d sounds to %d Hz", resampled, len(clips), e.Rate)})
	}
	return nil
}

// decode reads a sound and tells which rate it had, or why it cannot be used.
func (c *clip) decode(path string, rate, hop int) (int, error) {
	sound, err := audio.Read(path, audio.Limits{})
	if err != nil {
		return 0, err
	}
	if level := audio.Level(sound.Samples); level < silent {
		return 0, fmt.Errorf("empty: %d samples at %.0f dBFS, want %d or more", len(sound.Samples), level, silent)
	}
	clipped := 0
	for _, v := range sound.Samples {
		if v >= fullScale || v <= -fullScale {
			clipped++
		}
	}
	if share := float64(clipped) / float64(len(sound.Samples)); share > mostClipped {
		return 0, fmt.Errorf("clipped: %.1f %% of its samples are at full scale, want at most %g %%", 100*share, 100*mostClipped)
	}
	was := sound.Rate
	if sound, err = sound.Resample(rate); err != nil {
		return 0, err
	}
	if len(sound.Samples) < leastFrames*hop {
		return 0, fmt.Errorf("too short: %d samples at %d Hz, want %d or more", len(sound.Samples), rate, leastFrames*hop)
	}
	c.pcm = audio.AppendPCM(nil, sound.Samples)
	return was, nil
}

// mostLearned is how many sounds means are taken over.
const mostLearned = 512

// moments are those of the bands of log-mel frames, over at most mostLearned of the
// training sounds; also, if not nil, is called with the samples of each.
func (s *sounds) moments(also func(i int, x []float32) error) (bandMoments, error) {
	c := s.t.recipe.vocoderConfig().Mel()
	clips := evenly(s.clips["train"], mostLearned)
	all, errs := make([]bandMoments, len(clips)), make([]error, len(clips))
	s.t.pool.Each(len(clips), func(i int) {
		mel, err := audio.NewMel(c)
		if err != nil {
			errs[i] = err
			return
		}
		x := clips[i].values(0, clips[i].size())
		all[i] = make(bandMoments, c.Bands)
		all[i].add(mel.Log(nil, x))
		if also != nil {
			errs[i] = also(i, x)
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	total := make(bandMoments, c.Bands)
	for _, m := range all {
		total.merge(m)
	}
	return total, nil
}

// middles lays out one segment out of the middle of each sound of a split.
func (s *sounds) middles(split string, lay func([]place) work) []work {
	r := s.t.recipe
	clips := s.clips[split]
	if split == "valid" {
		clips = evenly(clips, r.Train.ValidSegments)
	}
	var places []place
	for i := range clips {
		frames := clips[i].size() / r.Elements.Hop
		places = append(places, place{&clips[i], max(0, (frames-r.Train.SegmentFrames)/2)})
	}
	if len(places) == 0 {
		return nil
	}
	return []work{lay(places)}
}

// deal takes the places of a step's batch.
func (s *sounds) deal(rng *rand.Rand) []place {
	out := make([]place, s.t.recipe.Train.BatchSegments)
	for i := range out {
		c := &s.clips["train"][s.slots[s.take()]]
		last := c.size()/s.t.recipe.Elements.Hop - s.t.recipe.Train.SegmentFrames
		out[i] = place{c, rng.IntN(max(last, 0) + 1)}
	}
	return out
}

// segments cuts segments out of their sounds, as many at a time as a batch has.
func (s *sounds) segments(places []place) []segment {
	out := make([]segment, 0, len(places))
	for part := range slices.Chunk(places, len(s.mels)) {
		at := len(out)
		out = out[:at+len(part)]
		s.t.pool.Each(len(part), func(i int) { out[at+i] = s.segment(s.mels[i], part[i]) })
	}
	return out
}

func (s *sounds) segment(mel *audio.Mel, p place) segment {
	c := s.t.recipe.vocoderConfig().Mel()
	all := p.clip.size() / c.Hop
	n := min(s.t.recipe.Train.SegmentFrames, all-p.frame)
	// Frames see samples outside the segment, as they do in the whole sound.
	reach := (c.FFT/2 + c.Hop) / c.Hop
	from, to := max(0, p.frame-reach), min(all, p.frame+n+reach)
	x := p.clip.values(from*c.Hop, to*c.Hop)
	frames := mel.Log(nil, x)
	at := p.frame - from
	out := segment{frames: n, mel: frames[at*c.Bands : (at+n)*c.Bands], samples: x[at*c.Hop : (at+n)*c.Hop]}
	if at > 0 {
		out.before = x[at*c.Hop-1]
	}
	return out
}

// checkSounds reports what a recipe for sounds lacks.
func (r *Recipe) checkSounds() error {
	t := r.Train
	if err := r.checkFolders(); err != nil {
		return err
	}
	switch {
	case t.SegmentFrames < leastFrames || t.SegmentFrames > 1<<14:
		return fmt.Errorf("train.segment_frames is %d, want %d to %d", t.SegmentFrames, leastFrames, 1<<14)
	case t.MicroSegments < 1 || t.MicroSegments > 4096 || t.BatchSegments < t.MicroSegments || t.BatchSegments > 1<<16:
		return fmt.Errorf("train: batch_segments is %d and micro_segments %d, want 1 or more and not more of the latter", t.BatchSegments, t.MicroSegments)
	case t.ValidSegments < 1:
		return fmt.Errorf("train.valid_segments is %d, want 1 or more", t.ValidSegments)
	case !(t.MelWeight >= 0 && t.MelWeight <= 1e4) || !(t.STFTWeight >= 0 && t.STFTWeight <= 1e4) || t.MelWeight+t.STFTWeight == 0:
		return fmt.Errorf("train: mel_weight is %g and stft_weight %g, want 0 to 10000 and not both 0", t.MelWeight, t.STFTWeight)
	case !(t.PhaseWeight >= 0 && t.PhaseWeight <= 1e4):
		return fmt.Errorf("train.phase_weight is %g, want 0 to 10000", t.PhaseWeight)
	case !(t.AdversarialWeight >= 0 && t.AdversarialWeight <= 1e4) || !(t.FeatureWeight >= 0 && t.FeatureWeight <= 1e4):
		return fmt.Errorf("train: adversarial_weight is %g and feature_weight %g, want 0 to 10000", t.AdversarialWeight, t.FeatureWeight)
	}
	return nil
}

// checkFolders reports what a recipe lacks whose data are folders with a manifest.
func (r *Recipe) checkFolders() error {
	if len(r.Data.Folders) == 0 {
		return errors.New("data.folders names no folder")
	}
	for _, f := range r.Data.Folders {
		if f == "" || !filepath.IsLocal(f) {
			return fmt.Errorf("data.folders: %q, want folders below the data folder", f)
		}
	}
	if len(r.Data.Train)+len(r.Data.Valid)+len(r.Data.Test) > 0 {
		return errors.New("data: train, valid and test name files of texts; sounds have data.folders, and their splits come from " + manifest)
	}
	return nil
}
