// Package picture says how good a set of generated pictures is, beside real
// ones.
//
// A [Set] holds pictures as premultiplied RGBA. What is asked of it:
//
//   - [SlicedWasserstein]: do small patches look like those of real pictures?
//   - [Frechet]: do whole pictures, seen through features of the caller's, fall
//     where real ones fall?
//   - [Sharpness], [SharpnessRatio]: is there as much detail? Where two good
//     answers get mixed, the picture is blurred.
//   - [Nearest], [NearCopies]: are they new, or copies of the training set?
//   - [Diversity]: does one prompt give more than one picture?
//   - [CaptionChoices], [Scores], [Hits], [Accuracy]: do they show what was asked for?
//
// No figure stands alone. Noise is sharp, copies of the training set are as
// close to real pictures as can be, and a single good picture a prompt has no
// diversity. Nor is any figure of a distance 0 in practice: [RealFloor] gives
// the distance of real pictures from other real ones, which is as low as a
// generator that draws new pictures gets. Distances depend on the number of
// pictures, so the floor is taken with as many as the comparison.
//
// Figures that are means over pictures come picture by picture, so that
// measure.BootstrapMean can give their interval and measure.Summarize their
// median and quartiles; figures of whole sets get their spread from the rounds of
// [RealFloor].
//
// All randomness comes from the seed in the arguments, and results do not depend
// on the number of processors. They may differ in the last digits between
// machines with and without assembly kernels; those of [Nearest] do not.
package picture
