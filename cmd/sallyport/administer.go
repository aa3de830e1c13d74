package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/authz/store/sqlite"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/cli"
	"github.com/sallyport-authz/sallyport/cmd/sallyport/document"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// originOffline is where a command's changes come from that opens the store itself.
const originOffline = "offline"

// ownerTime is how long an offline command waits for a process that owns the store.
const ownerTime = time.Second

// administration are the commands over a store, and those for the store itself.
func administration(now func() time.Time) []*cobra.Command {
	connect := func(command *cobra.Command) (adminv1.AdminServiceClient, func() error, error) {
		return reach(command, now)
	}
	all := cli.Commands(connect, now)
	for _, command := range all {
		offlineFlag(command)
	}
	store := storeCommand(now)
	keys := cli.Keys(connect)
	offlineFlag(keys)
	store.AddCommand(keys)
	all = append(all, store)
	for _, command := range all {
		command.PersistentFlags().String("config", "", "the configuration, a YAML file: it says where the store is")
		cobra.CheckErr(command.MarkPersistentFlagRequired("config"))
	}
	return all
}

func offlineFlag(command *cobra.Command) {
	command.PersistentFlags().Bool("offline", false, "open the store itself: only where no process serves from it")
}

// storeOf reads of a configuration what says where the store is, and no more: a route
// that is broken must not keep anybody from revoking a token.
func storeOf(file string, now func() time.Time) (storePlan, error) {
	r := &document.Report{}
	files := newInventory()
	read, ok := readConfig(file, files, r)
	if !ok {
		return storePlan{}, r.Err()
	}
	c := &compiler{Report: r, message: read.message, root: read.root, now: now, secrets: secrets{folder: read.folder, files: files, lookup: os.LookupEnv}}
	if read.message.GetStore() == nil {
		r.Refuse(read.root.Field("store"), "no store", "store: with path and keys", "add it, or name another configuration")
	}
	return c.store(), r.Err()
}

// reach reaches administration: by the control socket of the process that serves, or
// offline by one of our own, under the owner's lock.
func reach(command *cobra.Command, now func() time.Time) (adminv1.AdminServiceClient, func() error, error) {
	plan, err := storeOf(command.Flag("config").Value.String(), now)
	if err != nil {
		return nil, nil, err
	}
	end := func(context.Context) error { return nil }
	if offline, _ := command.Flags().GetBool("offline"); offline {
		if end, err = alone(command.Context(), plan, now); err != nil {
			return nil, nil, err
		}
	}
	client, err := admin.Dial(command.Context(), plan.folder)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("reach the process that serves: %w; where none does, add --offline", err), end(command.Context()))
	}
	return client, func() error { return errors.Join(client.Close(), end(context.WithoutCancel(command.Context()))) }, nil
}

// alone opens the store and its control socket for one command.
func alone(ctx context.Context, plan storePlan, now func() time.Time) (end func(context.Context) error, err error) {
	quiet := slog.New(slog.DiscardHandler)
	v := &vault{changes: &authz.Changes{}, by: authz.Act{Actor: admin.Actor(admin.CurrentUser()), Origin: originOffline}}
	bounded, cancel := context.WithTimeout(ctx, ownerTime)
	defer cancel()
	if err := v.open(bounded, plan, now, quiet); err != nil {
		if errors.Is(err, sqlite.ErrInUse) {
			return nil, fmt.Errorf("%w: leave --offline out, and the command goes through the process that serves", err)
		}
		return nil, err
	}
	shut, err := v.opened.Load().control(gate{origin: originOffline, noted: nothingNoted{}}, plan.folder, quiet, func(error) {}) //nolint:contextcheck // a Unix socket waits for nobody
	if err != nil {
		return nil, errors.Join(err, v.close())
	}
	return func(ctx context.Context) error { return errors.Join(shut(ctx), v.close()) }, nil
}
