// Package measure says how good generated poems, pictures and speech are and how
// sure that is.
//
// [TrainKneserNey] makes the baseline that a network has to beat, and the judge
// that scores what the networks generate: trained on one [Half] of the training
// text, it takes about a second to make. [Measure] scores a set of [Sample]s:
//
//	judge, err := measure.TrainKneserNey(5, measure.Half(poems, 1))
//	...
//	training := measure.NewCorpus(poems)
//	c := measure.Measure(samples, judge, training)
//	fmt.Println(c.NLL, c.Entropy, c.UnseenPairs, c.CopiedLines, c.Form.Right)
//
// No figure stands alone. A judge likes text that repeats the commonplace, so
// [Coherence.NLL] is read with [Coherence.Entropy] beside it; and real poems hold
// unseen pairs and copied lines too, so a set is read beside the same figures of
// the test poems.
//
// Sets of pictures are measured by the package's subdirectory picture, and what
// they show by a [PictureJudge]; [PictureQuality] says what is compared with what.
// Speech is measured beside recordings by the package's subdirectory speech, and
// heard by a [SpeechJudge]; [SpeechQuality] says the same of it.
//
// [Compare] runs every strategy of a model on the same prompts and puts what it
// cost beside these figures, with the winner that the parallel gain predicts and
// the one that was measured; [Comparison.Table], [Comparison.WriteCSV],
// [Comparison.WriteFrontier], [Comparison.Sheets] and [Comparison.Clips] show it.
// [EvaluateLikelihood] gives the exact bits per character of real poems under a
// model, for comparison with the baseline.
//
// [Summarize] and [BootstrapMean] give measurements their spread, and the plots
// are drawn by the package's subdirectory plot.
package measure
