package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
)

// storeCommand is for the store itself. Each command needs it for itself: no process
// may serve from it.
func storeCommand(now func() time.Time) *cobra.Command {
	group := &cobra.Command{Use: "store", Short: "Migrate, check and back up the store, while no process serves from it; list its server keys", Args: cobra.NoArgs, RunE: func(command *cobra.Command, _ []string) error { return command.Help() }}
	group.AddCommand(
		onStore(now, storeTask{"migrate", "Bring the store's schema up to this program's", cobra.NoArgs, func(_ context.Context, s *sqlite.Store, _ []string) (string, error) {
			done := s.Migrated()
			return fmt.Sprintf("schema %d, was %d", done.To, done.From), nil
		}}),
		onStore(now, storeTask{"check", "Check the database, the feed and the audit's chain", cobra.NoArgs, func(ctx context.Context, s *sqlite.Store, _ []string) (string, error) {
			return "sound", s.Check(ctx)
		}}),
		onStore(now, storeTask{"backup FILE", "Write a copy that is whole", cobra.ExactArgs(1), func(ctx context.Context, s *sqlite.Store, args []string) (string, error) {
			return "written to " + args[0], s.Backup(ctx, args[0])
		}}),
	)
	return group
}

// storeTask is one of them; do says what was done.
type storeTask struct {
	use, short string
	args       cobra.PositionalArgs
	do         func(context.Context, *sqlite.Store, []string) (string, error)
}

func onStore(now func() time.Time, task storeTask) *cobra.Command {
	return &cobra.Command{
		Use: task.use, Short: task.short, Args: task.args,
		RunE: func(command *cobra.Command, args []string) (err error) {
			plan, err := storeOf(command.Flag("config").Value.String(), now)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(command.Context(), ownerTime)
			defer cancel()
			store, err := sqlite.Open(ctx, sqlite.Settings{Path: plan.database(), Now: now})
			if err != nil {
				return fmt.Errorf("open the store: %w", err)
			}
			defer func() {
				if closed := store.Close(); err == nil {
					err = closed
				}
			}()
			said, err := task.do(command.Context(), store, args)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), said)
			return err //nolint:wrapcheck // nobody can be told where nobody reads
		},
	}
}
