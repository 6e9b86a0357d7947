package command

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/stride-ml/stride/element/audio"
)

// playerKind is a program that plays sound.
type playerKind struct {
	name string
	// args are for samples of 16 bits at that rate on standard input, or for the
	// WAV file at path.
	args  func(rate, path string) []string
	files bool // it only plays files, so that it begins when all is made
}

// playerKinds are the programs that are looked for, in this order.
var playerKinds = []playerKind{
	{name: "aplay", args: func(rate, _ string) []string { // ALSA
		return []string{"-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", rate}
	}},
	{name: "paplay", args: func(rate, _ string) []string { // PulseAudio
		return []string{"--raw", "--format=s16le", "--channels=1", "--rate=" + rate}
	}},
	{name: "pw-play", args: func(rate, _ string) []string { // PipeWire
		return []string{"--raw", "--format=s16", "--channels=1", "--rate=" + rate, "-"}
	}},
	{name: "play", args: func(rate, _ string) []string { // SoX
		return []string{"-q", "-t", "raw", "-e", "signed", "-b", "16", "-L", "-c", "1", "-r", rate, "-"}
	}},
	{name: "ffplay", args: func(rate, _ string) []string { // FFmpeg; one channel is its default
		return []string{"-v", "error", "-nodisp", "-autoexit", "-f", "s16le", "-ar", rate, "-i", "-"}
	}},
	{name: "afplay", files: true, args: func(_, path string) []string { // macOS
		return []string{path}
	}},
	{name: "powershell", files: true, args: func(_, path string) []string { // Windows
		play := fmt.Sprintf("(New-Object Media.SoundPlayer '%s').PlaySync()", strings.ReplaceAll(path, "'", "''"))
		return []string{"-NoProfile", "-Command", play}
	}},
}

// findPlayer looks for a player. PowerShell can play on Windows alone.
func findPlayer(system string) (playerKind, string, error) {
	var names []string
	for _, k := range playerKinds {
		if k.name == "powershell" && system != "windows" {
			continue
		}
		if path, err := exec.LookPath(k.name); err == nil {
			return k, path, nil
		}
		names = append(names, k.name)
	}
	return playerKind{}, "", fmt.Errorf("no player of sound was found, looked for %s; want --out FILE", strings.Join(names, ", "))
}

// havePlayer tells whether there is a player.
func havePlayer() bool {
	_, _, err := findPlayer(runtime.GOOS)
	return err == nil
}

// playerQueue is how many pieces of sound may be made and not yet taken by the
// player: it plays slower than sound is made, whose speed is measured.
const playerQueue = 1024

// player plays a sound while it is made.
type player struct {
	samplesWriter
	name   string
	cmd    *exec.Cmd
	stderr bytes.Buffer
	pipe   *playerPipe // while it plays; nil of players of files
	file   *os.File    // of players of files
}

// startPlayer starts a player, which ends with the context.
func startPlayer(ctx context.Context, rate int) (*player, error) {
	kind, path, err := findPlayer(runtime.GOOS)
	if err != nil {
		return nil, err
	}
	p := &player{name: kind.name}
	input := ""
	if kind.files {
		if p.file, err = os.CreateTemp("", "stride-*.wav"); err != nil {
			return nil, err
		}
		input = p.file.Name()
	}
	p.cmd = exec.CommandContext(ctx, path, kind.args(strconv.Itoa(rate), input)...)
	p.cmd.Stderr, p.cmd.WaitDelay = &p.stderr, time.Second
	if kind.files {
		p.samplesWriter, err = audio.NewWAVWriter(p.file, rate)
	} else {
		err = p.stream()
	}
	if err != nil {
		p.discard()
		return nil, p.explain(err)
	}
	return p, nil
}

// stream starts a player of standard input.
func (p *player) stream() error {
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.pipe = newPlayerPipe(in)
	p.samplesWriter = &pcmWriter{w: p.pipe}
	return nil
}

// Close waits until the sound was heard.
func (p *player) Close() error {
	err := p.samplesWriter.Close()
	if p.pipe != nil {
		writeErr := p.pipe.close()
		p.pipe = nil
		// A player that fails closes the pipe: why is what it says.
		return p.explain(cmp.Or(p.cmd.Wait(), writeErr, err))
	}
	if err := errors.Join(err, p.file.Close()); err != nil {
		return p.explain(err)
	}
	return p.explain(p.cmd.Run())
}

// discard ends what is still playing, and leaves nothing behind.
func (p *player) discard() {
	if p.pipe != nil {
		p.cmd.Process.Kill() // it may have ended
		p.pipe.close()
		p.cmd.Wait() // for the same reason
		p.pipe = nil
	}
	if p.file != nil {
		p.file.Close()
		os.Remove(p.file.Name())
	}
}

// explain names the player and what it said.
func (p *player) explain(err error) error {
	if err == nil {
		return nil
	}
	said := strings.TrimSpace(p.stderr.String())
	if said == "" {
		said = err.Error()
	}
	return fmt.Errorf("%s does not play: %s; want --out FILE", p.name, oneLine(said))
}

// playerPipe writes in the background, so that who makes the sound does not wait
// for who hears it.
type playerPipe struct {
	queue chan []byte
	done  chan struct{}
	err   error // of writing; after done
}

func newPlayerPipe(w io.WriteCloser) *playerPipe {
	p := &playerPipe{queue: make(chan []byte, playerQueue), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for data := range p.queue {
			if p.err == nil {
				_, p.err = w.Write(data)
			}
		}
		p.err = cmp.Or(p.err, w.Close())
	}()
	return p
}

func (p *playerPipe) Write(data []byte) (int, error) {
	p.queue <- bytes.Clone(data)
	return len(data), nil
}

// close waits until all is written, and tells what went wrong.
func (p *playerPipe) close() error {
	close(p.queue)
	<-p.done
	return p.err
}
