package speech

// Tones counts how the labels were heard that have a tone.
type Tones struct {
	Heard int // as the right label, be it with another tone
	Wrong int // of these, with another tone
}

// CountTones counts tones where labels are heard right but for them: of the least
// edits between both sequences without tones, those that keep a label. base takes
// the tone from a label that has one, and leaves others as they are.
//
// It says nothing about labels that were not heard: see [CountEdits] for those, in
// which another tone is a substitution.
func CountTones(reference, heard []string, base func(label string) string) Tones {
	a, b := bare(reference, base), bare(heard, base)
	var t Tones
	for _, m := range matches(a, b) {
		want, got := reference[m[0]], heard[m[1]]
		if a[m[0]] == want {
			continue
		}
		t.Heard++
		if got != want {
			t.Wrong++
		}
	}
	return t
}

func bare(labels []string, base func(string) string) []string {
	out := make([]string, len(labels))
	for i, l := range labels {
		out[i] = base(l)
	}
	return out
}

// matches are the places of labels in a and b that the least edits keep.
func matches(a, b []string) [][2]int {
	cost := make([][]int, len(a)+1) // of what is left from a place in each
	for i := range cost {
		cost[i] = make([]int, len(b)+1)
	}
	differ := func(i, j int) int {
		if a[i] == b[j] {
			return 0
		}
		return 1
	}
	for i := len(a); i >= 0; i-- {
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) || j == len(b):
				cost[i][j] = len(a) - i + len(b) - j
			default:
				cost[i][j] = min(cost[i+1][j+1]+differ(i, j), cost[i+1][j]+1, cost[i][j+1]+1)
			}
		}
	}
	var out [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch cost[i][j] {
		case cost[i+1][j+1] + differ(i, j):
			if a[i] == b[j] {
				out = append(out, [2]int{i, j})
			}
			i, j = i+1, j+1
		case cost[i+1][j] + 1:
			i++
		default:
			j++
		}
	}
	return out
}

// ErrorRate is the share of labels whose tone is wrong; NaN without any.
func (t Tones) ErrorRate() float64 { return float64(t.Wrong) / float64(t.Heard) }

// Add returns the tones of two pairs of sequences.
func (t Tones) Add(u Tones) Tones { return Tones{t.Heard + u.Heard, t.Wrong + u.Wrong} }
