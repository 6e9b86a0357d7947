// Package tour is a tour of everything that Stride has bundled: a poem by three
// strategies, a picture from blurred to sharp, a story and the same story sooner,
// a spoken line, and a creature that talks, made of one sentence. What it makes
// goes to a folder with pages that show it:
//
//	t := tour.Tour{Guide: guide, Dir: "stride-demo", Seed: 1}
//	rows, err := t.Run(ctx)
//
// A [Guide] shows the tour to somebody, in a terminal, say; [Quiet] shows it to
// nobody. Import the models, all of them by
//
//	import _ "github.com/stride-ml/stride/models/all"
//
// What is not there is left out, and the guide says so.
package tour
