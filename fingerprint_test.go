package stride_test

import "testing"

// Each model has a fingerprint of its own, the same each time.
func TestFingerprint(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"tiny-english", "tiny-spoken", "tiny", "tiny-flow"} {
		m := open(t, name)
		p, err := m.Fingerprint()
		if err != nil || len(p) != 32 {
			t.Fatalf("%s: %q, %v", name, p, err)
		}
		if other := seen[p]; other != "" {
			t.Errorf("%s has the fingerprint of %s", name, other)
		}
		if again, _ := m.Fingerprint(); again != p {
			t.Errorf("%s: first %s, then %s", name, p, again)
		}
		seen[p] = name
	}
}
