// Stride generates structured objects and lets you choose how: one element at a
// time, all at once, or in N passes. It says what the choice costs.
//
//	go run ./cmd/stride generate tang 春曉
//	go run ./cmd/stride generate tang 春曉 --strategy refine --passes 8
//	go run ./cmd/stride compare tang
//	go run ./cmd/stride --help
//
// This file adds the bundled models; the command itself is in internal/command,
// whose tests bring models of their own.
package main

import (
	"os"

	"github.com/stride-ml/stride/cmd/stride/internal/command"
	_ "github.com/stride-ml/stride/models/all"
)

func main() { os.Exit(command.Main()) }
