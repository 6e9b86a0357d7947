package graphone

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
)

// toy learns that c is K before a and S before e.
func toy(t testing.TB) *Model {
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
	return Learn(graphones, words, LearnOptions{Order: 4, Prune: 0.01})
}

func TestSay(t *testing.T) {
	m := toy(t)
	for word, want := range map[string]string{
		"can": "K AE1 N", "cent": "S EH1 N T", "cat": "K AE1 T", "cell": "S EH1 L", "nce": "N S EH1", "": "", "--": "", "c-a-n": "K AE1 N", "qat": "AE1 T",
	} {
		phones, bits := m.Say(word)
		if got := strings.Join(arpabet.Strings(phones), " "); got != want || bits < 0 {
			t.Errorf("%s: got %s at %.1f bits, want %s", word, got, bits, want)
		}
	}
}

func TestFile(t *testing.T) {
	m := toy(t)
	file := Write(m)
	got, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("got %+v, want %+v", got, m)
	}
	if !bytes.Equal(Write(got), file) {
		t.Error("written again it differs")
	}
	if _, err := Read(file[:10]); err == nil {
		t.Error("no error of a file cut short")
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
	f.Add(Write(toy(f)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := Read(data); err == nil {
			m.Say("cant")
		}
	})
}
