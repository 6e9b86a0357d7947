// Package strategy decides how a response is generated: one element at a time,
// all elements in one pass of a network, or in N passes between the two.
//
// It knows networks only as the small interfaces [Causal], [Masked], [Flow],
// [Vectors] and [Vocoder], and does nothing but compute: no files, no clock, no
// goroutines. All randomness comes from one source made from the seed among the
// options, so the same network, prompt and options give the same elements. In the
// tests tables of probabilities and fields of exact velocities stand in for
// networks, and testdata holds what every strategy does with them, line by line,
// to be read and compared.
//
// # Machines and steps
//
// A strategy is a [Machine]. Each call of Next runs one pass of the network and
// returns a [Step]: the response so far, the slots that this pass committed,
// and how sure the network was of them. The caller decides when to call again,
// and so when to stop. [Steps] ranges over a machine to its end.
//
// A response consists of slots, counted from 0. Its elements are tokens, and END
// takes the slot after the last of them; tokens handed out never include END.
//
// Let x be the prompt and y = y1 ... yL the slots. A network gives, for a
// partly known y, a distribution over the V tokens for each unknown slot.
// What the strategies differ in is how much of y is known when a slot is
// drawn.
//
// # ar: one element a pass
//
// [NewAR] draws from the exact factorisation
//
//	p(y | x) = p(y1 | x) p(y2 | x, y1) ... p(yL | x, y1 ... yL-1)
//
// so that all elements agree, in as many passes as there are elements and one
// for END. The network keeps what it computed for earlier positions in a
// cache, and a pass only adds what is new: first the prompt, then an element a
// pass. Elements that the caller gave join the next pass without one of their
// own. A step allocates nothing.
//
// # nar: all elements in one pass
//
// [NewNAR] draws every slot at once from what is known beforehand,
//
//	q(y | x) = p(y1 | x) p(y2 | x) ... p(yL | x)
//
// which has the right distribution in each slot and the wrong one over the
// whole: if "teacher" (te + acher) and "actor" (nothing + actor) are both
// good, half of the responses are "teactor" or "acher". This is the
// conditional independence problem of non-autoregressive translation (Gu et
// al., arXiv 1711.02281). How much is lost is the sum of the slots' entropies
// less that of the whole (their total correlation), here one bit.
//
// The number of slots has to be known first, by one of two modes:
//
//   - [Predicted]: the network says the length, in a pass that sees only the
//     prompt. It is counted like any other: nar then takes 2 passes. The length
//     is drawn with the same [Sampling] as everything else.
//   - [Fixed]: there are always as many slots as may be, and what follows the
//     first END is dropped. [Step.Drawn] says how many were drawn for it.
//
// An exact number of slots may be asked for instead, and a form
// ([Constraint.Lines]) or a given END says it by itself. Where the length is
// known, END is taken as known in the last slot and left out of all others.
//
// # speculate: ar, several elements a pass
//
// [NewSpeculate] makes exactly what ar makes, in fewer passes where the text can
// be guessed. A pass over n tokens costs less than n passes over one, so guesses
// of the next tokens are evaluated with the last known one. Slots are then drawn
// one after the other as ar would draw them, each with its own random number, and
// for as long as the guess is what was drawn the logits for the next slot are there
// already. What is drawn never depends on a guess: the response of a seed is that
// of ar, token by token, at any temperature, with any filters, penalties and
// constraints. (The rule of Leviathan et al., arXiv 2211.17192, keeps the
// distribution, but not the response of a seed.)
//
// Guesses come from the text itself ([NGrams]), from what passes gave behind
// wrong guesses ([Jacobi]), or from a smaller network ([Model]). With a_i the share
// of guesses like the i-th that were right and c(n) the cost of a pass of n
// tokens, a pass verifies as many as make the most of
//
//	(1 + a_1 + a_1 a_2 + ... + a_1 ... a_n) / c(n+1)
//
// and none where that is no gain. testdata/row_speculate.txt shows a song.
//
// # refine: N passes
//
// [NewRefine] makes the trade-off a dial. Each pass draws every unknown slot,
// as nar does, but commits only the drafts of highest probability, and the
// next pass sees them (MaskGIT, Chang et al., arXiv 2202.04200; for language
// LLaDA, Nie et al., arXiv 2502.09992). With S_p the slots committed in pass p,
//
//	q(y | x) = Π_p Π_{i in S_p} p(y_i | x, y of S_1 ... S_p-1)
//
// which is nar for N = 1 and an autoregressive order of the network's choosing
// for N = L. The cosine schedule leaves
//
//	ceil(n cos(π/2 · p/N))
//
// of n slots unknown after pass p: little is committed while little is known.
// [Linear] commits n/N a pass. Every pass commits at least one slot, so that no
// pass is wasted, and N is at most n: [Step.Passes] says what was planned.
//
// On the tests' table of five poems, at 200 seeds, the share of responses that
// mix two poems falls from 0.91 in one pass over 0.83 (2), 0.44 (4) and 0.04
// (8) to 0.01 (23, one element a pass). Reproduce it with
//
//	go test ./strategy -run Dial -v
//
// Confidence is the probability that the network gave the drawn token before
// any filter, at temperature 1. Ranking by it favours what is common;
// [Options.ConfidenceTemperature] adds Gumbel noise to its logarithm that
// falls to nothing over the passes (MaskGIT), which makes the early choices
// more various. [Options.Remask] lets passes correct earlier ones: see
// [NewRefine] for the rule.
//
// [Options.Block] confines refine to one block of slots after the other, from
// left to right (semi-autoregressive, as in LLaDA; block diffusion, Arriola et
// al., arXiv 2503.09573). Blocks of one slot come down to the order of ar, by
// a network without its cache.
//
// With [Fixed] length most slots lie after END, and the network is surer of
// them than of any text. Plain ranking lets END flood the response before
// there is text to contradict it. Here END is committed last; [NewRefine] gives
// the rule. On a table in which a couplet (0.6) begins a quatrain (0.4), plain
// ranking gives the quatrain in 8 of 150 responses, this in 54:
//
//	go test ./strategy -run Flood -v
//
// # Sampling
//
// All strategies draw with one [Sampler]: bias, penalties, top-k, typical, top-p,
// min-p, then temperature, the order of llama.cpp's default chain. It puts in
// order only as many tokens as the filters keep. The repeat penalty looks at the
// last tokens of prompt and response, under nar and refine at those known on
// either side; frequency and presence penalties count the response.
//
// [NewStops] ends a response before strings that no token boundary marks.
//
// # Constraints
//
// [Constraint] says what may stand where. Tokens at known slots (fill-in) are
// natural for nar and refine, whose networks look both ways; ar can keep to a
// given beginning only, since it would draw up to a given token without
// knowing of it, and answers with an [*UnsupportedError]. An acrostic is
// natural for all: ar gives each line its beginning when it has drawn the
// newline before it; nar and refine have to know where lines begin, and take
// the form ([Constraint.Lines]) for that.
//
// A [Grammar] limits the whole response. For ar it says after each token which
// may come next. nar and refine draw all slots at once and in any order: for them
// it becomes a finite automaton over tokens, and a slot may hold what leads from a
// state that the slots before it can end in to one from which those behind can be
// completed. Two slots drawn in one pass may each fit and not fit together, so
// that each is looked at again before it is committed, and one that no longer
// fits is left for a later pass, or in the last drawn anew.
//
// # Continuous elements: flows
//
// Pixels and other continuous elements have no list of tokens to draw from.
// [NewFlow] begins with an object x of pure noise, numbers of mean 0 and
// variance 1 from the seed, and moves all its elements in every pass. The
// network was taught straight paths from noise at time 0 to data at time 1
// (flow matching, arXiv 2210.02747; rectified flow, arXiv 2209.03003),
//
//	x_t = (1-t)·noise + t·data,   data - noise the velocity
//
// and gives for any x and t the mean velocity of the paths that pass there,
//
//	v(x,t) = E[data - noise | x_t = x] = (E[data | x_t = x] - x) / (1-t)
//
// Following it from the noise on, dx = v dt, gives objects distributed as the
// data are. What strategies differ in is how often they look where to go.
//
// nar looks once, at t = 0, and goes the whole way: one Euler step
//
//	x_1 = noise + v(noise,0) = E[data]
//
// since the noise alone says nothing of the data. That is the mean of all
// objects that the condition allows: of two sharp pictures one blurred one. It
// is the continuous form of "teactor", each element right by itself (no value
// has a smaller expected error) and the whole like nothing that exists.
//
// refine divides the way into N Euler steps,
//
//	x ← x + h·v(x,t),   t ← t + h,   h = 1/N
//
// The first goes a little towards the mean, which is enough for the second to
// see which objects are now nearer, and so on: a blur that decides itself. On
// the tests' field of two pictures, which are 0.07 apart, the mean distance of
// 100 results to the nearest picture falls from 0.035 in one pass over 0.031
// (2), 0.024 (4), 0.013 (8) and 0.0037 (16) to 0.00004 (32). Reproduce it with
//
//	go test ./strategy -run MorePasses -v
//
// After each pass [Step.Values] is the estimate of the finished object, where
// the present velocity leads: x + (1-t)·v = E[data | x]. After the last pass it
// is the object.
//
// A pass of the network evaluates one object, under one condition or under two
// side by side; either counts as one pass. Two cost up to twice the time of
// one, less where the network is bound by reading its weights.
//
//   - [Heun] spends two passes on a step of twice the length, the second to
//     correct the first. Where the velocity changes smoothly its error falls as
//     1/N², that of [Euler] as 1/N.
//   - Guidance exaggerates what distinguishes a condition from another one, by
//     default from none: v = vn + g·(vc - vn) (classifier-free guidance, arXiv
//     2207.12598). Objects fit the caption better and vary less as g grows; far
//     above 1 they leave the data.
//   - [FlowOptions.Shortcut] tells the network the length of each step, for one
//     that learned the mean velocity over a whole step and so can take few
//     (arXiv 2410.12557). The steps told add up to the way that is left.
//   - [FlowOptions.Init] makes object to object (SDEdit, arXiv 2108.01073): at
//     Strength s the flow starts at t = 1-s, from (1-t)·noise + t·Init.
//   - [FlowOptions.Mask] keeps a part of an object (inpainting): before each
//     pass it is put at (1-t)·noise + t·Known with new noise, as RePaint does
//     (arXiv 2201.09865), here without its going back and forth in time. With
//     one noise for the whole way a wrong guess would be confirmed by what the
//     network was shown before; new noise shows the known part ever again. What
//     the rest has decided before that part can be told from noise is still
//     seldom undone: on the tests' field of two pictures 87 of 100 objects come
//     out whole in 17 passes, by chance it would be 50 (go test ./strategy -run
//     Inpainting -v). The two passes of a Heun step see the same noise.
//   - [FlowOptions.Wrap] makes tiles: the object lies on a torus, and each pass
//     sees it rolled by a random number of columns and rows, so that no place is
//     the edge for long. The known part and the noise roll with it.
//   - [FlowOptions.Mix] starts on the arc between the noises of two seeds, and
//     [Condition.Mix] asks for a point between the encodings of two captions.
//     Small changes of either make small changes of the object, in many frames a film.
//
// # Sounds: objects made from their beginning on
//
// A sound of any length cannot wait for its end. Its steps have the part that is
// new: [Step.Values] from [Step.Start] on, of which no later step changes what
// lies before [Step.Settled]. So a long one takes no more memory than a short one.
//
//   - [NewVectors] makes frames one after another (ar), in as many passes as there
//     are groups of them.
//   - [NewSeries] makes one object of many, by a machine each: a text's sentences.
//   - [NewVocoder] makes the samples of frames, all in one pass of the network
//     (nar): it looks at some frames on either side, so that the pass is cut
//     into steps, each with the samples that became known. They are those of one
//     evaluation of the whole.
//
// # cascade: stages
//
// [NewCascade] runs one machine after another, each with a network of its own, on
// what the one before it has made: p(z | x) = Σ p(y | x) p(z | y), with one y
// drawn. Each stage does what its strategy is good at. A second of speech is 100
// frames, which have to agree and are drawn one after another, and 16,000 samples
// that follow from them and can be made at once: about 100 passes and one, where
// a network that draws samples would take 16,000.
//
// A stage begins when the one before it is done, unless it is a [Fed], which takes
// what is settled as it comes: it works as soon as it can, in turns with the
// others, and its part of the object is out long before the whole. What stages
// hand on is otherwise the caller's business. The traces testdata/cascade_*.txt
// show who is when on.
//
// # What it does not do
//
// A machine serves one response; many at a time are many machines.
package strategy
