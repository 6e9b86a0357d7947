package hub

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseRef(t *testing.T) {
	for s, want := range map[string]Ref{
		"hf:a/b/c.gguf":          {"a", "b", "main", "c.gguf"},
		"hf:a-1/b.c@v1.0/d/e.gg": {"a-1", "b.c", "v1.0", "d/e.gg"},
	} {
		if got, err := ParseRef(s); err != nil || got != want || got.String() != s {
			t.Errorf("%s: got %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "a/b/c", "hf:a", "hf:a/b", "hf:a/b/", "hf:/b/c", "hf:a/b@/c", "hf:a/b@../c", "hf:../b/c", "hf:a/b/../c", "hf:a/b//c",
		`hf:a/b/c\d`, "hf:a/b/c?d", "hf:a--b/c/d", "hf:a/b/c:d", "hf:a/b/%2e%2e/c"} {
		if got, err := ParseRef(s); err == nil {
			t.Errorf("%s: got %v", s, got)
		}
	}
}

func TestDefaultCache(t *testing.T) {
	for _, c := range []struct{ hub, hf, xdg, want string }{
		{"/a", "/b", "/c", "/a"},
		{"", "/b", "/c", "/b/hub"},
		{"", "", "/c", "/c/huggingface/hub"},
		{"", "", "", "/home/u/.cache/huggingface/hub"},
		{"~/x", "", "", "/home/u/x"},
	} {
		t.Setenv("HOME", "/home/u")
		t.Setenv("USERPROFILE", "/home/u")
		t.Setenv("HUGGINGFACE_HUB_CACHE", "")
		t.Setenv("HF_HUB_CACHE", c.hub)
		t.Setenv("HF_HOME", c.hf)
		t.Setenv("XDG_CACHE_HOME", c.xdg)
		if got := filepath.ToSlash(DefaultCache().Dir); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

func TestDefaultClient(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HF_HOME", dir)
	t.Setenv("HF_ENDPOINT", "")
	t.Setenv("HF_TOKEN", "")
	t.Setenv("HF_TOKEN_PATH", "")
	t.Setenv("HUGGING_FACE_HUB_TOKEN", "")
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("stored\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c := DefaultClient(); c.Token != "stored" || c.Endpoint != DefaultEndpoint {
		t.Errorf("got %q of %s", c.Token, c.Endpoint)
	}
	t.Setenv("HF_TOKEN", "given")
	t.Setenv("HF_ENDPOINT", "http://here/")
	if c := DefaultClient(); c.Token != "given" || c.Endpoint != "http://here" {
		t.Errorf("got %q of %s", c.Token, c.Endpoint)
	}
}

func TestFindRefusesDamage(t *testing.T) {
	cache := Cache{t.TempDir()}
	var missing *NotCachedError
	if _, err := cache.Find(testRef); !errors.As(err, &missing) || !strings.Contains(err.Error(), "stride pull hf:owner/repo/sub/model.gguf") {
		t.Errorf("got %v", err)
	}
	refs := filepath.Join(cache.Dir, "models--owner--repo", "refs")
	if err := os.MkdirAll(refs, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(refs, "main"), []byte("../../.."), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Find(testRef); err == nil || !strings.Contains(err.Error(), "want a commit") {
		t.Errorf("got %v", err)
	}
	if entries, err := (Cache{filepath.Join(cache.Dir, "none")}).List(".gguf"); err != nil || entries != nil {
		t.Errorf("got %v, %v", entries, err)
	}
}

func TestLocate(t *testing.T) {
	t.Setenv("HF_HUB_CACHE", t.TempDir())
	if path, err := Locate("a/b.gguf"); err != nil || path != "a/b.gguf" {
		t.Errorf("got %s, %v", path, err)
	}
	var missing *NotCachedError
	if _, err := Locate("hf:a/b/c.gguf"); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	if _, err := Locate("hf:a"); err == nil || !strings.Contains(err.Error(), "want hf:OWNER/REPO/FILE") {
		t.Errorf("got %v", err)
	}
}
