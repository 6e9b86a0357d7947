package command

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stride-ml/stride/checkpoint"
)

// talkTemplate begins each message by BOS, and refuses a bad mood.
const talkTemplate = `{% for m in messages %}{{ bos_token + m.content }}{% endfor %}{% if messages[0].content == 'refuse' or mood is false %}{{ raise_exception('not this') }}{% endif %}`

// talk writes a copy of a model with a chat template. What it says may be
// without end: then no token ends a text, and there is room for many.
func talk(from, to string, endless bool) error {
	f, err := checkpoint.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	b := checkpoint.NewBuilder("llama")
	for _, key := range f.Keys() {
		value, _ := f.Value(key)
		switch {
		case endless && key == "tokenizer.ggml.eos_token_id":
			value = uint32(0) // the unknown
		case endless && (key == "llama.context_length" || key == "stride.max_length"):
			value = uint32(30_000)
		}
		if err := b.Set(key, value); err != nil {
			return err
		}
	}
	if err := b.Set("tokenizer.chat_template", talkTemplate); err != nil {
		return err
	}
	for _, tensor := range f.Tensors() {
		data, err := f.Raw(tensor.Name)
		if err != nil {
			return err
		}
		if err := b.AddRaw(tensor.Name, tensor.Type, tensor.Shape, data); err != nil {
			return err
		}
	}
	return b.WriteFile(to)
}

// talking is talk for scripts.
func talking(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: talking FROM TO")
	}
	ts.Check(talk(ts.MkAbs(args[0]), ts.MkAbs(args[1]), false))
}

// serveHub starts a hub that has a file, kept by git, as hf:poets/rhymes/small.gguf,
// and cuts the first transfer.
func serveHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: serve-hub FILE ETAG")
	}
	data := []byte(ts.ReadFile(args[0]))
	cut := true
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/poets/rhymes/resolve/") || !strings.HasSuffix(r.URL.Path, "/small.gguf") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("X-Repo-Commit", strings.Repeat("c", 40))
		w.Header().Set("Etag", `"`+args[1]+`"`)
		if r.Method == http.MethodGet && cut {
			cut = false
			w.Header().Set("Content-Length", fmt.Sprint(len(data)))
			w.Write(data[:min(1000, len(data)/2)])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}))
	ts.Defer(s.Close)
	ts.Setenv("HF_ENDPOINT", s.URL)
	ts.Setenv("HF_HUB_CACHE", ts.MkAbs("hub"))
}

// recording collects what a terminal shows.
type recording struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *recording) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// await waits until the terminal has shown a text after the first n bytes, and
// returns how many it has shown.
func (s *recording) await(t *testing.T, n int, text string) int {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		s.mu.Lock()
		all := s.text.String()
		s.mu.Unlock()
		if i := strings.Index(all[n:], text); i >= 0 {
			return n + i + len(text)
		}
	}
	t.Fatalf("%q does not appear in %q", text, s.text.String()[n:])
	return 0
}

// TestChatInTerminal talks at a terminal: Ctrl-C stops an answer and keeps the
// chat, the arrows bring messages back, several lines are pasted, and Ctrl-C at
// the prompt leaves.
func TestChatInTerminal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such terminals")
	}
	dir, err := tiny()
	if err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(t.TempDir(), "endless.gguf")
	if err := talk(filepath.Join(dir, "stories.gguf"), model, true); err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join(t.TempDir(), "chat.json")
	cmd := exec.Command("stride", "chat", model, "--seed", "1", "--bias", "#0=-1000") // never END
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	defer cmd.Process.Kill()
	var s recording
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := terminal.Read(buffer)
			s.Write(buffer[:n])
			if err != nil {
				return
			}
		}
	}()
	send := func(text string) {
		if _, err := terminal.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	at := s.await(t, 0, "\x1b[?2004h") // the prompt, which takes what is pasted as such
	send("Mary had\r")
	at = s.await(t, at, "little")
	send("\x03")
	at = s.await(t, at, "cancelled")
	at = s.await(t, at, "\x1b[?2004h")
	send("\x1b[200~one\ntwo\x1b[201~\r")
	at = s.await(t, at, "two")
	time.Sleep(100 * time.Millisecond) // an answer is under way
	send("\x03")
	at = s.await(t, at, "cancelled")
	at = s.await(t, at, "\x1b[?2004h")
	send("\x1b[A") // the last message again
	at = s.await(t, at, "two")
	send("\x03") // is taken away, and the chat goes on
	send("/save " + saved + "\r")
	s.await(t, at, "\x1b[?2004h")
	send("\x03")
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	messages, err := readMessages(saved)
	if err != nil {
		t.Fatal(err)
	}
	if len(messages) != 4 || messages[0].Content != "Mary had" || messages[2].Content != "one\ntwo" || messages[1].Content == "" {
		t.Errorf("saved: %+v", messages)
	}
}

func TestAnswerWriter(t *testing.T) {
	var b strings.Builder
	w := &answerWriter{out: &b, terminal: true}
	for _, part := range []string{" ", " \n Hi", " \x1b[2J\tyou\r\n"} {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if want := "Hi \uFFFD[2J\tyou\uFFFD\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
