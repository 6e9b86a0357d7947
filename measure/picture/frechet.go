package picture

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// Frechet returns the Fréchet distance between the Gaussians with the means and
// covariances of two sets of features (N,D), after Heusel et al., "GANs trained by
// a two time-scale update rule converge to a local Nash equilibrium", arXiv
// 1706.08500, equation 6:
//
//	|m₁ - m₂|² + tr(C₁ + C₂ - 2 (C₁C₂)^½)
//
// It is in squared units of the features, as there. It is not FID, which is this
// distance on the features of one Inception network: on features of one's own it
// compares with nothing but figures on the same features. Covariances of
// few samples overfit, so that the distance is biased upwards, the more so the
// fewer samples there are for each dimension: compare sets of one size, and
// with [RealFloor].
//
// There may be fewer samples than dimensions. It is an error if a set has fewer
// than 2 samples, if a sample has no features or another number than the first
// one, and if a feature is not finite.
func Frechet(set, reference [][]float32) (float64, error) {
	d, err := frechet(set, reference)
	if err != nil {
		return 0, fmt.Errorf("fréchet distance: %w", err)
	}
	return d, nil
}

func frechet(set, reference [][]float32) (float64, error) {
	if len(set) == 0 {
		return 0, errors.New("set: no samples, expected at least 2")
	}
	dim := len(set[0])
	a, err := fit(set, dim)
	if err != nil {
		return 0, fmt.Errorf("set: %w", err)
	}
	b, err := fit(reference, dim)
	if err != nil {
		return 0, fmt.Errorf("reference: %w", err)
	}
	var d float64
	for i, m := range a.mean {
		d += (m - b.mean[i]) * (m - b.mean[i])
	}
	root, err := traceOfRoot(a.factor, b.factor)
	if err != nil {
		return 0, err
	}
	d += a.trace + b.trace - 2*root
	return max(d, 0), nil // rounding may leave a little less than nothing
}

// gaussian is one fitted to samples.
type gaussian struct {
	mean   []float64
	trace  float64    // of the covariance
	factor *mat.Dense // F with FFᵀ = the covariance
}

// fit returns the Gaussian with the samples' mean and unbiased covariance.
func fit(samples [][]float32, dim int) (gaussian, error) {
	if len(samples) < 2 {
		return gaussian{}, fmt.Errorf("%d samples, expected at least 2", len(samples))
	}
	if dim == 0 {
		return gaussian{}, errors.New("sample 0 has no features")
	}
	x := mat.NewDense(len(samples), dim, nil)
	for i, s := range samples {
		if len(s) != dim {
			return gaussian{}, fmt.Errorf("sample %d has %d features, expected %d", i, len(s), dim)
		}
		for j, v := range s {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return gaussian{}, fmt.Errorf("sample %d: feature %d is %v", i, j, v)
			}
			x.Set(i, j, float64(v))
		}
	}
	g := gaussian{mean: make([]float64, dim)}
	for j := range g.mean {
		g.mean[j] = stat.Mean(mat.Col(nil, j, x), nil)
	}
	var covariance mat.SymDense
	stat.CovarianceMatrix(&covariance, x, nil)
	g.trace = covariance.Trace()
	var err error
	g.factor, err = factorize(&covariance)
	return g, err
}

// factorize returns F = VΛ^½, so that FFᵀ = VΛVᵀ = c. With fewer samples than
// dimensions some of Λ are 0, and by rounding a little less.
func factorize(c *mat.SymDense) (*mat.Dense, error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(c, true) {
		return nil, errors.New("the eigenvalues of a covariance did not converge")
	}
	var vectors, f mat.Dense
	eigen.VectorsTo(&vectors)
	roots := eigen.Values(nil)
	for i, v := range roots {
		roots[i] = math.Sqrt(max(v, 0))
	}
	f.Mul(&vectors, mat.NewDiagDense(len(roots), roots))
	return &f, nil
}

// traceOfRoot returns tr (C₁C₂)^½ for C₁ = FFᵀ and C₂ = GGᵀ. The eigenvalues of
// FFᵀGGᵀ are those of (FᵀG)(FᵀG)ᵀ, so their roots are the singular values of FᵀG.
// Taken from there they keep full precision, where the root of an eigenvalue that
// should be 0 keeps half of the digits.
func traceOfRoot(f, g *mat.Dense) (float64, error) {
	var product mat.Dense
	product.Mul(f.T(), g)
	var svd mat.SVD
	if !svd.Factorize(&product, mat.SVDNone) {
		return 0, errors.New("the singular values of the covariances' product did not converge")
	}
	var trace float64
	for _, v := range svd.Values(nil) {
		trace += v
	}
	return trace, nil
}
