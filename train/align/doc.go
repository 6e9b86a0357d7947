// Package align finds how many frames each phone of an utterance takes, by a hidden Markov model that is trained from
// nothing but the utterances themselves: under an hour of one voice is enough.
//
//	us[i] = align.Utterance{Features: align.Features(nil, mel, 80), Units: classes, Optional: rests}
//	...
//	m, err := align.Train(ctx, us, align.Default(classes), pool.Each)
//	...
//	frames, score, err := m.Align(us[i])
//
// # The model
//
// A class, such as a phone, has states from left to right, each with a mixture of diagonal Gaussians. Training is Viterbi
// training (Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", 1989). A
// class that is rare is pulled towards the distribution of all frames; one that is never there has it.
//
// # What to use
//
// Give rests one class, needed at both ends and optional after every other word. The settings of [Default], with Least
// of 2 for phones and 3 for rests, and without the stress of vowels, did well on 1,126 sentences (56.3 minutes, 337,690
// frames) of one speaker, read from the CMU Pronouncing Dictionary: 35,799 phones in 39 classes. Training took 27 seconds
// of processor time, and the sentences have a logarithm of density of -18.1 a frame.
//
//   - Half of the phones of a class last: AY 140 ms, IY 100, AH 40, S 140, M 80, K 90, P 90, B 70, D 50.
//   - 10.6 % of the phones are as short as they may be, 0.2 % longer than 300 ms. The short ones are AH, IH, D and T (23 to
//     28 % of each), which this voice swallows, and what the dictionary has otherwise than she says it (the AA of was).
//   - A rest was found at 396 of the 475 commas and at 10 % of the other places between words. The median level of
//     frames at rest is 38 dB below loud speech (the 95th percentile of the sentence), that of the others 8 dB.
//     6 % of those at rest are within 20 dB of it: breaths, the ends of words that die away, and closures of stops.
//
// Of 300 of the sentences, with 2 Gaussians: rests of at least 5 frames eat into speech at the ends (612 loud frames at
// rest rather than 434); phones of at least 1 frame are no better (11.0 % have it, where 10.1 % had 2); and vowels by their stress
// change little (11.1 % rather than 10.1 % as short as they may be).
//
// # What it does not do
//
// Phones do not depend on those around them, a word has one pronunciation, and a boundary is no finer than a frame.
package align
