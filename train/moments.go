package train

import (
	"math"

	"github.com/stride-ml/stride/network"
)

// moments are the sums that mean and deviation come of.
type moments struct{ n, sum, square float64 }

func (m *moments) add(x float64) { m.n, m.sum, m.square = m.n+1, m.sum+x, m.square+x*x }

func (m *moments) merge(o moments) { m.n, m.sum, m.square = m.n+o.n, m.sum+o.sum, m.square+o.square }

func (m *moments) mean() float64 { return m.sum / m.n }

// leastDeviation keeps what never changes from being divided by 0.
const leastDeviation = 0.01

func (m *moments) deviation() float64 {
	return math.Sqrt(max(m.square/m.n-m.mean()*m.mean(), leastDeviation*leastDeviation))
}

// bandMoments are those of each band of log-mel frames.
type bandMoments []moments

// add adds whole frames.
func (m bandMoments) add(mel []float32) {
	for i, v := range mel {
		m[i%len(m)].add(float64(v))
	}
}

func (m bandMoments) merge(o bandMoments) {
	for i := range m {
		m[i].merge(o[i])
	}
}

// set lets frames be normalised by mean and deviation.
func (m bandMoments) set(n *network.MelNorm) {
	for i := range m {
		n.Mean[i], n.Deviation[i] = float32(m[i].mean()), float32(m[i].deviation())
	}
}
