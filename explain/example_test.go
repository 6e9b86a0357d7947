package explain_test

import (
	"fmt"
	"strings"

	"github.com/stride-ml/stride/explain"
)

func ExampleWrite() {
	var b strings.Builder
	if err := explain.Write(&b, "refine", explain.Options{Passes: 4}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Join(strings.Split(b.String(), "\n")[:7], "\n"))
	// Output:
	// refine: N passes, the surest first
	//
	// Who is Mr. Lee? Each pass draws every open slot, as nar does, but keeps only the
	// draws that the network found most likely. The next pass sees them:
	//
	//   pass  slot 1           slot 2                  committed   confidence
	//      1  te 0.50, · 0.50  acher 0.50, actor 0.50  [te] ____         0.50
}
