//go:build !linux

package network

// adviseHuge does nothing: the system decides by itself.
func adviseHuge([]byte) {}
