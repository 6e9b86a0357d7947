package measure

import (
	"fmt"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// SpeechJudge hears which sounds of its language are said. It is a recogniser that
// was trained on recordings (a recipe of network kind recogniser) and knows no
// words, so it does not guess what would make sense. It is for one goroutine, and
// holds memory until Close.
//
// Its opinion is only as good as it is at recordings that training did not hear, so
// theirs is the figure to compare with.
type SpeechJudge struct {
	Name    string
	Symbols []string // the sounds that it tells apart

	rate       int
	pool       *tensor.Pool
	mel        *audio.Mel
	recogniser *network.Recogniser
}

// OpenSpeechJudge opens a recogniser by its bundled name or the path of a GGUF
// file. It fails if there is none, and with a [*checkpoint.FormatError] or an error
// that names the key if the file is damaged or no recogniser.
func OpenSpeechJudge(name string) (*SpeechJudge, error) {
	f, err := openModelFile(name)
	if err != nil {
		return nil, fmt.Errorf("recogniser: %w", err)
	}
	defer f.Close()
	j, err := newSpeechJudge(f)
	if err != nil {
		return nil, fmt.Errorf("recogniser: %w", err)
	}
	j.Name = name
	return j, nil
}

func newSpeechJudge(f *checkpoint.File) (*SpeechJudge, error) {
	m, err := network.ReadRecogniser(f)
	if err != nil {
		return nil, err
	}
	j := &SpeechJudge{Symbols: m.Symbols, rate: m.Rate}
	if j.mel, err = audio.NewMel(m.Mel()); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	j.pool = tensor.NewPool(0)
	j.recogniser = network.NewRecogniser(m, j.pool)
	return j, nil
}

// Close frees the judge's memory.
func (j *SpeechJudge) Close() { j.pool.Close() }

// Hear returns the symbols of what is said in a sound, of any rate.
func (j *SpeechJudge) Hear(s audio.Sound) ([]string, error) {
	s, err := s.Resample(j.rate)
	if err != nil {
		return nil, fmt.Errorf("recogniser %s: %w", j.Name, err)
	}
	if j.mel.Frames(len(s.Samples)) == 0 {
		return nil, nil
	}
	heard, err := j.recogniser.Recognise(j.mel.Log(nil, s.Samples))
	if err != nil {
		return nil, fmt.Errorf("recogniser %s: %w", j.Name, err)
	}
	return heard, nil
}
