package hub

import (
	"fmt"
	"regexp"
	"strings"
)

// Scheme begins the name of a file of the hub.
const Scheme = "hf:"

// mainRevision is the revision where none is asked for.
const mainRevision = "main"

// Ref names a file of a repository of models.
type Ref struct {
	Owner, Repo string
	Revision    string // a branch, tag or commit
	File        string // its path in the repository, with slashes
}

var (
	namePattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	revisionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	commitPattern   = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// IsRef tells the name of a file of the hub from other names.
func IsRef(name string) bool { return strings.HasPrefix(name, Scheme) }

// ParseRef reads hf:OWNER/REPO/FILE or hf:OWNER/REPO@REVISION/FILE.
func ParseRef(s string) (Ref, error) {
	rest, ok := strings.CutPrefix(s, Scheme)
	parts := strings.SplitN(rest, "/", 3)
	if !ok || len(parts) < 3 {
		return Ref{}, fmt.Errorf("%q names no file of the hub, want hf:OWNER/REPO/FILE or hf:OWNER/REPO@REVISION/FILE", s)
	}
	r := Ref{Owner: parts[0], Repo: parts[1], Revision: mainRevision, File: parts[2]}
	if repo, revision, ok := strings.Cut(r.Repo, "@"); ok {
		r.Repo, r.Revision = repo, revision
	}
	for _, name := range []string{r.Owner, r.Repo} {
		if !namePattern.MatchString(name) || strings.Contains(name, "--") || strings.Contains(name, "..") {
			return Ref{}, fmt.Errorf("%s: %q is no name of an owner or repository, want letters, digits, and . _ - within", s, name)
		}
	}
	if !revisionPattern.MatchString(r.Revision) || strings.Contains(r.Revision, "..") {
		return Ref{}, fmt.Errorf("%s: %q is no revision, want a branch, tag or commit", s, r.Revision)
	}
	for part := range strings.SplitSeq(r.File, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\\:?#%\x00") {
			return Ref{}, fmt.Errorf("%s: %q is no path of a file", s, r.File)
		}
	}
	return r, nil
}

// String is the name that ParseRef reads.
func (r Ref) String() string {
	revision := ""
	if r.Revision != mainRevision {
		revision = "@" + r.Revision
	}
	return Scheme + r.Owner + "/" + r.Repo + revision + "/" + r.File
}

// folder is the repository's in the cache.
func (r Ref) folder() string { return "models--" + r.Owner + "--" + r.Repo }
