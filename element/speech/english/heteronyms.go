package english

import "strings"

// A heteronym is written as another word that sounds otherwise. Its readings have
// a part of speech, and which of them is meant the words around it tell: no
// grammar, but what is most often right. The first reading is that of doubt.
//
// n is a noun or adjective, v a verb, p the past of a verb.
const heteronymReadings = `
	record n R EH1 K ER0 D / v R AH0 K AO1 R D
	records n R EH1 K ER0 D Z / v R AH0 K AO1 R D Z
	present n P R EH1 Z AH0 N T / v P R IY0 Z EH1 N T
	presents n P R EH1 Z AH0 N T S / v P R IY0 Z EH1 N T S
	object n AA1 B JH EH0 K T / v AH0 B JH EH1 K T
	objects n AA1 B JH EH0 K T S / v AH0 B JH EH1 K T S
	content n K AA1 N T EH0 N T / a K AH0 N T EH1 N T
	conduct n K AA1 N D AH0 K T / v K AA0 N D AH1 K T
	contract n K AA1 N T R AE2 K T / v K AH0 N T R AE1 K T
	contracts n K AA1 N T R AE2 K T S / v K AH0 N T R AE1 K T S
	contrast n K AA1 N T R AE0 S T / v K AH0 N T R AE1 S T
	contrasts n K AA1 N T R AE0 S T S / v K AH0 N T R AE1 S T S
	convert v K AH0 N V ER1 T / n K AA1 N V ER0 T
	converts v K AH0 N V ER1 T S / n K AA1 N V ER0 T S
	convict n K AA1 N V IH0 K T / v K AH0 N V IH1 K T
	converse v K AH0 N V ER1 S / n K AA1 N V ER0 S
	conflict n K AA1 N F L IH0 K T / v K AH0 N F L IH1 K T
	conflicts n K AA1 N F L IH0 K T S / v K AH0 N F L IH1 K T S
	combat n K AA1 M B AE0 T / v K AH0 M B AE1 T
	compound n K AA1 M P AW0 N D / v K AH0 M P AW1 N D
	compounds n K AA1 M P AW0 N D Z / v K AH0 M P AW1 N D Z
	console n K AA1 N S OW0 L / v K AH0 N S OW1 L
	desert n D EH1 Z ER0 T / v D IH0 Z ER1 T
	deserts n D EH1 Z ER0 T S / v D IH0 Z ER1 T S
	digest v D AY0 JH EH1 S T / n D AY1 JH EH0 S T
	import n IH1 M P AO2 R T / v IH2 M P AO1 R T
	imports n IH1 M P AO2 R T S / v IH2 M P AO1 R T S
	increase n IH1 N K R IY2 S / v IH2 N K R IY1 S
	increases n IH1 N K R IY2 S IH0 Z / v IH0 N K R IY1 S AH0 Z
	decrease n D IY1 K R IY2 S / v D IH0 K R IY1 S
	decreases n D IY1 K R IY2 S IH0 Z / v D IH0 K R IY1 S IH0 Z
	insult n IH1 N S AH2 L T / v IH2 N S AH1 L T
	insults n IH1 N S AH2 L T S / v IH2 N S AH1 L T S
	insert v IH2 N S ER1 T / n IH1 N S ER2 T
	impact n IH1 M P AE0 K T / v IH2 M P AE1 K T
	implant n IH1 M P L AE2 N T / v IH2 M P L AE1 N T
	permit v P ER0 M IH1 T / n P ER1 M IH2 T
	permits v P ER0 M IH1 T S / n P ER1 M IH2 T S
	produce v P R AH0 D UW1 S / n P R OW1 D UW0 S
	progress n P R AA1 G R EH2 S / v P R AH0 G R EH1 S
	project n P R AA1 JH EH0 K T / v P R AH0 JH EH1 K T
	projects n P R AA1 JH EH0 K T S / v P R AH0 JH EH1 K T S
	protest n P R OW1 T EH2 S T / v P R AH0 T EH1 S T
	protests n P R OW1 T EH2 S T S / v P R AH0 T EH1 S T S
	rebel n R EH1 B AH0 L / v R IH0 B EH1 L
	rebels n R EH1 B AH0 L Z / v R IH0 B EH1 L Z
	refuse v R AH0 F Y UW1 Z / n R EH1 F Y UW2 Z
	reject v R IH0 JH EH1 K T / n R IY1 JH EH0 K T
	rejects v R IH0 JH EH1 K T S / n R IY1 JH EH0 K T S
	subject n S AH1 B JH IH0 K T / v S AH0 B JH EH1 K T
	subjects n S AH1 B JH IH0 K T S / v S AH0 B JH EH1 K T S
	suspect v S AH0 S P EH1 K T / n S AH1 S P EH2 K T
	suspects n S AH1 S P EH2 K T S / v S AH0 S P EH1 K T S
	transfer n T R AE1 N S F ER0 / v T R AE0 N S F ER1
	transfers n T R AE1 N S F ER0 Z / v T R AE0 N S F ER1 Z
	transport n T R AE1 N S P AO0 R T / v T R AE0 N S P AO1 R T
	transports n T R AE1 N S P AO0 R T S / v T R AE0 N S P AO1 R T S
	extract v IH0 K S T R AE1 K T / n EH1 K S T R AE2 K T
	extracts v IH0 K S T R AE1 K T S / n EH1 K S T R AE2 K T S
	escort v EH0 S K AO1 R T / n EH1 S K AO0 R T
	discount n D IH1 S K AW0 N T / v D IH0 S K AW1 N T
	addict n AE1 D IH2 K T / v AH0 D IH1 K T
	perfect n P ER1 F IH2 K T / v P ER0 F EH1 K T
	attribute v AH0 T R IH1 B Y UW2 T / n AE1 T R AH0 B Y UW2 T
	attributes n AE1 T R AH0 B Y UW2 T S / v AH0 T R IH1 B Y UW2 T S
	survey n S ER1 V EY2 / v S ER0 V EY1
	research n R IY1 S ER0 CH / v R IY0 S ER1 CH
	address n AE1 D R EH2 S / v AH0 D R EH1 S
	update n AH1 P D EY2 T / v AH0 P D EY1 T
	rewrite v R IY0 R AY1 T / n R IY1 R AY2 T
	incense n IH1 N S EH2 N S / v IH2 N S EH1 N S
	use v Y UW1 Z / n Y UW1 S
	uses v Y UW1 Z IH0 Z / n Y UW1 S IH0 Z
	misuse n M IH0 S Y UW1 S / v M IH0 S Y UW1 Z
	house n HH AW1 S / v HH AW1 Z
	excuse v IH0 K S K Y UW1 Z / n IH0 K S K Y UW1 S
	excuses n IH0 K S K Y UW1 S IH0 Z / v IH0 K S K Y UW1 Z IH0 Z
	abuse n AH0 B Y UW1 S / v AH0 B Y UW1 Z
	abuses n AH0 B Y UW1 S IH0 Z / v AH0 B Y UW1 Z IH0 Z
	separate n S EH1 P ER0 IH0 T / v S EH1 P ER0 EY2 T
	estimate n EH1 S T AH0 M AH0 T / v EH1 S T AH0 M EY2 T
	estimates n EH1 S T AH0 M AH0 T S / v EH1 S T AH0 M EY2 T S
	graduate n G R AE1 JH AH0 W AH0 T / v G R AE1 JH AH0 W EY2 T
	moderate n M AA1 D ER0 AH0 T / v M AA1 D ER0 EY2 T
	delegate n D EH1 L AH0 G AH0 T / v D EH1 L AH0 G EY2 T
	delegates n D EH1 L AH0 G AH0 T S / v D EH1 L AH0 G EY2 T S
	duplicate n D UW1 P L AH0 K AH0 T / v D UW1 P L AH0 K EY2 T
	alternate n AO1 L T ER0 N AH0 T / v AO1 L T ER0 N EY2 T
	deliberate n D IH0 L IH1 B ER0 AH0 T / v D IH0 L IH1 B ER0 EY2 T
	appropriate n AH0 P R OW1 P R IY0 AH0 T / v AH0 P R OW1 P R IY0 EY2 T
	articulate n AA0 R T IH1 K Y AH0 L AH0 T / v AA0 R T IH1 K Y AH0 L EY2 T
	elaborate n IH0 L AE1 B R AH0 T / v IH0 L AE1 B ER0 EY2 T
	advocate n AE1 D V AH0 K AH0 T / v AE1 D V AH0 K EY2 T
	advocates n AE1 D V AH0 K AH0 T S / v AE1 D V AH0 K EY2 T S
	associate n AH0 S OW1 S IY0 AH0 T / v AH0 S OW1 S IY0 EY2 T
	intimate n IH1 N T AH0 M AH0 T / v IH1 N T AH0 M EY2 T
	animate v AE1 N AH0 M EY2 T / n AE1 N AH0 M AH0 T
	subordinate n S AH0 B AO1 R D AH0 N AH0 T / v S AH0 B AO1 R D AH0 N EY2 T
	coordinate v K OW0 AO1 R D AH0 N EY2 T / n K OW0 AO1 R D AH0 N AH0 T
	invalid a IH2 N V AE1 L AH0 D / n IH1 N V AH0 L AH0 D
	minute n M IH1 N AH0 T / a M AY0 N UW1 T
	close v K L OW1 Z / a K L OW1 S
	live v L IH1 V / a L AY1 V
	lives n L AY1 V Z / v L IH1 V Z
	lead v L IY1 D / n L EH1 D
	read v R IY1 D / p R EH1 D
	wind n W IH1 N D / v W AY1 N D
	winds n W IH1 N D Z / v W AY1 N D Z
	wound n W UW1 N D / p W AW1 N D
	tear v T EH1 R / n T IH1 R
	tears n T IH1 R Z / v T EH1 R Z
	bow v B AW1 / n B OW1
	bows v B AW1 Z / n B OW1 Z
	bass n B EY1 S / a B AE1 S
	dove n D AH1 V / p D OW1 V
	polish v P AA1 L IH0 SH / a P OW1 L IH0 SH
	resume v R IH0 Z UW1 M / n R EH1 Z AH0 M EY2
	learned p L ER1 N D / a L ER1 N IH0 D
	beloved a B IH0 L AH1 V AH0 D / p B IH0 L AH1 V D
	august n AO1 G AH0 S T
	an a AH0 N
`

// speechPart is what a heteronym is in its place.
type speechPart byte

const (
	noun      speechPart = 'n'
	verb      speechPart = 'v'
	past      speechPart = 'p'
	adjective speechPart = 'a'
)

type reading struct {
	part   speechPart
	phones []string
}

var heteronyms = func() map[string][]reading {
	m := map[string][]reading{}
	for line := range strings.Lines(heteronymReadings) {
		word, readings, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		for r := range strings.SplitSeq(readings, " / ") {
			m[word] = append(m[word], reading{speechPart(r[0]), strings.Fields(r[2:])})
		}
	}
	return m
}()

// context is a word among its neighbours.
type context struct {
	words []spoken
	at    int
}

// word is a neighbour, "" where the voice rests between or none is.
func (c context) word(by int) string {
	at := c.at + by
	if at < 0 || at >= len(c.words) {
		return ""
	}
	for i := min(c.at, at); i < max(c.at, at); i++ {
		if c.words[i].Break != 0 {
			return ""
		}
	}
	return c.words[at].Spoken
}

// isAny tells whether a neighbour is one of the words of a list.
func (c context) isAny(by int, list string) bool { return among(c.word(by), list) }

// among tells whether a list, of words between white space, has a word.
func among(word, list string) bool {
	if word == "" {
		return false
	}
	for from := 0; ; {
		at := strings.Index(list[from:], word)
		if at < 0 {
			return false
		}
		at += from
		from = at + len(word)
		if (at == 0 || list[at-1] <= ' ') && (from == len(list) || list[from] <= ' ') {
			return true
		}
	}
}

const (
	beforeVerbs = `to will would can could may might must shall should do does did don't doesn't didn't won't wouldn't can't
		cannot couldn't shouldn't i you we they who let's let please i'll you'll he'll she'll we'll they'll it'll i'd you'd he'd she'd we'd they'd
		and/or gonna`
	beforeNouns = `a an the this that these those my your his her its our their no some any each every another of in on at by for
		with from as new old good bad great first last next own such many few much more most other into about one two three whose what
		without under between`
	determiners = "the a an it them him me us this these that those my your his our their its"
	adverbs     = "always never also just really often still even ever only soon quickly slowly not then now usually sometimes rarely strongly"
	beForms     = "is are was were be been being am isn't aren't wasn't weren't i'm you're he's she's it's we're they're seems seemed feel felt"
	haveForms   = "have has had having i've you've we've they've haven't hasn't hadn't"
	thirds      = "he she it who which everyone nobody someone"
	pastSigns   = "yesterday ago was were had did said told went came took saw thought once"
	degrees     = "very so too quite pretty rather extremely really fairly"
)

// part guesses what a heteronym is by what commonly stands around nouns and verbs; 0 is doubt.
func (c context) part(third bool) speechPart {
	before := -1
	for c.isAny(before, adverbs) || before > -3 && strings.HasSuffix(c.word(before), "ly") {
		before--
	}
	switch {
	case third && c.isAny(before, thirds):
		return verb
	case third && c.isAny(before, beforeNouns):
		return noun
	case third && c.isAny(1, determiners):
		return verb
	case third:
		return 0
	case c.isAny(before, beforeVerbs):
		return verb
	case c.isAny(before, beforeNouns), strings.HasSuffix(c.word(-1), "'s"):
		return noun
	case c.isAny(before, beForms), c.isAny(before, haveForms):
		return noun
	case c.isAny(1, determiners):
		return verb
	}
	return 0
}

// special decides on words that have signs of their own; 0 leaves them to [context.part].
var special = map[string]func(c context) speechPart{
	"content": func(c context) speechPart {
		if c.isAny(-1, beForms) || c.isAny(-1, degrees) || c.isAny(1, "with to") && !c.isAny(-1, beforeNouns) {
			return adjective
		}
		return noun
	},
	"close": func(c context) speechPart {
		switch {
		case c.isAny(1, "to by enough friend friends together call behind at range up proximity as ties relationship") && !c.isAny(-1, "to will"),
			c.isAny(-1, degrees), c.isAny(-1, beForms), c.isAny(-1, "get got gets getting come came comes keep kept stay stayed stand stood draw drew how as a"):
			return adjective
		}
		return verb
	},
	"live": func(c context) speechPart {
		switch {
		case c.isAny(1, "music show shows concert concerts broadcast stream streaming wire wires audience television tv ammunition action album performance performances recording version coverage bait animals animal video data coals"),
			c.isAny(-1, "a the broadcast aired streamed streaming perform performed go goes went going recorded is are was") && !c.isAny(1, "in at on with"):
			return adjective
		}
		return verb
	},
	"lives": func(c context) speechPart {
		if c.isAny(1, "in at on near alone here there with by under across next") && !c.isAny(-1, "their our your the many his of two three nine") {
			return verb
		}
		return c.part(true)
	},
	"lead": func(c context) speechPart {
		if c.isAny(1, "pipe pipes paint poisoning pencil pencils bullet bullets acid ore mine mines shot weights oxide battery batteries") ||
			c.isAny(-1, "of molten heavy") && !c.isAny(1, "singer actor role guitar in") {
			return noun
		}
		return verb
	},
	"read": func(c context) speechPart {
		before := -1
		for c.isAny(before, adverbs) {
			before--
		}
		switch {
		case c.isAny(before, "to will would can could may might must shall should do does did don't doesn't didn't won't let's let please i'll you'll he'll she'll we'll they'll can't couldn't shouldn't"):
			return verb
		case c.isAny(before, haveForms), c.isAny(before, beForms), c.isAny(before, "he she it well"), c.isAny(before-1, haveForms):
			return past
		}
		// The rest of the sentence may tell the time.
		for _, way := range []int{-1, 1} {
			for by := way; by > -signReach && by < signReach; by += way {
				if w := c.word(by); among(w, pastSigns) || len(w) > 4 && strings.HasSuffix(w, "ed") {
					return past
				}
			}
		}
		return verb
	},
	"wind": func(c context) speechPart {
		if c.isAny(-1, "to will would can could must i you we they") || c.isAny(1, "up down back") && !c.isAny(-1, "the a") {
			return verb
		}
		return noun
	},
	"winds": func(c context) speechPart {
		if c.isAny(-1, "road path river trail street it he she") || c.isAny(1, "up down its through around along") && !c.isAny(-1, "the strong high") {
			return verb
		}
		return noun
	},
	"wound": func(c context) speechPart {
		if c.isAny(1, "up down around round through back its his her the along itself") && !c.isAny(-1, "a the his her this to") || c.isAny(-1, "tightly") {
			return past
		}
		return noun
	},
	"tear": func(c context) speechPart {
		if c.isAny(1, "gas drop drops duct ducts ran rolled fell slid stained trickled") || c.isAny(-1, "single every shed shedding") {
			return noun
		}
		return verb
	},
	"tears": func(c context) speechPart {
		if c.isAny(-1, thirds) || c.isAny(1, "up apart down off it the") && !c.isAny(-1, beforeNouns) {
			return verb
		}
		return noun
	},
	"bow": func(c context) speechPart {
		if c.isAny(1, "and tie ties string strings of") && !c.isAny(2, "the curtsy scrape") || c.isAny(-1, "violin cross long pink red hunting his her arrow") {
			return noun
		}
		return verb
	},
	"bows": func(c context) speechPart {
		if c.isAny(1, "and tie") || c.isAny(-1, beforeNouns) && !c.isAny(1, "of") {
			return noun
		}
		return verb
	},
	"bass": func(c context) speechPart {
		if c.isAny(1, "fishing boat pond") || c.isAny(-1, "sea striped caught largemouth smallmouth fish") {
			return adjective
		}
		return noun
	},
	"dove": func(c context) speechPart {
		if c.isAny(1, "into in down under off from for to headfirst deep deeper") && !c.isAny(-1, "a the white") {
			return past
		}
		return noun
	},
	"polish": func(c context) speechPart {
		if c.words[c.at].capital && c.word(-1) != "" {
			return adjective
		}
		return verb
	},
	"resume": func(c context) speechPart {
		if c.isAny(-1, "a my your his her the this their") {
			return noun
		}
		return verb
	},
	"learned": func(c context) speechPart {
		if c.isAny(-1, "a the most very his") && c.isAny(1, "man men woman scholar professor society doctor judge friend counsel gentleman colleague journal") {
			return adjective
		}
		return past
	},
	"minute": func(c context) speechPart {
		if c.isAny(-1, degrees) || c.isAny(1, "detail details quantities amounts amount particles traces differences") {
			return adjective
		}
		return noun
	},
	"invalid": func(c context) speechPart {
		if c.isAny(-1, "an the poor") && (c.word(1) == "" || isFunctionWord(c.word(1))) {
			return noun
		}
		return adjective
	},
	"perfect": func(c context) speechPart {
		if c.isAny(-1, "to will can") {
			return verb
		}
		return noun
	},
	"beloved": func(c context) speechPart {
		if c.isAny(1, "by") {
			return past
		}
		return adjective
	},
	"use": func(c context) speechPart {
		if c.isAny(-1, "no any what little much of the make made a in their its for") && !(c.isAny(1, determiners) && !c.isAny(-1, "no any little much of")) {
			return noun
		}
		return 0
	},
	"refuse": func(c context) speechPart {
		if c.isAny(-1, "the of household") {
			return noun
		}
		return verb
	},
	"house": func(c context) speechPart {
		if c.isAny(-1, "to") && c.isAny(1, determiners) {
			return verb
		}
		return noun
	},
}

// signReach is how many words away a sign of the past is looked for.
const signReach = 12

// heteronym returns the phones of a word in its place, nil of words that have one reading.
func (c context) heteronym() []string {
	word := c.words[c.at].Spoken
	readings := heteronyms[word]
	if readings == nil {
		return nil
	}
	part := speechPart(0)
	if decide := special[word]; decide != nil {
		part = decide(c)
	}
	if part == 0 {
		part = c.part(strings.HasSuffix(word, "s") && heteronyms[strings.TrimSuffix(word, "s")] != nil)
	}
	for _, r := range readings {
		if r.part == part {
			return r.phones
		}
	}
	return readings[0].phones
}

const functionWords = `a an the and or but if of to in on at by for with from as is are was were be been has have had do does did will would
	can could may might must shall should not that this these those it its he she they we you i who which than then when where while
	because about into over under after before up down out off per so too`

func isFunctionWord(word string) bool { return among(word, functionWords) }
