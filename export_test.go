package stride

import "testing"

// Unmeasured lets what passes cost be what it is taken to be before anything is
// measured, until a test ends.
func Unmeasured(t testing.TB) {
	unmeasured = true
	t.Cleanup(func() { unmeasured = false })
}
