package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
)

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program: 0 where all went well, 1 otherwise, with the reason on
// stderr. It ends when ctx does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "sallyport",
		Short:         "Sallyport decides for Envoy who may do what",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(serveCommand(time.Now), validateCommand(time.Now), versionCommand()) //nolint:contextcheck // as in service.run
	root.AddCommand(administration(time.Now)...)                                         //nolint:contextcheck // each command has its own
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if refused, ok := errors.AsType[document.RefusalError](err); ok {
		fmt.Fprintf(stderr, "%v\n", refused)
		err = fmt.Errorf("configuration refused: %d problem(s)", len(refused))
	}
	fmt.Fprintf(stderr, "sallyport: %v\n", err)
	return 1
}

// configFlag is the one flag of the commands that read a configuration.
func configFlag(command *cobra.Command) *cobra.Command {
	command.Flags().String("config", "", "the configuration, a YAML file")
	cobra.CheckErr(command.MarkFlagRequired("config"))
	return command
}
