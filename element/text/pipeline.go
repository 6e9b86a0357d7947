package text

import (
	"fmt"

	"golang.org/x/text/unicode/norm"
)

// component is a normalizer, a pre-tokenizer, a post-processor or a decoder of a tokenizer.json, with the fields of all.
type component struct {
	Type             string                     `json:"type"`
	Normalizers      []component                `json:"normalizers"`
	PreTokenizers    []component                `json:"pretokenizers"`
	Processors       []component                `json:"processors"`
	Decoders         []component                `json:"decoders"`
	Prepend          string                     `json:"prepend"`
	Pattern          *patternJSON               `json:"pattern"`
	Content          string                     `json:"content"`
	Behavior         string                     `json:"behavior"`
	Invert           bool                       `json:"invert"`
	AddPrefixSpace   *bool                      `json:"add_prefix_space"`
	UseRegex         *bool                      `json:"use_regex"`
	IndividualDigits bool                       `json:"individual_digits"`
	Replacement      string                     `json:"replacement"`
	PrependScheme    string                     `json:"prepend_scheme"`
	Split            *bool                      `json:"split"`
	Start            int                        `json:"start"`
	Single           []templatePart             `json:"single"`
	SpecialTokens    map[string]templateSpecial `json:"special_tokens"`
}

type patternJSON struct {
	String *string
	Regex  *string
}

// templatePart is a special token around a prompt, or the prompt.
type templatePart struct {
	SpecialToken *struct {
		ID string `json:"id"`
	}
	Sequence *struct {
		ID string `json:"id"`
	}
}

type templateSpecial struct {
	IDs []int `json:"ids"`
}

var forms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

var behaviours = map[string]behaviour{
	"Isolated": isolated, "Removed": removed, "Contiguous": contiguous,
	"MergedWithPrevious": withPrevious, "MergedWithNext": withNext,
}

// pipeline turns the components of a file into the steps of a vocabulary. path tells where a component stands.
type pipeline struct {
	v *vocabulary
}

func (p pipeline) normalizer(c *component, path string) error {
	if c == nil {
		return nil
	}
	switch c.Type {
	case "Sequence":
		for i := range c.Normalizers {
			if err := p.normalizer(&c.Normalizers[i], fmt.Sprintf("%s.normalizers[%d]", path, i)); err != nil {
				return err
			}
		}
	case "Prepend":
		p.v.normalizers = append(p.v.normalizers, normalizer{op: prepend, new: c.Prepend})
	case "Replace":
		if c.Pattern == nil || c.Pattern.String == nil || *c.Pattern.String == "" {
			return fmt.Errorf("%s.pattern has no String, want one to replace", path)
		}
		p.v.normalizers = append(p.v.normalizers, normalizer{op: replace, old: *c.Pattern.String, new: c.Content})
	case "NFC", "NFD", "NFKC", "NFKD":
		p.v.normalizers = append(p.v.normalizers, normalizer{op: compose, form: forms[c.Type]})
	default:
		return fmt.Errorf("%s.type is %q, want Sequence, Prepend, Replace, NFC, NFD, NFKC or NFKD", path, c.Type)
	}
	return nil
}

func (p pipeline) preTokenizer(c *component, path string) error {
	if c == nil {
		return nil
	}
	if p.v.byteLevel {
		return fmt.Errorf("%s comes behind a ByteLevel, want that last", path)
	}
	switch c.Type {
	case "Sequence":
		for i := range c.PreTokenizers {
			if err := p.preTokenizer(&c.PreTokenizers[i], fmt.Sprintf("%s.pretokenizers[%d]", path, i)); err != nil {
				return err
			}
		}
	case "Split":
		return p.splitOn(c, path)
	case "Digits":
		how := contiguous
		if c.IndividualDigits {
			how = isolated
		}
		return p.addSplitter(digitPattern, how, path)
	case "ByteLevel":
		if c.AddPrefixSpace == nil || *c.AddPrefixSpace {
			return fmt.Errorf("%s.add_prefix_space is true, want false", path)
		}
		p.v.byteLevel = true
		if c.UseRegex == nil || *c.UseRegex {
			return p.addSplitter(gpt2Pattern, isolated, path)
		}
	case "Metaspace":
		return p.metaspace(c, path)
	default:
		return fmt.Errorf("%s.type is %q, want Sequence, Split, Digits, ByteLevel or Metaspace", path, c.Type)
	}
	return nil
}

func (p pipeline) addSplitter(source string, how behaviour, path string) error {
	compiled, err := parsePattern(source)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	p.v.splitters = append(p.v.splitters, splitter{pattern: compiled, behaviour: how})
	return nil
}

func (p pipeline) splitOn(c *component, path string) error {
	how, ok := behaviours[c.Behavior]
	if !ok {
		return fmt.Errorf("%s.behavior is %q, want Isolated, Removed, Contiguous, MergedWithPrevious or MergedWithNext", path, c.Behavior)
	}
	switch {
	case c.Pattern != nil && c.Pattern.String != nil && *c.Pattern.String != "":
		p.v.splitters = append(p.v.splitters, splitter{pattern: quoted(*c.Pattern.String), behaviour: how})
	case c.Pattern != nil && c.Pattern.Regex != nil:
		if err := p.addSplitter(*c.Pattern.Regex, how, path+".pattern.Regex"); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%s.pattern has neither String nor Regex", path)
	}
	p.v.splitters[len(p.v.splitters)-1].invert = c.Invert
	return nil
}

// metaspace writes spaces as U+2581, puts one before a text and cuts there.
func (p pipeline) metaspace(c *component, path string) error {
	if c.Replacement != space {
		return fmt.Errorf("%s.replacement is %q, want %q", path, c.Replacement, space)
	}
	if len(p.v.splitters) > 0 || p.v.metaspace != nil {
		return fmt.Errorf("%s comes behind another pre-tokenizer, want it first", path)
	}
	p.v.metaspace = []normalizer{escapeSpaces}
	switch scheme := c.scheme(); scheme {
	case "always":
		p.v.metaspace = append(p.v.metaspace, normalizer{op: prependUnless, new: space})
	case "first":
		p.v.metaspace = append(p.v.metaspace, normalizer{op: prependFirst, new: space})
	case "never":
	default:
		return fmt.Errorf("%s.prepend_scheme is %q, want always, first or never", path, scheme)
	}
	if c.Split == nil || *c.Split {
		p.v.splitters = append(p.v.splitters, splitter{pattern: quoted(space), behaviour: withNext})
	}
	return nil
}

// scheme tells when a Metaspace puts a space before a text; old files say only whether.
func (c *component) scheme() string {
	switch {
	case c.PrependScheme != "":
		return c.PrependScheme
	case c.AddPrefixSpace != nil && !*c.AddPrefixSpace:
		return "never"
	}
	return "always"
}

// postProcessor reads which tokens go around a prompt.
func (p pipeline) postProcessor(c *component, path string) error {
	if c == nil {
		return nil
	}
	switch c.Type {
	case "Sequence":
		for i := range c.Processors {
			if err := p.postProcessor(&c.Processors[i], fmt.Sprintf("%s.processors[%d]", path, i)); err != nil {
				return err
			}
		}
	case "ByteLevel": // changes offsets only
	case "TemplateProcessing":
		return p.template(c, path)
	default:
		return fmt.Errorf("%s.type is %q, want Sequence, ByteLevel or TemplateProcessing", path, c.Type)
	}
	return nil
}

func (p pipeline) template(c *component, path string) error {
	behind := false
	for i, part := range c.Single {
		if part.Sequence != nil {
			behind = true
			continue
		}
		if part.SpecialToken == nil {
			return fmt.Errorf("%s.single[%d] is neither SpecialToken nor Sequence", path, i)
		}
		name := part.SpecialToken.ID
		ids := c.SpecialTokens[name].IDs
		if len(ids) != 1 || ids[0] < 0 || ids[0] >= len(p.v.pieces) {
			return fmt.Errorf("%s.special_tokens has %v for %q, want the id of one token", path, ids, name)
		}
		id, add := &p.v.bos, &p.v.addBOS
		if behind {
			id, add = &p.v.eos, &p.v.addEOS
		}
		if *add {
			return fmt.Errorf("%s.single[%d] is a second special token on one side, want at most one", path, i)
		}
		*id, *add = ids[0], true
	}
	return nil
}

// decoder reads whether a space is taken off the start.
func (p pipeline) decoder(c *component, path string) error {
	if c == nil {
		return nil
	}
	switch c.Type {
	case "Sequence":
		for i := range c.Decoders {
			if err := p.decoder(&c.Decoders[i], fmt.Sprintf("%s.decoders[%d]", path, i)); err != nil {
				return err
			}
		}
	case "Strip":
		if c.Content != " " || c.Start > 1 {
			return fmt.Errorf("%s takes %d of %q off, want at most 1 space", path, c.Start, c.Content)
		}
		p.v.prefix = p.v.prefix || c.Start == 1
	case "Metaspace":
		p.v.prefix = p.v.prefix || c.scheme() != "never"
	case "ByteLevel", "Replace", "ByteFallback", "Fuse":
	default:
		return fmt.Errorf("%s.type is %q, want Sequence, ByteLevel, Replace, ByteFallback, Fuse, Strip or Metaspace", path, c.Type)
	}
	return nil
}
