// Package strategy decides how a response is generated: one element at a time,
// all in one pass, or in N passes.
package strategy
