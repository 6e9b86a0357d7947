// Package align finds how many frames each phone of an utterance takes.
package align
