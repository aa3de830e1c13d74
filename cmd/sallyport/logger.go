package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sallyport-authz/sallyport/authz"
)

// levels are the words of --log-level.
func levels() []slog.Level {
	return []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
}

// logLevelFlag says what the log tells. No level tells of single Checks: those
// are in the decision log.
func logLevelFlag(command *cobra.Command) *cobra.Command {
	command.Flags().String("log-level", "info", "what the log on stderr tells: debug, info, warn or error")
	return command
}

// logger is the process's log: JSON lines on stderr.
func logger(command *cobra.Command) (*slog.Logger, error) {
	word := command.Flag("log-level").Value.String()
	for _, level := range levels() {
		if strings.EqualFold(level.String(), word) {
			return slog.New(slog.NewJSONHandler(command.ErrOrStderr(), &slog.HandlerOptions{Level: level})), nil
		}
	}
	return nil, fmt.Errorf("--log-level %q: expected debug, info, warn or error", word)
}

// tell is for whoever asks why the process does what it does: what the
// configuration came to, without any secret of it.
func (p *plan) tell(log *slog.Logger) {
	log.Debug("compiled", "summary", p.summary.String(), "generation", p.snapshot.Generation, "warnings", len(p.warnings))
	for _, known := range p.known {
		log.Debug("authenticator", "name", known.Name, "kind", known.Kind, "word", known.Word, "carriers", fmt.Sprint(known.Carriers), "remembered", known.Reuse == authz.ReuseAllowed)
	}
}
