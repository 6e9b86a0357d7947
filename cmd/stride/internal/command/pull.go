package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/stride-ml/stride/hub"
)

// pullCommand is stride pull.
type pullCommand struct {
	Files []string `arg:"" name:"file" help:"hf:OWNER/REPO/FILE, or hf:OWNER/REPO@REVISION/FILE for a branch, tag or commit."`
	Quiet bool     `short:"q" help:"Only the paths: no progress."`
}

// Help is shown below the flags' help.
func (pullCommand) Help() string {
	return `The files come into the cache folder that the tools of Hugging Face use: HF_HUB_CACHE, else hub in HF_HOME, else huggingface/hub in XDG_CACHE_HOME or ~/.cache. HF_ENDPOINT names another server, HF_TOKEN a token for what is not public. A transfer that is cut is taken up again, also by the next pull; a file appears when it is whole and has the SHA-256 that the server tells. Its path is written to standard output.

Examples:

  stride pull hf:OWNER/REPO/model.gguf
  stride chat hf:OWNER/REPO/model.gguf
  stride models`
}

// Run is called by kong.
func (p *pullCommand) Run(ctx context.Context, c *console) error {
	var refs []hub.Ref
	for _, name := range p.Files {
		r, err := hub.ParseRef(name)
		if err != nil {
			return usageError{err}
		}
		refs = append(refs, r)
	}
	for _, r := range refs {
		path, err := p.pull(ctx, c, r)
		if err != nil {
			return err
		}
		if err := writeAll(c.out, path+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// pull brings one file.
func (p *pullCommand) pull(ctx context.Context, c *console, r hub.Ref) (string, error) {
	var progress hub.Progress
	stop := func() {}
	if !p.Quiet {
		if err := writeAll(c.err, r.String()+"\n"); err != nil {
			return "", err
		}
		if c.errTerminal {
			defer context.AfterFunc(ctx, func() { fmt.Fprint(c.err, "\r") })() // over the ^C that the terminal shows
			progress, stop = writingBar(c)
		}
	}
	path, err := hub.DefaultClient().Pull(ctx, hub.DefaultCache(), r, progress)
	stop()
	if errors.Is(err, context.Canceled) && !p.Quiet {
		fmt.Fprintln(c.err, "stopped; the next pull goes on from here")
	}
	return path, err
}
