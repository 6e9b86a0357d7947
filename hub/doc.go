// Package hub finds models in the cache folder that the tools of Hugging Face share, and brings files there:
//
//	ref, err := hub.ParseRef("hf:OWNER/REPO/FILE.gguf")
//	...
//	path, err := hub.DefaultClient().Pull(ctx, hub.DefaultCache(), ref, nil)
//
// The layout is that of huggingface_hub, so that each finds what the other has brought: blobs named by their etag,
// snapshots of commits whose files are links to blobs, refs that say which commit a branch was, and locks.
package hub
