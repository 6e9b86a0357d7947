// Package kernel holds the single-threaded inner loops of Stride over float32 slices.
package kernel
