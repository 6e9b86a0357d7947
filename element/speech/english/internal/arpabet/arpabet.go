// Package arpabet numbers the phones of English: the 39 of the CMU Pronouncing
// Dictionary, vowels once for each stress.
package arpabet

import "strings"

// Names are the phones in the order of their numbers, which files and models store.
var Names = func() []string {
	var names []string
	for _, p := range strings.Fields(`AA: AE: AH: AO: AW: AY: B CH D DH EH: ER: EY: F G HH IH: IY: JH K L M N NG
		OW: OY: P R S SH T TH UH: UW: V W Y Z ZH`) {
		if base, vowel := strings.CutSuffix(p, ":"); vowel {
			names = append(names, base+"0", base+"1", base+"2")
		} else {
			names = append(names, p)
		}
	}
	return names
}()

// Count is the number of phones.
const Count = 69

var numbers = func() map[string]uint8 {
	m := make(map[string]uint8, len(Names))
	for i, n := range Names {
		m[n] = uint8(i)
	}
	return m
}()

// Number returns the number of a phone.
func Number(name string) (uint8, bool) {
	n, ok := numbers[name]
	return n, ok
}

var stress = func() (s [Count]int8) {
	for i, n := range Names {
		s[i] = -1
		if d := n[len(n)-1]; d <= '2' {
			s[i] = int8(d - '0')
		}
	}
	return s
}()

// Stress returns the stress of a vowel, 0 none, 1 primary, 2 secondary, and -1 for a consonant.
func Stress(phone uint8) int { return int(stress[phone]) }

// Base returns a phone without its stress: for a vowel, the number of it unstressed.
func Base(phone uint8) uint8 { return phone - uint8(max(stress[phone], 0)) }

// Strings returns the names of phones.
func Strings(phones []uint8) []string {
	names := make([]string, len(phones))
	for i, p := range phones {
		names[i] = Names[p]
	}
	return names
}
