package explain

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stride-ml/stride/internal/golden"
)

// transcript is a block of a document: a command, the part of its output that is
// quoted (from lines with a text to the next empty one), and what the document says
// it is.
var transcript = regexp.MustCompile("(?m)^```console\n\\$ stride explain ?([^|\n]*?)(?: \\| sed -n '/([^/]*)/,/\\^\\$/p')?\n((?:[^`\n].*\n|\n)*)```$")

// The transcripts in the documents are what the command prints.
func TestDocumentsQuoteTheCommand(t *testing.T) {
	for _, name := range []string{"strategies.md", "strategies.zh-TW.md"} {
		path := filepath.Join("..", "docs", name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		quoted := map[string]bool{}
		text := transcript.ReplaceAllStringFunc(string(b), func(block string) string {
			parts := transcript.FindStringSubmatch(block)
			topic, o := arguments(t, parts[1])
			quoted[topic] = true
			want := excerpt(write(t, topic, o), parts[2])
			if want == "" {
				t.Errorf("%s: %s prints nothing from %q on", name, parts[1], parts[2])
			}
			if !golden.Updating() && parts[3] != want {
				t.Errorf("%s: stride explain %s prints (go test -update rewrites it)\n%s\nwant as quoted\n%s", name, parts[1], want, parts[3])
			}
			return strings.TrimSuffix(block, parts[3]+"```") + want + "```"
		})
		if n := strings.Count(text, "$ stride explain"); n != len(transcript.FindAllString(text, -1)) {
			t.Errorf("%s: %d of %d transcripts can be read", name, len(transcript.FindAllString(text, -1)), n)
		}
		for _, topic := range Topics() {
			if !quoted[topic] {
				t.Errorf("%s: nothing is quoted of %s", name, topic)
			}
		}
		if golden.Updating() {
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// arguments reads a command line.
func arguments(t *testing.T, line string) (topic string, o Options) {
	t.Helper()
	topic = "all"
	args := strings.Fields(line)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		topic, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("explain", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.Lang, "lang", "en", "")
	flags.Uint64Var(&o.Seed, "seed", 0, "")
	flags.IntVar(&o.Passes, "passes", 0, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		t.Fatalf("stride explain %s: %v, %d arguments left", line, err, flags.NArg())
	}
	o.Width = usualWidth
	return topic, o
}

// excerpt is what sed -n '/from/,/^$/p' prints, without empty lines at its end.
func excerpt(page, from string) string {
	var kept []string
	inside := false
	for line := range strings.SplitSeq(page, "\n") {
		inside = inside || strings.Contains(line, from)
		if inside {
			kept = append(kept, line)
		}
		inside = inside && (line != "" || from == "")
	}
	if len(kept) == 0 {
		return ""
	}
	return strings.TrimRight(strings.Join(kept, "\n"), "\n") + "\n"
}
