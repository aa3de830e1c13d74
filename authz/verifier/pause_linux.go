package verifier

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// pause ends at a time that hangs on when it should end only. The runtime's own timers
// wait in whole milliseconds from when they begin to: a lookup that took longer would
// show in how long all took (measured: t of 8 with them, of 2 like this). A timer of
// the kernel's is waited for as a connection is: no thread is held.
func pause(lasting time.Duration) {
	if awaitTimer(lasting) != nil { // there is no descriptor left
		<-time.NewTimer(lasting).C
	}
}

func awaitTimer(lasting time.Duration) error {
	descriptor, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return err
	}
	timer := os.NewFile(uintptr(descriptor), "timer")
	defer func() { _ = timer.Close() }()
	once := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(lasting))}
	if err := unix.TimerfdSettime(descriptor, 0, &once, nil); err != nil {
		return err
	}
	var expired [8]byte
	_, err = timer.Read(expired[:])
	return err
}
