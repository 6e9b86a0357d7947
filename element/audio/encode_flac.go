package audio

import (
	"bufio"
	"crypto/md5"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"
)

// flacBlock is the number of samples of a frame: few, for the library has one Rice parameter for all of them.
const flacBlock = 576

// EncodeFLAC writes a sound as a FLAC file (RFC 9639) of one channel and 16 bits, its check sum included. Speech takes
// a little more than half of the bytes of a WAV. A rate above 65,535 Hz must be a multiple of 10, and none may be above 655,350.
func EncodeFLAC(w io.Writer, s Sound) error {
	f, err := newFLACWriter(w, &meta.StreamInfo{
		SampleRate: uint32(max(s.Rate, 0)), NSamples: uint64(len(s.Samples)), MD5sum: md5.Sum(AppendPCM(nil, s.Samples)),
	})
	if err != nil {
		return err
	}
	if err := f.Write(s.Samples); err != nil {
		return err
	}
	return f.flush()
}

// FLACWriter writes a FLAC file of one channel and 16 bits while its sound is made.
type FLACWriter struct {
	w       io.Writer
	out     *bufio.Writer // what is buffered cannot be closed or sought, which the library would do
	start   int64         // of the file in w; -1 where w cannot seek
	info    *meta.StreamInfo
	enc     *flac.Encoder
	pending []float32 // less than a block
	sum     hash.Hash // of the samples as stored
	size    uint64    // in samples
	buf     []byte
}

// NewFLACWriter begins a file. Its header tells no length and no check sum, as the format allows, until
// [FLACWriter.Close] mends it. Rates are those of [EncodeFLAC].
func NewFLACWriter(w io.Writer, rate int) (*FLACWriter, error) {
	return newFLACWriter(w, &meta.StreamInfo{SampleRate: uint32(max(rate, 0))})
}

func newFLACWriter(w io.Writer, info *meta.StreamInfo) (*FLACWriter, error) {
	if rate := info.SampleRate; rate < 1 || rate > 655350 || rate > 65535 && rate%10 != 0 {
		return nil, fmt.Errorf("audio: rate %d Hz, want 1 to 65535 Hz or a multiple of 10 up to 655350", rate)
	}
	info.BlockSizeMin, info.BlockSizeMax, info.NChannels, info.BitsPerSample = flacBlock, flacBlock, 1, 16
	f := &FLACWriter{w: w, out: bufio.NewWriter(w), start: position(w), info: info, sum: md5.New()}
	var err error
	if f.enc, err = flac.NewEncoder(f.out, info); err != nil {
		return nil, fmt.Errorf("audio: writing FLAC: %w", err)
	}
	return f, nil
}

// Write appends samples of -1 to 1. The last ones, less than a block, are kept until [FLACWriter.Close].
func (f *FLACWriter) Write(x []float32) error {
	f.buf = AppendPCM(f.buf[:0], x)
	f.sum.Write(f.buf) // has no error
	f.size += uint64(len(x))
	f.pending = append(f.pending, x...)
	whole := len(f.pending) / flacBlock * flacBlock
	for block := range slices.Chunk(f.pending[:whole], flacBlock) {
		if err := f.block(block); err != nil {
			return err
		}
	}
	f.pending = f.pending[:copy(f.pending, f.pending[whole:])]
	return nil
}

// block writes a frame of samples.
func (f *FLACWriter) block(x []float32) error {
	samples := make([]int32, len(x))
	for i, v := range x {
		samples[i] = int32(int16Of(v))
	}
	err := f.enc.WriteFrame(&frame.Frame{
		Header: frame.Header{
			HasFixedBlockSize: true, BlockSize: uint16(len(samples)), SampleRate: f.info.SampleRate,
			Channels: frame.ChannelsMono, BitsPerSample: 16,
		},
		Subframes: []*frame.Subframe{{
			SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, // where the library finds nothing shorter
			Samples:   samples, NSamples: len(samples),
		}},
	})
	if err != nil {
		return fmt.Errorf("audio: writing FLAC: %w", err)
	}
	return nil
}

// flush writes what is pending.
func (f *FLACWriter) flush() error {
	if len(f.pending) > 0 {
		if err := f.block(f.pending); err != nil {
			return err
		}
		f.pending = nil
	}
	return f.out.Flush()
}

// Close writes the last samples, and length and check sum to the header, if the writer is an [io.Seeker] that can go
// back. It does not close the writer.
func (f *FLACWriter) Close() error {
	if err := f.flush(); err != nil {
		return err
	}
	info := *f.info
	info.NSamples = f.size
	copy(info.MD5sum[:], f.sum.Sum(nil))
	return mend(f.w, f.start, func() error {
		if _, err := flac.NewEncoder(f.out, &info); err != nil { // its header is as long
			return fmt.Errorf("audio: writing FLAC: %w", err)
		}
		return f.out.Flush()
	})
}
