// Adds two numbers: a program, with JSON on its standard input and JSON as its last line.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

type input struct{ A, B *int64 }

func main() {
	sum, err := add()
	var outcome any = map[string]int64{"sum": sum}
	if err != nil {
		outcome = map[string]string{"error": err.Error()}
	}
	if err := json.NewEncoder(os.Stdout).Encode(outcome); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func add() (int64, error) {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return 0, err
	}
	if in.A == nil || in.B == nil {
		return 0, errors.New("both a and b must be given")
	}
	sum := *in.A + *in.B
	// Two numbers of one sign have a sum of the other only if it did not fit.
	if (*in.A^sum)&(*in.B^sum) < 0 {
		return 0, fmt.Errorf("the sum of %d and %d does not fit in 64 bits", *in.A, *in.B)
	}
	return sum, nil
}
