package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// Connect reaches the service for one command; done ends that.
type Connect func(command *cobra.Command) (client adminv1.AdminServiceClient, done func() error, err error)

// Commands are all of them. The clock tells which tokens have expired.
func Commands(connect Connect, now func() time.Time) []*cobra.Command {
	c := caller{connect, now}
	all := []*cobra.Command{c.token(), c.machine(), c.principal(), c.org(), c.member(), c.domain(), c.audit()}
	for _, command := range all {
		jsonFlag(command)
	}
	return all
}

func jsonFlag(command *cobra.Command) {
	command.PersistentFlags().Bool("json", false, "print the service's answer as JSON")
}

// caller makes commands that call the service.
type caller struct {
	connect Connect
	now     func() time.Time
}

// group is a command that only has others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(command *cobra.Command, _ []string) error { return command.Help() }}
	g.AddCommand(commands...)
	return g
}

// call is one call: ask sends it, show prints the answer for people.
type call[T proto.Message] struct {
	use, short string
	args       cobra.PositionalArgs
	ask        func(ctx context.Context, client adminv1.AdminServiceClient, args []string) (T, error)
	show       func(out, notes io.Writer, answer T)
}

func command[T proto.Message](c caller, of call[T]) *cobra.Command {
	return &cobra.Command{
		Use: of.use, Short: of.short, Args: of.args,
		RunE: func(command *cobra.Command, args []string) (err error) {
			client, done, err := c.connect(command)
			if err != nil {
				return err
			}
			defer func() {
				if ended := done(); err == nil {
					err = ended
				}
			}()
			answer, err := of.ask(command.Context(), client, args)
			if err != nil {
				return err
			}
			if inJSON, _ := command.Flags().GetBool("json"); inJSON {
				return printJSON(command.OutOrStdout(), answer)
			}
			of.show(command.OutOrStdout(), command.ErrOrStderr(), answer)
			return nil
		},
	}
}

func printJSON(w io.Writer, answer proto.Message) error {
	text, err := protojson.MarshalOptions{Multiline: true, UseProtoNames: true, EmitUnpopulated: true}.Marshal(answer)
	if err != nil {
		return fmt.Errorf("print answer: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err //nolint:wrapcheck // nobody can be told where nobody reads
}
