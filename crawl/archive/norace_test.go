//go:build !race

package archive_test

// raceEnabled reports whether the race detector is in, which takes time and memory.
const raceEnabled = false
