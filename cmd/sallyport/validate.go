package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
)

func validateCommand(now func() time.Time) *cobra.Command {
	return configFlag(&cobra.Command{
		Use:   "validate --config FILE",
		Short: "Read and compile a configuration, run its policy tests, start nothing",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			file := command.Flag("config").Value.String()
			p, err := load(command.Context(), file, now)
			if err != nil {
				return err
			}
			printWarnings(command.ErrOrStderr(), p.warnings)
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s: ok\n%s\n", file, p.summary)
			return err
		},
	})
}

// String counts what a configuration declares.
func (s summary) String() string {
	return fmt.Sprintf("hosts %d, routes %d, connections %d, authenticators %d, policies %d",
		s.hosts, s.routes, s.connections, s.authenticators, s.policies)
}

func printWarnings(w io.Writer, warnings []problem) {
	for _, warning := range warnings {
		_, _ = fmt.Fprintf(w, "warning: %s\n", warning)
	}
}
