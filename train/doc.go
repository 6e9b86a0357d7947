// Package train trains the bundled models, and a user's own, from recipes.
//
// A recipe is one YAML file that gives everything: data, elements, network,
// schedule, seed. [Run] carries it out: it trains a tokenizer, draws batches,
// minimises the objective of the network's kind (next element for a decoder,
// masked diffusion for a masked network) with AdamW, validates, keeps a moving
// average of the weights, and writes into its folder
//
//	state.gguf   weights, optimiser state and position in the data: resume from here
//	model.gguf   the model that stride.Open reads, from the averaged weights
//	log.jsonl    one line per report: step, loss, validation loss, elements/s
//	loss.svg     the loss curve
//
// Everything drawn at random is a function of the seed and the step, and sums
// do not depend on the number of workers, so a run that was stopped and resumed
// writes the same bytes as one that never stopped.
package train
