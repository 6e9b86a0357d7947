package tour_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/stride-ml/stride/tour"
)

// A tour for nobody makes the files. What it took is in the rows.
func ExampleTour_Run() {
	t := tour.Tour{Guide: tour.Quiet{}, Dir: "stride-demo", Seed: 10, Creature: "a green slime that likes poems"}
	rows, err := t.Run(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range rows {
		fmt.Println(row.Name, row.Strategy, row.Passes, row.Time, row.File)
	}
}

// A folder with files that no tour made is left alone.
func ExampleFolderError() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "novel.txt"), []byte("It was a dark and stormy night."), 0o600); err != nil {
		log.Fatal(err)
	}
	_, err = tour.Tour{Dir: dir}.Run(context.Background())
	var refused *tour.FolderError
	if errors.As(err, &refused) {
		fmt.Println("refused because of", refused.Other)
	}
	// Output:
	// refused because of novel.txt
}
