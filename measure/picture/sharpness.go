package picture

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/stat"
)

// luma weighs red, green and blue in the brightness of a pixel (Recommendation
// ITU-R BT.709).
var luma = [3]float32{0.2126, 0.7152, 0.0722}

// grey is what transparent pixels are shown on: in the middle, so that the edges
// of dark and of bright things count alike.
const grey = 0.5

// Sharpness returns for each picture the energy of its Laplacian: the mean, over
// the pixels that are not on the border, of the square of
//
//	4·Y(x,y) - Y(x-1,y) - Y(x+1,y) - Y(x,y-1) - Y(x,y+1)
//
// where Y is the luminance, 0 to 1, of the picture laid over mid-grey. A flat
// picture and an even gradient have 0, a chessboard of single black and white
// pixels has 16. Blur lowers it; noise raises it, so that a figure above that of
// real pictures is no better than one below.
//
// It is an error if the set is empty or malformed, or pictures are smaller than 3x3.
func Sharpness(set Set) ([]float64, error) {
	if err := set.check("set"); err != nil {
		return nil, fmt.Errorf("sharpness: %w", err)
	}
	if set.Width < 3 || set.Height < 3 {
		return nil, fmt.Errorf("sharpness: pictures of %dx%d pixels, expected at least 3x3", set.Width, set.Height)
	}
	out := make([]float64, len(set.Pictures))
	y := make([]float32, set.Width*set.Height)
	for i, p := range set.Pictures {
		luminance(y, p)
		out[i] = laplacian(y, set.Width, set.Height)
	}
	return out, nil
}

// luminance writes the luminance of each pixel of p, laid over mid-grey, to y.
func luminance(y, p []float32) {
	for i := range y {
		pixel := p[i*channels : (i+1)*channels]
		rest := (1 - (pixel[3]+1)/2) * grey
		y[i] = 0
		for c, w := range luma {
			y[i] += w * ((pixel[c]+1)/2 + rest)
		}
	}
}

// laplacian returns the mean square of the Laplacian of y (height,width).
func laplacian(y []float32, width, height int) float64 {
	var sum float64
	for r := 1; r < height-1; r++ {
		for i := r*width + 1; i < (r+1)*width-1; i++ {
			d := float64(4*y[i] - y[i-1] - y[i+1] - y[i-width] - y[i+width])
			sum += d * d
		}
	}
	return sum / float64((width-2)*(height-2))
}

// SharpnessRatio returns the mean of [Sharpness] over the set, divided by that over
// the reference: 1 is as sharp, below it is blurred. Errors are those of
// Sharpness; a reference without any edge is one, too.
func SharpnessRatio(set, reference Set) (float64, error) {
	a, err := Sharpness(set)
	if err != nil {
		return 0, err
	}
	b, err := Sharpness(reference)
	if err != nil {
		return 0, fmt.Errorf("reference: %w", err)
	}
	below := stat.Mean(b, nil)
	if below == 0 {
		return 0, errors.New("sharpness: the reference has no edges")
	}
	return stat.Mean(a, nil) / below, nil
}
