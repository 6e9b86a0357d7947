// Package models is the table of bundled models. Each model is a package of its
// own below this one that embeds its weights and adds them here when imported,
// so that a program carries only the weights it asks for:
//
//	import _ "github.com/stride-ml/stride/models/tang"
//
// Package all imports every one.
package models

import (
	"maps"
	"slices"
	"sync"
)

var (
	mu    sync.RWMutex
	table = map[string][]byte{}
)

// Add makes a model file known by name. The data must not change. Adding a
// name twice keeps the first, since two packages may bundle the same model.
func Add(name string, data []byte) {
	mu.Lock()
	defer mu.Unlock()
	if _, ok := table[name]; !ok {
		table[name] = data
	}
}

// Data returns the model file of that name.
func Data(name string) ([]byte, bool) {
	mu.RLock()
	defer mu.RUnlock()
	data, ok := table[name]
	return data, ok
}

// Names lists the bundled models, sorted.
func Names() []string {
	mu.RLock()
	defer mu.RUnlock()
	return slices.Sorted(maps.Keys(table))
}
