package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
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
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s: ok\n%s\n%s", file, p.summary, p.summary.remembered())
			return err
		},
	})
}

// String counts what a configuration declares.
func (s summary) String() string {
	return fmt.Sprintf("hosts %d, routes %d, connections %d, authenticators %d, policies %d",
		s.hosts, s.routes, s.connections, s.authenticators, s.policies)
}

// remembered tells of which operations verdicts are not remembered, and why. A
// reason that all of them have is told once.
func (s summary) remembered() string {
	forgotten := s.forgotten()
	text := fmt.Sprintf("remembered: %d of %d operations\n", s.operations-len(forgotten), s.operations)
	reasons := map[string]bool{}
	for _, f := range forgotten {
		reasons[f.why] = true
	}
	if len(reasons) == 1 && len(forgotten) == s.operations {
		return text + "  not any: " + forgotten[0].why + "\n"
	}
	for _, f := range forgotten {
		text += fmt.Sprintf("  not %s: %s\n", f.operation, f.why)
	}
	return text
}

func printWarnings(w io.Writer, warnings []document.Problem) {
	for _, warning := range warnings {
		_, _ = fmt.Fprintf(w, "warning: %s\n", warning)
	}
}
