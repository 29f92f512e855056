// Reads a dashboard as Grafana's own model of one (schemas generated from Grafana's sources), and says what is unknown, missing or wrong.
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	var read dashboard.Dashboard
	if err := read.UnmarshalJSONStrict(text); err != nil {
		fail(err)
	}
	if err := read.Validate(); err != nil {
		fail(err)
	}
	fmt.Printf("%d panels\n", len(read.Panels))
}

// An error without a text is an empty list of errors.
func fail(err error) {
	if err.Error() == "" {
		return
	}
	fmt.Println(err)
	os.Exit(1)
}
