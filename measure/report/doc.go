// Package report writes comparisons as a page of HTML that needs nothing beside it:
// no network, no font, no other file. It has the frontier of quality and time, the
// objects themselves with the passes that made them, all figures with what they
// mean, and how to repeat it.
//
// A page works without JavaScript, as finished objects; with it, the passes of all
// rows can be replayed side by side on one clock.
package report
