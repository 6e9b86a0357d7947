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
// Sounds grow while they are made. A vocoder speaks Prompt.Sound again, and a
// speaking model makes the frames that it takes. With [Chunks] each step of a
// [Sound] has what is new, so that a program plays or writes it as it comes, in
// memory that does not grow:
//
//	for step, err := range m.Generate(ctx, stride.Prompt{Text: "Good morning."}, stride.Chunks()) {
//		...
//		play(step.Object.(stride.Sound).Samples)
//	}
//
// # Pipelines
//
// A pipeline is a cascade of models, declared in a YAML file: a model that makes
// frames of a text, say, and a vocoder that makes samples of these.
//
//	name: english
//	title: English, read aloud
//	stages:
//	  - model: english-voice
//	    strategy: ar
//	  - model: vocoder
//
// [Open] opens it by the path of the file, or by its name where it is bundled, and
// it is used as a model is. What a stage makes becomes the prompt of the next: a
// text its Prompt.Text, a picture its Prompt.Picture, a sound its Prompt.Sound.
// Where these do not fit each other Open says so. A vocoder begins as soon as
// there are a few frames; other stages begin when the one before is done.
//
// The strategy that the caller asks for is that of the first stage; its other
// options, and all fields of the prompt but Text, reach every stage that takes
// them. Steps of all stages are yielded ([Step].Stage), and [Stats].Stages says
// what each has cost.
//
// Bundled models are packages under models/: a program pays only for those it
// imports, for example
//
//	import _ "github.com/stride-ml/stride/models/tang"
//
// Same model, same options, same seed: the same object, whatever the number of
// workers. A cancelled context stops a generation within one pass.
package stride
