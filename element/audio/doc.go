// Package audio turns sound into elements and back.
//
// To a model that speaks, a sound is either its samples, 16,000 a second, or the frames of a log-mel spectrogram, 100 a
// second of 80 values each. The way from a file to frames, and from frames to a file:
//
//	s, err := audio.Read("hello.flac", audio.Limits{}) // WAV, FLAC or MP3; one channel
//	if err != nil {
//		return err
//	}
//	if s, err = s.Resample(16000); err != nil {
//		return err
//	}
//	mel, err := audio.NewMel(audio.DefaultMel)
//	if err != nil {
//		return err
//	}
//	frames := mel.Log(nil, s.Samples)         // (T,80), T = samples/160
//	x := mel.GriffinLim(frames, 32, seed)     // T·160 samples: the floor that a vocoder must beat
//	err = audio.EncodeWAV(w, audio.Sound{Samples: x, Rate: 16000})
//
// Files may come from anybody: [Decode] and [Read] keep within [Limits], and what they cannot read is an [*Error] that
// tells where and why. Sound is written by [EncodeWAV], [EncodeFLAC], [AppendPCM] and, while it is made,
// by [WAVWriter] and [FLACWriter].
//
// [FFT] and [STFT] are what spectrograms and vocoders are built on. They are planned once and then allocate nothing, or,
// where they append, nothing but room. [EncodeMuLaw] makes of samples a choice among 256 levels. [F0] and [Level] measure
// speech. [Picture], [Spectrogram] and [Waveform] are for people to look at.
//
// Functions that append, which have a parameter dst, return the longer slice as append does.
package audio
