package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// DefaultEndpoint is the server where HF_ENDPOINT names no other.
const DefaultEndpoint = "https://huggingface.co"

// Client brings files from a hub. Its fields must not change while it is used.
type Client struct {
	Endpoint string
	Token    string // of the user, for what is not public; it is sent to the endpoint only
	// Retries is how often in a row a transfer is begun again that got nothing new.
	Retries int
	// Stall is how long a server may send nothing.
	Stall time.Duration

	transport http.RoundTripper
	wait      func(context.Context, time.Duration) error // tests do not
	free      func(dir string) (int64, bool)             // bytes on its disk
	symlink   func(target, link string) error
}

// DefaultClient is what the environment asks for: HF_ENDPOINT, HF_TOKEN or the token that the tools of Hugging Face have
// stored.
func DefaultClient() *Client {
	c := NewClient(cmp.Or(os.Getenv("HF_ENDPOINT"), DefaultEndpoint))
	if c.Token = cmp.Or(os.Getenv("HF_TOKEN"), os.Getenv("HUGGING_FACE_HUB_TOKEN")); c.Token == "" {
		path := cmp.Or(os.Getenv("HF_TOKEN_PATH"), filepath.Join(home(), "token"))
		if data, err := os.ReadFile(path); err == nil {
			c.Token = strings.TrimSpace(string(data))
		}
	}
	return c
}

// NewClient is a client of an endpoint without a token.
func NewClient(endpoint string) *Client {
	return &Client{
		Endpoint: strings.TrimRight(endpoint, "/"), Retries: 5, Stall: time.Minute,
		transport: http.DefaultTransport, wait: pause, free: freeSpace, symlink: os.Symlink,
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// StatusError says that a hub refused a request.
type StatusError struct {
	Ref    Ref
	Status int    // of HTTP
	Advice string // what to do
}

// Error names the status and what to do.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: the hub answers %d %s; %s", e.Ref, e.Status, http.StatusText(e.Status), e.Advice)
}

// statusError is nil for an answer that is as it should be.
func (c *Client) statusError(r Ref, status int) error {
	advice := ""
	switch {
	case status == http.StatusOK || status == http.StatusPartialContent:
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		advice = "HF_TOKEN has to be a token of somebody who may read it"
		if status == http.StatusUnauthorized && c.Token == "" {
			advice = "there may be no such repository, or it needs a token: set HF_TOKEN"
		}
	case status == http.StatusNotFound:
		advice = fmt.Sprintf("is there such a file, at revision %s?", r.Revision)
	case status == http.StatusTooManyRequests:
		advice = "it wants fewer requests: try again later"
	case status >= 500:
		advice = "it has a problem of its own: try again later"
	default:
		advice = "want 200 OK"
	}
	return &StatusError{r, status, advice}
}

// facts is what a hub says about a file.
type facts struct {
	commit string
	etag   string // SHA-256 of a large file, else the hash that git gives
	size   int64
}

// address of a file at a revision.
func (c *Client) address(r Ref, revision string) string {
	var path []string
	for part := range strings.SplitSeq(r.File, "/") {
		path = append(path, url.PathEscape(part))
	}
	return fmt.Sprintf("%s/%s/%s/resolve/%s/%s", c.Endpoint, r.Owner, r.Repo, url.PathEscape(revision), strings.Join(path, "/"))
}

var etagPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$`)

// look asks for the facts of a file.
func (c *Client) look(ctx context.Context, r Ref) (facts, error) {
	var f facts
	err := c.trying(ctx, func() (bool, error) {
		resp, cancel, err := c.do(ctx, http.MethodHead, c.address(r, r.Revision), 0)
		if err != nil {
			return false, err
		}
		defer cancel()
		defer resp.Body.Close()
		h := resp.Header
		redirected := resp.StatusCode >= 300 && resp.StatusCode < 400 && h.Get("X-Linked-Etag") != ""
		if err := c.statusError(r, resp.StatusCode); err != nil && !redirected {
			return false, withRetryAfter(err, h)
		}
		etag := strings.Trim(strings.TrimPrefix(cmp.Or(h.Get("X-Linked-Etag"), h.Get("Etag")), "W/"), `"`)
		f = facts{commit: h.Get("X-Repo-Commit"), etag: etag}
		if f.size, err = strconv.ParseInt(cmp.Or(h.Get("X-Linked-Size"), h.Get("Content-Length")), 10, 64); err != nil || f.size < 0 {
			return false, final{fmt.Errorf("%s: %s tells no size of the file", r, c.Endpoint)}
		}
		if !commitPattern.MatchString(f.commit) || !etagPattern.MatchString(f.etag) || strings.HasSuffix(f.etag, incomplete) {
			return false, final{fmt.Errorf("%s: %s tells the commit %.60q and the etag %.60q, want those of a hub", r, c.Endpoint, f.commit, f.etag)}
		}
		return false, nil
	})
	return f, err
}

// do sends a request for a file from an offset on. The body must be closed, and then the cancel function called.
// Redirections to the storage of large files are followed without the token; those of HEAD only within the endpoint,
// whose answer has the facts.
func (c *Client) do(ctx context.Context, method, address string, offset int64) (*http.Response, context.CancelFunc, error) {
	ctx, cancel := context.WithCancel(ctx)
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		cancel()
		return nil, nil, final{err}
	}
	req.Header.Set("User-Agent", "stride")
	req.Header.Set("Accept-Encoding", "identity") // sizes and ranges are those of the file
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	host := req.URL.Host
	client := http.Client{Transport: c.transport, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		switch {
		case len(via) > 9:
			return errors.New("more than 9 redirections")
		case next.URL.Host == host:
		case method == http.MethodHead:
			return http.ErrUseLastResponse
		default:
			next.Header.Del("Authorization")
		}
		return nil
	}}
	// The time until an answer begins is bounded like that between its parts.
	timer := time.AfterFunc(c.Stall, cancel)
	resp, err := client.Do(req)
	if !timer.Stop() && ctx.Err() != nil {
		err = errors.Join(err, fmt.Errorf("no answer within %s", c.Stall))
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return resp, cancel, nil
}

// final is an error that trying again does not help.
type final struct{ error }

func (e final) Unwrap() error { return e.error }

// later is an error that asks to wait.
type later struct {
	error
	wait time.Duration
}

func (e later) Unwrap() error { return e.error }

const mostWait = 2 * time.Minute

// withRetryAfter says how long a hub wants to be left alone.
func withRetryAfter(err error, h http.Header) error {
	var status *StatusError
	if !errors.As(err, &status) || status.Status != http.StatusTooManyRequests && status.Status < 500 {
		return final{err}
	}
	if seconds, parse := strconv.Atoi(h.Get("Retry-After")); parse == nil && seconds >= 0 {
		return later{err, min(time.Duration(seconds)*time.Second, mostWait)}
	}
	return err
}

// trying repeats what fails for a reason that may pass, at growing intervals. f tells whether it got on at all: then
// counting begins anew.
func (c *Client) trying(ctx context.Context, f func() (bool, error)) error {
	for failures := 0; ; {
		progress, err := f()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var end final
		if errors.As(err, &end) {
			return end.error
		}
		if failures++; progress {
			failures = 1
		}
		if failures > c.Retries {
			return fmt.Errorf("after %d tries: %w", failures, err)
		}
		wait := min(time.Second<<(failures-1), 30*time.Second)
		var l later
		if errors.As(err, &l) {
			wait = l.wait
		}
		if err := c.wait(ctx, wait); err != nil {
			return err
		}
	}
}

// stalled reads from a body, and cancels a request that sends nothing for too long.
type stalled struct {
	body   io.Reader
	after  time.Duration
	cancel context.CancelFunc
}

func (s stalled) Read(p []byte) (int, error) {
	timer := time.AfterFunc(s.after, s.cancel)
	n, err := s.body.Read(p)
	if !timer.Stop() && err != nil && err != io.EOF {
		err = fmt.Errorf("nothing came for %s: %w", s.after, err)
	}
	return n, err
}
