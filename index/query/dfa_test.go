package query

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
)

func randomOf(r *rand.Rand, n int, pieces ...string) string {
	var b strings.Builder
	for range r.IntN(n) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// What a dfa matches is what package regexp matches.
func TestDFAMatchesAsRegexpDoes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	matched, used := 0, 0
	for range 20_000 {
		pattern := "(?i)" + randomOf(r, 9, "a", "b", "abc", "é", ".", `\.`, "[ab]", "[^a]", "(a|bc)", "(abc)?", "x*", "(ab){2}", "^", "$", "+", "?",
			"(?:)", "|", `\b`, "(?m:^)", "(?s:.)", "(?-i:K)", "\n", "[[:word:]]", "(^|b)", "($|b)", `\z`, "a{1,3}")
		re, err := regexp.Compile(pattern)
		if err != nil {
			continue
		}
		used++
		match := matcherOf(re)
		for range 10 {
			text := randomOf(r, 7, "a", "b", "abc", "abab", "é", ".", "x", "K", "k", "\n", "\xff")
			want := re.MatchString(text)
			if want {
				matched++
			}
			if got := match(text); got != want {
				t.Fatalf("/%s/ matches %q: got %v, want %v", pattern, text, got, want)
			}
		}
	}
	if used < 5000 || matched < 10_000 {
		t.Errorf("%d patterns, %d matches", used, matched)
	}
}

// A pattern with too many states is left to package regexp, whoever meets the last one.
func TestDFAOfTooManyStates(t *testing.T) {
	t.Parallel()
	re := regexp.MustCompile("a[ab]{12}c") // has to remember where each of the last 13 a was
	match := matcherOf(re)
	var g sync.WaitGroup
	for seed := range uint64(4) {
		g.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1))
			for range 2000 {
				text := randomOf(r, 60, "a", "b", "a", "b", "c")
				if got, want := match(text), re.MatchString(text); got != want {
					t.Errorf("%q: got %v, want %v", text, got, want)
				}
			}
		})
	}
	g.Wait()
}

func BenchmarkMatcher(b *testing.B) {
	names := []string{"libfoo-dev_1.2.3-4_amd64.deb", "readme.txt", "index.html", "0123456789abcdef", "a", "wget-1.24.5.tar.gz"}
	for _, pattern := range []string{`(?i)[0-9][a-f]{3}$`, `(?i)^[^.]{3,5}$`, `(?i)[aeiou].*[0-9]+.*x`} {
		re := regexp.MustCompile(pattern)
		for name, match := range map[string]func(string) bool{"regexp": re.MatchString, "dfa": matcherOf(re)} {
			b.Run(pattern[4:]+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					match(names[i%len(names)])
					i++
				}
			})
		}
	}
}
