package main

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// showsColor reports whether a console obeys escape sequences, after asking it to (since Windows 10).
func showsColor(f *os.File) bool {
	var mode uint32
	console := windows.Handle(f.Fd())
	return windows.GetConsoleMode(console, &mode) == nil &&
		windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

// closedPipe reports whether err says that nobody reads our output any more.
func closedPipe(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}
