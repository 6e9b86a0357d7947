package graphone

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/sealed"
)

// toy learns that c is K before a and S before e.
func toy(t testing.TB) []byte {
	t.Helper()
	graphones := []Graphone{{}}
	numbers := map[string]uint16{}
	var words [][]uint16
	for _, w := range []string{"c:K a:AE1 t:T", "c:S e:EH1 n:N t:T", "c:K a:AE1 n:N", "c:S e:EH1 l:L l:", "a:AE1 n:N", "t:T e:EH1 n:N", "t:T a:AE1 c:K t:T", "c:K a:AE1 l:L l:"} {
		var word []uint16
		for _, g := range strings.Fields(w) {
			if numbers[g] == 0 {
				letter, said, _ := strings.Cut(g, ":")
				graphone := Graphone{Letter: letter[0], Phones: []uint8{}}
				if p, ok := arpabet.Number(said); ok {
					graphone.Phones = append(graphone.Phones, p)
				}
				numbers[g] = uint16(len(graphones))
				graphones = append(graphones, graphone)
			}
			word = append(word, numbers[g])
		}
		words = append(words, word)
	}
	file, err := Learn(graphones, words, LearnOptions{Order: 4, Prune: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSay(t *testing.T) {
	m, err := Read(toy(t))
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"can": "K AE1 N", "cent": "S EH1 N T", "cat": "K AE1 T", "cell": "S EH1 L", "nce": "N S EH1", "": "", "--": "", "c-a-n": "K AE1 N", "qat": "AE1 T",
	} {
		phones, bits := m.Say(word)
		if got := strings.Join(arpabet.Strings(phones), " "); got != want || bits < 0 {
			t.Errorf("%s: got %s at %.1f bits, want %s", word, got, bits, want)
		}
	}
}

// What is packed comes back, with what needs more bits than others.
func TestLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	levels := [][]node{{{}, {first: 300}}, {}, {}}
	for g := range uint16(300) {
		levels[1] = append(levels[1], node{graphone: g, cost: uint8(r.IntN(64)), first: uint32(len(levels[2]))})
		// Many follow the last but one, none the next.
		for n := range 300 {
			if g == 298 && n%2 == 0 || g < 298 && r.IntN(40) == 0 {
				levels[2] = append(levels[2], node{graphone: uint16(n), cost: uint8(r.IntN(40)), shorter: uint32(n)})
			}
		}
	}
	levels[1], levels[2] = append(levels[1], node{first: uint32(len(levels[2]))}), append(levels[2], node{})
	graphones := make([]Graphone, 300)
	for i := range graphones {
		graphones[i].Letter = 'a'
	}
	file, err := write(graphones, levels)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for n, l := range m.levels {
		for p, up := range levels[n][:len(levels[n])-1] {
			want := levels[n+1][up.first:levels[n][p+1].first]
			first, end := l.follow(uint32(p))
			if first != up.first || int(end-first) != len(want) {
				t.Fatalf("behind %d of %d: %d to %d, want %d from %d", p, n, first, end, len(want), up.first)
			}
			for i, w := range want {
				at, cost, ok := l.find(first, end, uint32(w.graphone))
				if !ok || at != first+uint32(i) || cost != w.cost {
					t.Fatalf("%d behind %d of %d: at %d for %d, %t, want %d", w.graphone, p, n, at, cost, ok, w.cost)
				}
			}
			if _, _, ok := l.find(first, end, 300); ok {
				t.Errorf("300 follows %d of %d", p, n)
			}
		}
	}
}

func TestReadErrors(t *testing.T) {
	file := toy(t)
	body, err := sealed.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range body {
		if _, err := Read(file[:n]); err == nil {
			t.Errorf("no error of %d of %d bytes", n, len(file))
		}
		if _, err := Read(sealed.Seal(body[:n])); err == nil {
			t.Errorf("no error of %d of %d bytes with a checksum", n, len(body))
		}
	}
	if _, err := Learn(make([]Graphone, 1000), nil, LearnOptions{Order: 2}); err == nil {
		t.Error("no error of 1000 graphones")
	}
}

func TestMeasure(t *testing.T) {
	tests := []Test{{"a", [][]uint8{{0, 18, 20}, {1, 18, 20}}}, {"b", [][]uint8{{18}}}}
	r := Measure(func(string) []uint8 { return []uint8{2, 18, 20} }, tests)
	if want := (Rates{2, 0.5, 0.5, 0.75, 1}); r != want {
		t.Errorf("got %v, want %v", r, want)
	}
}

func FuzzRead(f *testing.F) {
	body, err := sealed.Open(toy(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		if m, err := Read(sealed.Seal(body)); err == nil {
			m.Say("cant")
		}
	})
}
