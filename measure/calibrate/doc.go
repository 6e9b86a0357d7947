// Package calibrate chooses how to make an object within a time or at a quality.
//
// A [Calibration] holds what each [Setting] of a model (a strategy, its passes, how
// it knows the length) takes on this machine, as a function of the object's length
// and with its spread, and how good what it makes is. [Measure] makes one and a
// [Store] keeps it:
//
//	c, err := calibrate.Measure(ctx, m, calibrate.Options{})
//	...
//	choice, err := c.Choose(calibrate.Need{Budget: 200 * time.Millisecond}, c.Work(m, prompt, 0))
//	steps := m.Generate(ctx, prompt, choice.Options(m.Info())...)
//
// Choosing is arithmetic on figures and has no clock. What a machine does at the
// moment comes in by [Work].Slowdown, which [Calibration.Slowdown] measures right before.
package calibrate
