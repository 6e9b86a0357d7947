package command

import (
	"testing"

	"github.com/stride-ml/stride/network"
)

func TestTrunkSizes(t *testing.T) {
	c := network.Config{Layers: 26, Width: 1152, Heads: 4, KVHeads: 4, FFN: 6912}
	for want, change := range map[string]func(c *network.Config){
		"26 layers, 1152 wide, 4 heads, feed-forward 6912":                                  func(*network.Config) {},
		"26 layers, 1152 wide, 4 heads 256 wide (1 for keys and values), feed-forward 6912": func(c *network.Config) { c.HeadWidth, c.KVHeads = 256, 1 },
		"26 layers, 1152 wide, 4 heads, feed-forward 6912; a window of 512 positions":       func(c *network.Config) { c.Window = 512 },
		"26 layers, 1152 wide, 4 heads, feed-forward 6912; a window of 512 positions but for every layer that 6 divides": func(c *network.Config) {
			c.Window, c.GlobalEvery = 512, 6
		},
	} {
		other := c
		change(&other)
		if got := trunkSizes(other); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
