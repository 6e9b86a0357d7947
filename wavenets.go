package stride

import (
	"context"
	"sync"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// waveNets is the engine of samples by ar: a sample a pass.
type waveNets struct {
	*member
	config network.WaveNetConfig
	model  *network.WaveNetModel
	nets   evaluators[*network.WaveNet]
}

func openWaveNet(e *member) (engine, error) {
	c, err := network.ReadWaveNetConfig(e.file)
	if err != nil {
		return nil, err
	}
	w := &waveNets{member: e, config: c}
	w.nets = newEvaluators(func(pool *tensor.Pool) *network.WaveNet { return network.NewWaveNet(w.model, pool) })
	return w, nil
}

func (e *waveNets) read() (err error) {
	e.model, err = network.ReadWaveNet(e.file)
	return err
}

func (e *waveNets) context() int { return 0 }

func (e *waveNets) describe(info *Info) {
	info.Sound = &SoundInfo{Rate: e.config.Rate, Hop: e.config.Hop, Bands: e.config.Bands, Samples: true}
}

func (e *waveNets) operations(string) float64 { return e.config.FLOPs() }

func (e *waveNets) refuses(a ask, strategy string) error { return a.among(a.sounds, strategy) }

func (e *waveNets) start(pool *tensor.Pool, p Prompt, c config) (*generation, error) {
	frames, err := framesOf(p, e.config.Mel())
	if err != nil {
		return nil, err
	}
	return e.begin(pool, c, frames, p.Sound.Marks)
}

func (e *waveNets) feed(pool *tensor.Pool, c config) (*generation, error) {
	return e.begin(pool, c, nil, nil)
}

// waveLevels are the samples that levels stand for, and the level of silence.
var waveLevels = sync.OnceValues(func() (samples []float32, quiet int) {
	levels := make([]uint8, network.WaveLevels)
	for i := range levels {
		levels[i] = uint8(i)
	}
	return audio.DecodeMuLaw(nil, levels), int(audio.EncodeMuLaw(nil, []float32{0})[0])
})

// begin makes the machine for frames that are there, or for those it is fed.
func (e *waveNets) begin(pool *tensor.Pool, c config, frames []float32, marks []Mark) (*generation, error) {
	if c.passes > 0 {
		return nil, &UnsupportedError{Strategy: c.strategy, Want: "a number of passes", Can: []string{"refine"}}
	}
	levels, quiet := waveLevels()
	o := strategy.WaveOptions{Sampling: c.sampling(), Seed: c.seed, Bands: e.config.Bands, Hop: e.config.Hop, Level: levels, Quiet: quiet}
	g, err := begin(e.nets, pool, func(d *network.WaveNet) (strategy.Machine, error) {
		return strategy.NewWave(d.Wave(), frames, o)
	})
	if err != nil {
		return nil, err
	}
	g.sounding(e.config.Mel(), c, frames, marks)
	return g, nil
}

// speed measures how fast samples go one after another, as they have to.
func (e *waveNets) speed(ctx context.Context, pool *tensor.Pool, _ string, length int) (float64, error) {
	d := e.nets.take(pool)
	defer e.nets.give(d)
	_, quiet := waveLevels()
	length = max(length, e.config.Hop)
	frames := make([]float32, (length+e.config.Hop-1)/e.config.Hop*e.config.Bands)
	return rate(ctx, length, func() error {
		w := d.Wave()
		if err := w.Write(frames); err != nil {
			return err
		}
		w.Close()
		for range length {
			if _, err := w.Next(quiet); err != nil {
				return err
			}
		}
		return nil
	})
}
