//go:build !linux

package verifier

import "time"

// pause is as exact as the runtime's timers are: see pause_linux.go.
func pause(lasting time.Duration) {
	timer := time.NewTimer(lasting)
	<-timer.C
}
