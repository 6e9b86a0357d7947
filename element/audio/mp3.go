package audio

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

func isMP3(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	_, ok := mp3Header(binary.BigEndian.Uint32(head))
	return ok
}

// mp3Frame is the header of a frame, as far as it is needed (ISO/IEC 11172-3, 2.4.1.3).
type mp3Frame struct {
	version  int // 1, 2; 3 is the unofficial 2.5
	rate     int // Hz
	channels int
}

// mp3Header reads the header of a frame of layer III; false if it is none.
func mp3Header(h uint32) (mp3Frame, bool) {
	version, layer := h>>19&3, h>>17&3
	bitrate, rate, mode, emphasis := h>>12&15, h>>10&3, h>>6&3, h&3
	if h>>21 != 0x7ff || version == 1 || layer != 1 || bitrate == 15 || rate == 3 || emphasis == 2 {
		return mp3Frame{}, false
	}
	f := mp3Frame{version: [...]int{3, 0, 2, 1}[version], channels: 2}
	f.rate = [...]int{44100, 48000, 32000}[rate] >> (f.version - 1)
	if mode == 3 {
		f.channels = 1
	}
	return f, true
}

// openMP3 goes to the first frame, which need not come at once after a tag, and reads its header.
func openMP3(src *source) (Info, error) {
	const search = 1 << 16
	start := src.offset()
	for src.offset()-start < search {
		head, err := src.Peek(4)
		if err != nil {
			break
		}
		f, ok := mp3Header(binary.BigEndian.Uint32(head))
		if !ok {
			if _, err := src.Discard(1); err != nil {
				break
			}
			continue
		}
		if f.version == 3 {
			return Info{}, &Error{Offset: src.offset(), Found: fmt.Sprintf("MPEG 2.5 layer III at %d Hz", f.rate), Want: "MPEG 1 or 2"}
		}
		return Info{Format: "MP3", Rate: f.rate, Channels: f.channels, Samples: -1}, nil
	}
	return Info{}, &Error{Offset: start, Found: "an ID3 tag without sound after it", Want: "MPEG layer III"}
}

func mp3Info(src *source) (Info, error) { return openMP3(src) }

// decodeMP3 decodes up to the end, or to where the file is cut. What the encoder added before and after the sound, up to
// about a tenth of a second of near silence, stays.
func decodeMP3(src *source, l Limits) (Sound, error) {
	in, err := openMP3(src)
	if err != nil {
		return Sound{}, err
	}
	d, err := mp3.NewDecoder(src.Reader)
	if err != nil {
		return Sound{}, src.damaged("MP3", err)
	}
	s := Sound{Rate: in.Rate}
	buf := make([]byte, 1<<14) // always two channels of 16 bits
	for {
		n, err := io.ReadFull(d, buf)
		if len(s.Samples)+n/4 > l.Samples {
			return Sound{}, src.tooMany("MP3", l)
		}
		for b := buf[:n&^3]; len(b) > 0; b = b[4:] {
			left, right := int16(binary.LittleEndian.Uint16(b)), int16(binary.LittleEndian.Uint16(b[2:]))
			s.Samples = append(s.Samples, float32(int32(left)+int32(right))/(2<<15))
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return s, nil
		}
		if err != nil {
			return Sound{}, src.damaged("MP3", err)
		}
	}
}
