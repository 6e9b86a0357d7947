package hub

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Cache is a folder of models as huggingface_hub lays it out.
type Cache struct{ Dir string }

// DefaultCache is the folder that the environment names: HF_HUB_CACHE, else hub in HF_HOME, else huggingface/hub in
// XDG_CACHE_HOME or in .cache of the user's home.
func DefaultCache() Cache {
	if dir := cmp.Or(os.Getenv("HF_HUB_CACHE"), os.Getenv("HUGGINGFACE_HUB_CACHE")); dir != "" {
		return Cache{expand(dir)}
	}
	return Cache{filepath.Join(home(), "hub")}
}

// home is the folder of the tools, HF_HOME.
func home() string {
	if dir := os.Getenv("HF_HOME"); dir != "" {
		return expand(dir)
	}
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(expand(dir), "huggingface")
	}
	return expand(filepath.Join("~", ".cache", "huggingface"))
}

// expand resolves a ~ at the beginning.
func expand(dir string) string {
	rest, ok := strings.CutPrefix(dir, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return dir
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return dir
	}
	return filepath.Join(user, rest)
}

// NotCachedError says that a file of the hub has not been pulled.
type NotCachedError struct {
	Ref Ref
	Dir string // of the cache
}

// Error says how to get it.
func (e *NotCachedError) Error() string {
	return fmt.Sprintf("%s is not in the cache %s; get it with: stride pull %s", e.Ref, e.Dir, e.Ref)
}

// Find returns the path of a file that has been pulled, or a [*NotCachedError].
func (c Cache) Find(r Ref) (string, error) {
	commit := r.Revision
	if !commitPattern.MatchString(commit) {
		data, err := os.ReadFile(filepath.Join(c.Dir, r.folder(), "refs", r.Revision))
		if err != nil {
			return "", &NotCachedError{r, c.Dir}
		}
		if commit = strings.TrimSpace(string(data)); !commitPattern.MatchString(commit) {
			return "", fmt.Errorf("%s: refs/%s of the cache %s holds %.50q, want a commit", r, r.Revision, c.Dir, commit)
		}
	}
	path := c.snapshot(r, commit)
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return "", &NotCachedError{r, c.Dir}
	}
	return path, nil
}

// Locate returns the path of a file that is named hf:..., in the default cache; other names it returns as they are.
func Locate(name string) (string, error) {
	if !IsRef(name) {
		return name, nil
	}
	r, err := ParseRef(name)
	if err != nil {
		return "", err
	}
	return DefaultCache().Find(r)
}

func (c Cache) snapshot(r Ref, commit string) string {
	return filepath.Join(c.Dir, r.folder(), "snapshots", commit, filepath.FromSlash(r.File))
}

// Entry is a file in the cache.
type Entry struct {
	Ref  Ref // with the branch or tag that was pulled, else the commit
	Path string
	Size int64
}

// List returns the files whose names end with a suffix, such as ".gguf", in the order of their names. A cache that does
// not exist has none.
func (c Cache) List(suffix string) ([]Entry, error) {
	folders, err := filepath.Glob(filepath.Join(globLiteral(c.Dir), "models--*--*"))
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, folder := range folders {
		parts := strings.SplitN(filepath.Base(folder), "--", 3)
		names := refNames(folder)
		snapshots := filepath.Join(folder, "snapshots")
		err := filepath.WalkDir(snapshots, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, suffix) {
				return ignoreMissing(err)
			}
			info, err := os.Stat(path) // of what a link leads to
			if err != nil || !info.Mode().IsRegular() {
				return nil // another tool has taken the blob away
			}
			inside, err := filepath.Rel(snapshots, path)
			if err != nil {
				return err
			}
			commit, file, _ := strings.Cut(filepath.ToSlash(inside), "/")
			ref := Ref{Owner: parts[1], Repo: parts[2], Revision: cmp.Or(names[commit], commit), File: file}
			out = append(out, Entry{ref, path, info.Size()})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
	return out, nil
}

// globLiteral escapes a path that is part of a pattern.
func globLiteral(path string) string {
	if os.PathSeparator == '\\' {
		return path // there it cannot be escaped
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func ignoreMissing(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// refNames gives for each commit the branch or tag that it was, main if it is among them.
func refNames(folder string) map[string]string {
	names := map[string]string{}
	entries, err := os.ReadDir(filepath.Join(folder, "refs"))
	if err != nil {
		return names
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, "refs", e.Name()))
		if commit := strings.TrimSpace(string(data)); err == nil && names[commit] != mainRevision {
			names[commit] = e.Name()
		}
	}
	return names
}
