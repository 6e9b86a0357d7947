package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	commitA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	commitB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

var testRef = Ref{"owner", "repo", "main", "sub/model.gguf"}

// testHub is a hub with one file, whose storage is another server, and faults.
type testHub struct {
	*httptest.Server
	storage *httptest.Server
	data    []byte
	small   bool // kept by git, not in the storage

	mu         sync.Mutex
	cuts       []int // after how many bytes the next answers are cut
	noRange    bool
	wrongRange bool
	status     []int // of the next answers
	hash       string
	size       int    // told, 0 for the truth
	commit     string // of main
	after      string // 429 says so
	gets       int    // transfers begun
	sent       int
	tokens     []string // that the storage saw
}

func newHub(t *testing.T, size int) *testHub {
	h := &testHub{data: make([]byte, size), commit: commitA}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range h.data {
		h.data[i] = byte(rng.Uint32())
	}
	h.hash = fmt.Sprintf("%x", sha256.Sum256(h.data))
	h.Server = httptest.NewServer(http.HandlerFunc(h.resolve))
	h.storage = httptest.NewServer(http.HandlerFunc(h.store))
	t.Cleanup(h.Close)
	t.Cleanup(h.storage.Close)
	return h
}

func (h *testHub) resolve(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.status) > 0 {
		status := h.status[0]
		h.status = h.status[1:]
		if status != 0 {
			if h.after != "" {
				w.Header().Set("Retry-After", h.after)
			}
			w.WriteHeader(status)
			return
		}
	}
	parts := strings.SplitN(r.URL.Path, "/", 6)
	if len(parts) != 6 || parts[1]+"/"+parts[2] != "owner/repo" || parts[5] != "sub/model.gguf" {
		http.NotFound(w, r)
		return
	}
	size := len(h.data)
	if h.size > 0 {
		size = h.size
	}
	w.Header().Set("X-Repo-Commit", h.commit)
	if h.small {
		w.Header().Set("Etag", `W/"`+h.hash+`"`)
		h.serve(w, r, size)
		return
	}
	w.Header().Set("X-Linked-Etag", `"`+h.hash+`"`)
	w.Header().Set("X-Linked-Size", fmt.Sprint(size))
	http.Redirect(w, r, h.storage.URL+"/blob", http.StatusFound)
}

func (h *testHub) store(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tokens = append(h.tokens, r.Header.Get("Authorization"))
	h.serve(w, r, len(h.data))
}

func (h *testHub) serve(w http.ResponseWriter, r *http.Request, size int) {
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		return
	}
	h.gets++
	from := 0
	fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
	if h.noRange {
		from = 0
	}
	body := h.data[from:]
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	if from > 0 {
		told := from
		if h.wrongRange {
			told++
			h.wrongRange = false
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", told, len(h.data)-1, len(h.data)))
		w.WriteHeader(http.StatusPartialContent)
	}
	if len(h.cuts) > 0 {
		body = body[:min(h.cuts[0], len(body))]
		h.cuts = h.cuts[1:]
		w.Write(body)
		h.sent += len(body)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	w.Write(body)
	h.sent += len(body)
}

// counts are the transfers that were begun and the bytes that were sent.
func (h *testHub) counts() (gets, sent int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.gets, h.sent
}

// client does not wait; waits are what it would have waited.
func (h *testHub) client(t *testing.T) (c *Client, cache Cache, waits *[]time.Duration) {
	c, waits = NewClient(h.URL+"/"), new([]time.Duration)
	c.wait = func(_ context.Context, d time.Duration) error { *waits = append(*waits, d); return nil }
	return c, Cache{t.TempDir()}, waits
}

func (h *testHub) check(t *testing.T, cache Cache, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(data, h.data) {
		t.Fatalf("the file is not that of the hub: %v, %d bytes", err, len(data))
	}
	if found, err := cache.Find(testRef); err != nil || found != path {
		t.Errorf("found %s, %v, want %s", found, err, path)
	}
	if left, _ := filepath.Glob(filepath.Join(cache.Dir, "models--owner--repo", "*", "*"+incomplete)); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestPull(t *testing.T) {
	h := newHub(t, 300_000)
	c, cache, _ := h.client(t)
	c.Token = "secret"
	var last, size int64
	path, err := c.Pull(t.Context(), cache, testRef, func(done, of int64) {
		if done < last {
			t.Errorf("%d bytes after %d", done, last)
		}
		last, size = done, of
	})
	if err != nil {
		t.Fatal(err)
	}
	h.check(t, cache, path)
	if last != size || size != 300_000 {
		t.Errorf("progress ended at %d of %d", last, size)
	}
	want := filepath.Join(cache.Dir, "models--owner--repo", "snapshots", commitA, "sub", "model.gguf")
	if path != want {
		t.Errorf("path %s, want %s", path, want)
	}
	if link, err := os.Readlink(path); err != nil || link != filepath.Join("..", "..", "..", "blobs", h.hash) {
		t.Errorf("it is a link to %s, %v", link, err)
	}
	for _, token := range h.tokens {
		if token != "" {
			t.Error("the storage got the token")
		}
	}
	_, err = c.Pull(t.Context(), cache, testRef, nil)
	if gets, _ := h.counts(); err != nil || gets != 1 {
		t.Errorf("again: %v, %d transfers, want 1", err, gets)
	}
	// The branch moves to a commit with the same file: a link more, no transfer.
	h.commit = commitB
	path, err = c.Pull(t.Context(), cache, testRef, nil)
	if gets, _ := h.counts(); err != nil || gets != 1 || !strings.Contains(path, commitB) {
		t.Errorf("moved: %s, %v, %d transfers, want 1", path, err, gets)
	}
	h.check(t, cache, path)
	pinned := testRef
	pinned.Revision = commitA
	if _, err := cache.Find(pinned); err != nil {
		t.Error(err)
	}
	entries, err := cache.List(".gguf")
	if err != nil || len(entries) != 2 || entries[0].Ref != testRef || entries[1].Ref != pinned || entries[0].Size != 300_000 {
		t.Errorf("list: %v, %v", entries, err)
	}
}

func TestPullSmallFile(t *testing.T) {
	h := newHub(t, 1)
	h.small, h.data = true, []byte("hello\n")
	h.hash = "ce013625030ba8dba906f756967f9e9ca394464a" // git hash-object
	c, cache, _ := h.client(t)
	path, err := c.Pull(t.Context(), cache, testRef, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.check(t, cache, path)
	h.data, h.commit = []byte("hallo\n"), commitB
	h.hash = strings.Replace(h.hash, "c", "d", 1)
	var hash *HashError
	if _, err := c.Pull(t.Context(), cache, testRef, nil); !errors.As(err, &hash) {
		t.Errorf("got %v, want a wrong hash", err)
	}
}

func TestPullResumes(t *testing.T) {
	h := newHub(t, 500_000)
	c, cache, waits := h.client(t)
	h.cuts = []int{100_000, 0, 0, 150_000, 1000}
	path, err := c.Pull(t.Context(), cache, testRef, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.check(t, cache, path)
	if gets, sent := h.counts(); gets != 6 || sent != 500_000 {
		t.Errorf("%d transfers of %d bytes, want 6 of 500000", gets, sent)
	}
	if fmt.Sprint(*waits) != "[1s 2s 4s 1s 1s]" {
		t.Errorf("waits %v", *waits)
	}
}

// TestPullLater goes on in another process with what is there.
func TestPullLater(t *testing.T) {
	h := newHub(t, 500_000)
	c, cache, _ := h.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.cuts = []int{200_000}
	c.wait = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
	_, err := c.Pull(ctx, cache, testRef, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want it cancelled", err)
	}
	if _, err := cache.Find(testRef); err == nil {
		t.Error("a part of the file is found")
	}
	path, err := c.Pull(t.Context(), cache, testRef, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.check(t, cache, path)
	if _, sent := h.counts(); sent != 500_000 {
		t.Errorf("%d bytes were sent, want 500000", sent)
	}
}

func TestPullWithoutRanges(t *testing.T) {
	h := newHub(t, 200_000)
	c, cache, _ := h.client(t)
	h.cuts, h.noRange = []int{50_000, 60_000}, true
	path, err := c.Pull(t.Context(), cache, testRef, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.check(t, cache, path)

	h = newHub(t, 200_000)
	c, cache, _ = h.client(t)
	h.cuts, h.wrongRange = []int{50_000}, true
	if path, err = c.Pull(t.Context(), cache, testRef, nil); err != nil {
		t.Fatal(err)
	}
	h.check(t, cache, path)
}

// TestPullOfWhatChanges finds a part of another file where this one was begun.
func TestPullOfWhatChanges(t *testing.T) {
	h := newHub(t, 200_000)
	c, cache, _ := h.client(t)
	blob := filepath.Join(cache.Dir, "models--owner--repo", "blobs", h.hash)
	for _, begun := range []int{10, 200_000, 300_000} {
		if err := os.RemoveAll(filepath.Dir(filepath.Dir(blob))); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(blob), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(blob+incomplete, make([]byte, begun), 0o644); err != nil {
			t.Fatal(err)
		}
		path, err := c.Pull(t.Context(), cache, testRef, nil)
		if err != nil {
			t.Fatal(err)
		}
		h.check(t, cache, path)
	}
}

func TestPullOfLies(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(*testHub)
		want string
	}{
		"hash":       {func(h *testHub) { h.hash = strings.Repeat("0", 64) }, "what came has the hash"},
		"more":       {func(h *testHub) { h.size = 150_000 }, "sends 200000 bytes, want the 150000"},
		"less":       {func(h *testHub) { h.size = 250_000 }, "sends 200000 bytes, want the 250000"},
		"commit":     {func(h *testHub) { h.commit = "../../../etc" }, "want those of a hub"},
		"etag":       {func(h *testHub) { h.hash = "../../evil" }, "want those of a hub"},
		"401":        {func(h *testHub) { h.status = []int{401} }, "401 Unauthorized; there may be no such repository, or it needs a token"},
		"403":        {func(h *testHub) { h.status = []int{403} }, "403 Forbidden; HF_TOKEN has to be"},
		"404":        {func(h *testHub) { h.status = []int{404} }, "404 Not Found; is there such a file, at revision main?"},
		"404 later":  {func(h *testHub) { h.status = []int{0, 404} }, "404 Not Found"},
		"418":        {func(h *testHub) { h.status = []int{418} }, "want 200 OK"},
		"429 always": {func(h *testHub) { h.status = []int{429, 429, 429, 429, 429, 429, 429} }, "after 6 tries: hf:owner/repo/sub/model.gguf: the hub answers 429"},
		"cut always": {func(h *testHub) { h.cuts = make([]int, 9) }, "after 6 tries"},
	} {
		h := newHub(t, 200_000)
		client, cache, _ := h.client(t)
		c.lie(h)
		_, err := client.Pull(t.Context(), cache, testRef, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if _, err := cache.Find(testRef); err == nil {
			t.Errorf("%s: the file is found", name)
		}
	}
}

func TestPullWaits(t *testing.T) {
	h := newHub(t, 1000)
	c, cache, waits := h.client(t)
	h.status, h.after = []int{429, 503, 0, 502}, "7"
	path, err := c.Pull(t.Context(), cache, testRef, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.check(t, cache, path)
	if fmt.Sprint(*waits) != "[7s 7s 7s]" {
		t.Errorf("waits %v", *waits)
	}
}

func TestPullStalled(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Repo-Commit", commitA)
		w.Header().Set("Etag", `"x"`)
		w.Header().Set("Content-Length", "10")
		if r.Method == http.MethodGet {
			w.Write([]byte("abc"))
			w.(http.Flusher).Flush()
			<-release
		}
	}))
	defer s.Close()
	defer close(release)
	c := NewClient(s.URL)
	c.Stall, c.Retries = 50*time.Millisecond, 0
	if _, err := c.Pull(t.Context(), Cache{t.TempDir()}, testRef, nil); err == nil || !strings.Contains(err.Error(), "nothing came for 50ms") {
		t.Errorf("got %v", err)
	}
}

func TestPullWithoutSpaceOrLinks(t *testing.T) {
	h := newHub(t, 1000)
	c, cache, _ := h.client(t)
	c.free = func(string) (int64, bool) { return 999, true }
	var space *SpaceError
	if _, err := c.Pull(t.Context(), cache, testRef, nil); !errors.As(err, &space) || space.Need != 1000 || space.Free != 999 {
		t.Errorf("got %v", err)
	}
	c.free = freeSpace
	c.symlink = func(string, string) error { return errors.ErrUnsupported }
	path, err := c.Pull(t.Context(), cache, testRef, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.check(t, cache, path)
	if isLink(path) {
		t.Error("it is a link")
	}
	_, err = c.Pull(t.Context(), cache, testRef, nil)
	if gets, _ := h.counts(); err != nil || gets != 1 {
		t.Errorf("again: %v, %d transfers", err, gets)
	}
}

// TestPullsTogether fetches a file once, however many want it.
func TestPullsTogether(t *testing.T) {
	h := newHub(t, 2_000_000)
	c, cache, _ := h.client(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := c.Pull(t.Context(), cache, testRef, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if gets, _ := h.counts(); gets != 1 {
		t.Errorf("%d transfers, want 1", gets)
	}
}
