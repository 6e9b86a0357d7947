package measure

import (
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/train"
)

// defaultPrompts is how many prompts a comparison takes if none are given.
const defaultPrompts = 24

// titles are prompts for poems when there is no data to take titles from. Most
// are titles that poets used again and again.
var titles = [defaultPrompts]string{
	"春曉", "登高", "送友人", "秋夜", "山居", "江雪", "望月", "早行",
	"春望", "夜雨", "題僧院", "塞下曲", "宮詞", "梅花", "漁父", "過故人莊",
	"晚泊", "落葉", "聞笛", "懷古", "寄遠", "雪後", "採蓮曲", "九日登山",
}

// openings are prompts for models that continue a text.
var openings = [...]string{
	"Once upon a time", "One day", "There was a little girl", "The old man",
	"Tom and his dog", "In the morning", "It was raining", "A small bird",
}

// captions are prompts for models of pictures.
var captions = [...]string{
	"a red dragon", "a blue potion", "a grey stone wall", "a wizard with a staff",
	"a golden sword", "a green tree", "a smiling face", "a black cat",
	"an orange flame", "a brown door", "a purple robe", "a silver shield",
	"a white skeleton", "a green snake", "a brown book", "a blue ghost",
}

// sentences are texts for voices, by language.
var sentences = map[string][]string{
	"english": {
		"Good morning, the dragon is awake.", "She put the lamp on the table and closed the door.", "How far is it to the next village?",
		"Three ships left the harbour before the storm.", "Nobody had seen the old key for years.", "Please give me the blue bottle, not the green one.",
		"The river froze early that winter.", "We should have asked someone for the way.",
	},
	"mandarin": {
		"今天的天氣很好。", "他把書放在桌子上，然後走了。", "你知道車站在哪裡嗎？", "這條河的水很清。",
		"我們明天早上八點出發。", "她喜歡喝茶，也喜歡看書。", "請你再說一遍。", "山上下了很大的雪。",
	},
}

// builtinPrompts returns the prompts used without data: for poems titles, with
// the forms that the model knows in turn.
func builtinPrompts(info stride.Info) []stride.Prompt {
	forms, ok := info.Conditions["form"]
	if public(info) {
		return tasks()
	}
	if !ok {
		texts := openings[:]
		switch {
		case info.Picture != nil:
			texts = captions[:]
		case info.Sound != nil:
			texts = sentences[info.Sound.Language]
		}
		prompts := make([]stride.Prompt, len(texts))
		for i, text := range texts {
			prompts[i] = stride.Prompt{Text: text}
		}
		return prompts
	}
	prompts := make([]stride.Prompt, len(titles))
	for i, title := range titles {
		prompts[i] = stride.Prompt{Text: title}
		if len(forms) > 0 {
			prompts[i].Conditions = map[string]string{"form": forms[i%len(forms)]}
		}
	}
	return prompts
}

// longestTitle is how much of a title becomes a prompt, in characters: training
// looks at no more, and some titles are longer than the poem.
const longestTitle = 32

// promptOf returns the prompt that asks for a poem like this one, with the
// conditions that the model knows.
func promptOf(p train.Poem, info stride.Info) stride.Prompt {
	title := []rune(p.Title)
	prompt := stride.Prompt{Text: string(title[:min(len(title), longestTitle)]), Conditions: map[string]string{}}
	for name, value := range map[string]string{"form": p.Form, "dynasty": p.Dynasty} {
		if slices.Contains(info.Conditions[name], value) {
			prompt.Conditions[name] = value
		}
	}
	return prompt
}

// shuffled returns rows in a random order that depends on the seed alone.
func shuffled[T any](rows []T, seed uint64) []T {
	out := slices.Clone(rows)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// alike returns up to n of the poems, in their order: the k-th has the form that
// the k-th prompt asks for, prompts taken in turn. So real poems are measured on
// the same forms as generated ones: short poems and long ones differ in what a
// judge says. Where a form runs out there are fewer.
func alike(poems []train.Poem, prompts []stride.Prompt, n int) []train.Poem {
	next := make(map[string]int) // by form asked, where to look on
	taken := make([]bool, len(poems))
	var out []train.Poem
	for k := range n {
		asked := prompts[k%len(prompts)].Conditions["form"]
		want := askedForm(asked)
		i := next[asked]
		for i < len(poems) && (taken[i] || want != Form{} && poems[i].Form != want.Name) {
			i++
		}
		next[asked] = i
		if i < len(poems) {
			taken[i] = true
			out = append(out, poems[i])
		}
	}
	return out
}

// askedForm is the form of a condition's value, the zero Form for a value that
// is none of [Forms].
func askedForm(value string) Form {
	f, err := ParseForm(value)
	if err != nil {
		return Form{}
	}
	return f
}
