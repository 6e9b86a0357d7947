package explain

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride/internal/standin"
	"github.com/stride-ml/stride/strategy"
)

// A dog that runs to the left, and one that runs to the right.
const (
	left  = "··█·····/·██·····/███····█/·██████·/··█████·/··█████·/·█·██·█·/█··██··█"
	right = "·····█··/·····██·/█····███/·██████·/·█████··/·█████··/·█·██·█·/█··██··█"
)

const (
	side = 8
	// contrast of the dogs to noise of deviation 1: faint, so that it takes several
	// passes to tell them apart.
	contrast = 0.15
	tries    = 200
)

// dogs is a network that knows the two.
func dogs() *standin.Field {
	f := standin.Drawings(left, right)
	for _, picture := range f.Pictures {
		for i := range picture {
			picture[i] *= contrast
		}
	}
	return f
}

// flow draws a dog in 1, 2, 4 and 8 passes, or pass by pass in as many as were asked
// for.
func (p *page) flow() (any, error) {
	f := dogs()
	var d struct{ Both, Ends, Trail, Blur string }
	var err error
	d.Both = p.gallery([][]float32{f.Pictures[0], f.Pictures[1], f.Mean(0, 1)}, p.words.dogs)
	if p.asked {
		d.Trail, err = p.trail(f)
	} else {
		d.Ends, err = p.ends(f)
	}
	if err != nil {
		return nil, err
	}
	d.Blur, err = p.blurs(f)
	return d, err
}

// ends shows what some numbers of passes come to.
func (p *page) ends(f *standin.Field) (string, error) {
	var ends [][]float32
	var names []string
	for _, passes := range []int{1, 2, 4, 8} {
		run, _, err := p.flows(f, passes, p.Seed)
		if err != nil {
			return "", err
		}
		ends = append(ends, run[len(run)-1])
		names = append(names, "N = "+strconv.Itoa(passes))
	}
	return p.gallery(ends, names), nil
}

// trail shows what the passes of one run expect.
func (p *page) trail(f *standin.Field) (string, error) {
	run, times, err := p.flows(f, p.Passes, p.Seed)
	if err != nil {
		return "", err
	}
	var shown [][]float32
	var names []string
	for _, i := range spread(len(run), 8) {
		shown = append(shown, run[i])
		names = append(names, fmt.Sprintf(p.words.passAt, i+1, times[i]))
	}
	return p.gallery(shown, names), nil
}

// flows makes a picture in so many passes and returns what each of them expected.
func (p *page) flows(f *standin.Field, passes int, seed uint64) (run [][]float32, times []float32, err error) {
	name := "refine"
	if passes == 1 {
		name = "nar"
	}
	f.Passes = nil
	m, err := strategy.NewFlow(name, f, strategy.FlowOptions{Seed: seed, Passes: passes, Guidance: 1})
	if err != nil {
		return nil, nil, err
	}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			return nil, nil, err
		}
		run, times = append(run, slices.Clone(step.Values)), append(times, step.Time)
	}
	return run, times, nil
}

// blurs is how far pictures are from the nearest dog, as a share of how far the
// mean of the dogs is.
func (p *page) blurs(f *standin.Field) (string, error) {
	_, blurred := f.Nearest(f.Mean(0, 1))
	rows := [][]string{{p.words.passes}, {p.words.blur}}
	for _, passes := range []int{1, 2, 4, 8, 16, 32} {
		sum := 0.0
		for i := range uint64(tries) {
			run, _, err := p.flows(f, passes, p.Seed+i)
			if err != nil {
				return "", err
			}
			_, d := f.Nearest(run[len(run)-1])
			sum += d / blurred / tries
		}
		rows[0] = append(rows[0], strconv.Itoa(passes))
		rows[1] = append(rows[1], fmt.Sprintf("%.0f %%", 100*sum))
	}
	return p.table(rows, 1, 2, 3, 4, 5, 6), nil
}

// spread is at most so many of n numbers, the first and the last among them.
func spread(n, most int) (out []int) {
	if n <= most {
		most = n
	}
	for i := range most {
		out = append(out, int(math.Round(float64(i*(n-1))/float64(max(most-1, 1)))))
	}
	return out
}

// gallery draws pictures side by side, each under its name.
func (p *page) gallery(pictures [][]float32, names []string) string {
	const between = 2
	fit := max(1, (p.Width-2)/(2*side+between))
	var lines []string
	for len(pictures) > 0 {
		n := min(fit, len(pictures))
		rows := make([]string, side+1)
		for k, picture := range pictures[:n] {
			if k > 0 {
				for i := range rows {
					rows[i] += strings.Repeat(" ", between)
				}
			}
			rows[0] += p.paint(faint, names[k]) + strings.Repeat(" ", max(0, 2*side-lipgloss.Width(names[k])))
			for y := range side {
				rows[y+1] += p.row(picture[y*side : (y+1)*side])
			}
		}
		for _, row := range rows {
			lines = append(lines, "  "+strings.TrimRight(row, " "))
		}
		pictures, names = pictures[n:], names[n:]
	}
	return strings.Join(lines, "\n")
}

// row draws pixels of two cells each, in greys if there are colours and in five
// shades otherwise.
func (p *page) row(values []float32) string {
	shades := []rune(" ░▒▓█")
	var b strings.Builder
	for _, v := range values {
		light := max(0, min(1, (float64(v)/contrast+1)/2))
		if p.Colour {
			grey := int(math.Round(30 + 225*light))
			fmt.Fprintf(&b, "\x1b[48;2;%d;%d;%dm  \x1b[m", grey, grey, grey)
			continue
		}
		b.WriteString(strings.Repeat(string(shades[int(math.Round(light*4))]), 2))
	}
	return b.String()
}
