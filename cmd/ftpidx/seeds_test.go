package main

import (
	"testing"
	"time"
)

func TestParseAge(t *testing.T) {
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{"9y": 9 * 365 * day, "3mo": 90 * day, "7d": 7 * day, "2w": 14 * day, "36h": 36 * time.Hour, "1.5d": 36 * time.Hour, "0s": 0, "90m": 90 * time.Minute} {
		if got, err := parseAge(s); got != want || err != nil {
			t.Errorf("%s: got %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "d", "7", "-1d", "-1h", "7days", "1e9d", "NaNd", "7dd", "300y", "1yd", "5mos"} {
		if got, err := parseAge(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, got)
		}
	}
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "512": 512, "4k": 4096, "1GB": 1 << 30, "1.5GiB": 3 << 29, "2T": 2 << 40, "7b": 7} {
		if got, err := parseSize(s); got != want || err != nil {
			t.Errorf("%s: got %d, %v; want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "B", "-1", "1X", "GB", "1e30P", "NaN", "inf"} {
		if got, err := parseSize(s); err == nil {
			t.Errorf("%q: got %d, want an error", s, got)
		}
	}
}

func TestHuman(t *testing.T) {
	for n, want := range map[int64]string{-1: "-", 0: "0", 1023: "1023", 1024: "1.0K", 10_200: "10K", 1<<20 - 1: "1.0M", 5 << 30: "5.0G", 1<<63 - 1: "8.0E"} {
		if got := humanSize(n); got != want {
			t.Errorf("humanSize(%d): got %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := humanCount(n); got != want {
			t.Errorf("humanCount(%d): got %s, want %s", n, got, want)
		}
	}
}

func TestEscapeText(t *testing.T) {
	for s, want := range map[string]string{
		"plain name.txt":    "plain name.txt",
		"naïve 日本 a\u3000b": "naïve 日本 a\u3000b",
		"\x1b[31mred":       `\x1b[31mred`,
		"a\nb\tc\x00\x7f":   `a\x0ab\x09c\x00\x7f`,
		"caf\xe9":           `caf\xe9`,
		"\u202egpj.exe":     `\u{202e}gpj.exe`,
		"\u2028\u0085":      `\u{2028}\u{85}`,
		`back\slash`:        `back\slash`,
	} {
		if got := escapeText(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}
