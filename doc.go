// Package stride generates structured objects and lets the caller choose how:
// one element at a time (AR), all elements in one pass (NAR), or in N passes
// (Refine). The strategies share one interface, so a program switches between
// them with one option and sees what each costs.
//
// A program opens a model by its bundled name or by the path of a GGUF file,
// and ranges over the steps of a generation:
//
//	m, err := stride.Open("tang")
//	...
//	for step, err := range m.Generate(ctx, stride.Prompt{Text: "春曉"}, stride.Refine(8), stride.Seed(7)) {
//		...
//		fmt.Println(step.Pass, step.Object)
//	}
//
// or takes the finished object in one call:
//
//	text, stats, err := m.Text(ctx, stride.Prompt{Text: "春曉"})
//
// A model of pictures takes a caption, and its steps show a [Picture]: by ar the
// pixels drawn so far, from the top left; by nar and refine what the picture is
// expected to become, at first blurred.
//
//	m, err := stride.Open("tiles")
//	...
//	for step, err := range m.Generate(ctx, stride.Prompt{Text: "a red dragon"}, stride.Refine(16)) {
//		...
//		show(step.Object.(stride.Picture).Image)
//	}
//
// Beginning with Prompt.Picture, ar completes it ([Keep]), and nar and refine
// change it ([Strength]) or make a part of it anew (Prompt.Mask). What a strategy
// cannot do is an [*UnsupportedError] that names those that can.
//
// Bundled models are packages under models/: a program pays only for those it
// imports, for example
//
//	import _ "github.com/stride-ml/stride/models/tang"
//
// Same model, same options, same seed: the same object, whatever the number of
// workers. A cancelled context stops a generation within one pass.
package stride
