package index

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// randomText returns a text of pieces.
func randomText(r *rand.Rand, n int, pieces ...string) string {
	var b strings.Builder
	for range r.IntN(n) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// What a pattern requires is in all that it matches.
func TestRequiredTextsAreThere(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	matched, useful := 0, 0
	for range 20_000 {
		pattern := randomText(r, 8, "a", "b", "abc", "é", ".", `\.`, "[ab]", "(a|bc)", "(abc)?", "x*", "(ab){2}", "[a-z]", "[jk]", "^", "$", "+", "(?:)", "|")
		re, err := regexp.Compile("(?i)" + pattern)
		if err != nil {
			continue
		}
		need := requiredBy("(?i)" + pattern)
		if len(need) > 0 {
			useful++
		}
		for range 10 {
			name := randomText(r, 6, "a", "b", "abc", "abab", "é", ".", "x", "k")
			if name == "" || !re.MatchString(name) { // no name is empty
				continue
			}
			matched++
			marked := string(rune(beginMark)) + name + string(rune(endMark))
			for _, alts := range need {
				found := false
				for _, a := range alts {
					found = found || strings.Contains(marked, a)
				}
				if !found {
					t.Fatalf("/%s/ matches %q but requires %q", pattern, name, alts)
				}
			}
		}
	}
	if matched < 1000 || useful < 1000 {
		t.Errorf("%d matches, %d patterns that require a text", matched, useful)
	}
}

func TestPatternsThatRequireSomething(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]int{ // parts
		`[0-9][a-f]{3}$`:      1,
		`[0-9]{2}\.iso`:       1,
		`lib[a-z]+-[0-9]\.so`: 2,
		`^[a-z]{2}`:           0,
		`^[a-z]k`:             1,
		`a.b.c`:               0,
		`[0-9][0-9][0-9]`:     0,
		`x(foo|bar)[0-9]{3}y`: 2,
	} {
		if got := requiredBy("(?i)" + pattern); len(got) != want {
			t.Errorf("/%s/ requires %q, want %d parts", pattern, got, want)
		}
	}
}

// A long run of parts is put together once, not from each of them on.
func TestRequiredByLongRuns(t *testing.T) {
	pattern := strings.Repeat("(a)", 1000)
	if n := testing.AllocsPerRun(1, func() { requiredBy(pattern) }); n > 50_000 {
		t.Errorf("%.0f allocations", n)
	}
	if got := requiredBy(pattern); len(got) != 1 || len(got[0]) != 1 || got[0][0] != strings.Repeat("a", 1000) {
		t.Errorf("got %d parts", len(got))
	}
}
