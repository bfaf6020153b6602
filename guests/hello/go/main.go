// Greets by name: a program, with JSON on its standard input and JSON as its last line.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	input := struct{ Name string }{Name: "World"}
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		answer(map[string]string{"error": err.Error()})
		return
	}
	answer(map[string]string{"greeting": fmt.Sprintf("Hello, %s!", input.Name)})
}

func answer(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
