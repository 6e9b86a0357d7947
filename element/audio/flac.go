package audio

import (
	"fmt"
	"io"

	"github.com/mewkiz/flac"
)

func isFLAC(head []byte) bool { return len(head) >= 4 && string(head[:4]) == "fLaC" }

// openFLAC reads the header of a FLAC file (RFC 9639). While frames are decoded the library prints a line for each at a
// rate of 24,000 or 176,400 Hz, through the standard logger of package log; a command that shows progress should not.
func openFLAC(src *source) (*flac.Stream, Info, error) {
	// The library keeps a bufio.Reader that it is given, so the source knows where it is.
	st, err := flac.New(src.Reader)
	if err != nil {
		return nil, Info{}, src.damaged("FLAC", err)
	}
	in := Info{"FLAC", int(st.Info.SampleRate), int(st.Info.NChannels), int(st.Info.BitsPerSample), int(st.Info.NSamples)}
	if in.Samples == 0 {
		in.Samples = -1
	}
	if checkRate(in.Rate) != nil || in.Bits < 4 {
		return nil, in, &Error{Offset: src.offset(), Found: fmt.Sprintf("a FLAC of %d bits at %d Hz", in.Bits, in.Rate),
			Want: fmt.Sprintf("4 to 32 bits at 1 to %d Hz", maxRate)}
	}
	return st, in, nil
}

func flacInfo(src *source) (Info, error) {
	_, in, err := openFLAC(src)
	return in, err
}

func decodeFLAC(src *source, l Limits) (Sound, error) {
	st, in, err := openFLAC(src)
	if err != nil {
		return Sound{}, err
	}
	if in.Samples > l.Samples {
		return Sound{}, src.tooMany("FLAC", l)
	}
	s := Sound{Rate: in.Rate}
	// Where the header tells the number of samples, what follows them is not sound.
	for in.Samples < 0 || len(s.Samples) < in.Samples {
		f, err := st.Next()
		if err == io.EOF && in.Samples < 0 {
			break
		}
		if err == io.EOF {
			return Sound{}, &Error{Offset: src.offset(), Found: fmt.Sprintf("the end of a FLAC after %d samples", len(s.Samples)),
				Want: fmt.Sprintf("the %d that its header tells", in.Samples)}
		}
		if err != nil {
			return Sound{}, src.damaged("FLAC", err)
		}
		if len(s.Samples)+int(f.BlockSize) > l.Samples {
			return Sound{}, src.tooMany("FLAC", l)
		}
		if f.BitsPerSample == 0 {
			f.BitsPerSample = uint8(in.Bits)
		}
		if n := f.Channels.Count(); n != in.Channels || int(f.BitsPerSample) != in.Bits {
			return Sound{}, &Error{Offset: src.offset(), Found: fmt.Sprintf("a frame of %d channels, %d bits", n, f.BitsPerSample),
				Want: fmt.Sprintf("%d channels, %d bits, as the header tells", in.Channels, in.Bits)}
		}
		if err := f.Parse(); err != nil {
			return Sound{}, src.damaged("FLAC", err)
		}
		scale := 1 / (float64(in.Channels) * float64(uint64(1)<<(in.Bits-1)))
		for i := range f.Subframes[0].Samples {
			var sum int64
			for _, sub := range f.Subframes {
				sum += int64(sub.Samples[i])
			}
			s.Samples = append(s.Samples, clamp(float32(float64(sum)*scale)))
		}
	}
	return s, nil
}
