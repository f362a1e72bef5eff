package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completionCases are command lines up to the cursor, with what a shell is told may come next: want must be there, and
// nothing of not.
var completionCases = []struct {
	words     []string // the last one is being typed
	want, not string
}{
	{[]string{"sea"}, "search", "crawl"},
	{[]string{"search", "ho"}, "host:", "ext:"},
	{[]string{"search", "host:"}, "host:ftp.one.example host:mirror.two.example:2121", ""},
	{[]string{"search", "wget", "host:mi"}, "host:mirror.two.example:2121", "host:ftp.one.example"},
	{[]string{"search", "-kind:image,v"}, "-kind:image,video", "-kind:image,audio"},
	{[]string{"search", "size:"}, "size:huge size:unknown", ""},
	{[]string{"search", "sort:-d"}, "sort:-date sort:-depth", "sort:-name"},
	{[]string{"search", "--fa"}, "--facets", "--json"},
	{[]string{"crawl", "--con"}, "--connections --config", "--json"},
	{[]string{"search", "--facets", "host,e"}, "host,ext", "host,type"},
	{[]string{"search", "--sort", "-si"}, "-size", "-name"},
	{[]string{"search", "--sort=-si"}, "-size", "--sort=-size"}, // --sort= is put before it by scripts of shells
	{[]string{"search", "--facets=host,y"}, "host,year", "--facets=host,year"},
	{[]string{"crawl", "--tls=r"}, "require", "never"},
	{[]string{"import", "--zone", ""}, "UTC", "auto"},
	{[]string{"servers", "--zone", ""}, "UTC auto", ""},
	{[]string{"crawl", "--tls", ""}, "auto require never", ""},
	{[]string{"crawl", "--charset", "koi"}, "koi8-r", "cp1251"},
	{[]string{"crawl", "ftp://mi"}, "ftp://mirror.two.example:2121/", "ftp://ftp.one.example/"},
	{[]string{"parse", "--format", "u"}, "unix", "vms"},
	{[]string{"servers", "ftp"}, "ftp.one.example", ""},
	{[]string{"help", "q"}, "query", "search"},
	{[]string{"help", "index", "re"}, "rebuild", "check"},
	{[]string{"completion", "z"}, "zsh", "bash"},
}

// twoServers makes a data directory with two servers and points the environment at it.
func twoServers(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("FTPIDX_DATA", filepath.Join(dir, "data"))
	t.Setenv("XDG_CONFIG_HOME", dir)
	for _, key := range []string{"ftp.one.example", "mirror.two.example:2121"} {
		file := filepath.Join(dir, "dump")
		if err := os.WriteFile(file, []byte(".:\n-rw-r--r-- 1 a b 5 Mar  9  2011 file\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, errs, status := ftpidx(t, "import", "--now", "2026-06-01T00:00:00Z", "--host", key, file); status != exitOK {
			t.Fatalf("status %d: %s%s", status, out, errs)
		}
	}
}

// checkCompletion compares what came with what may come.
func checkCompletion(t *testing.T, shell string, words []string, got []string, want, not string) {
	t.Helper()
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	for w := range strings.FieldsSeq(want) {
		if !slices.Contains(got, w) {
			t.Errorf("%s: %q: got %q, want %q", shell, words, got, w)
		}
	}
	if not != "" && slices.Contains(got, not) {
		t.Errorf("%s: %q: got %q, which %q is not to be in", shell, words, got, not)
	}
}

func TestCompletions(t *testing.T) {
	twoServers(t)
	for _, tt := range completionCases {
		out, errs, status := ftpidx(t, append([]string{"__complete"}, tt.words...)...)
		if status != exitOK {
			t.Errorf("%q: status %d: %s", tt.words, status, errs)
		}
		if strings.Contains(out, "`") {
			t.Errorf("%q: got quotes of names of values: %s", tt.words, out)
		}
		var got []string
		for line := range strings.Lines(out) {
			text, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			got = append(got, text)
		}
		checkCompletion(t, "program", tt.words, got, tt.want, tt.not)
	}
}

// shellProgram returns the path of a shell or another file that the test needs; without it the test is skipped, in CI it fails.
func shellProgram(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if filepath.IsAbs(name) {
		path = name
		_, err = os.Stat(name)
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%v; testdata/servers/fetch.sh installs it", err)
	} else if err != nil {
		t.Skip(err)
	}
	return path
}

// TestCompletionInBash types command lines as bash's readline does: it splits words at colons and calls the function that
// the script has registered.
func TestCompletionInBash(t *testing.T) {
	bash := shellProgram(t, "bash")
	library := shellProgram(t, "/usr/share/bash-completion/bash_completion")
	twoServers(t)
	var script strings.Builder
	fmt.Fprintf(&script, `set +o history
source %s
source <(ftpidx completion bash)
complete -p ftpidx >/dev/null || exit 9
try() {
	COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	__start_ftpidx ftpidx "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
	echo "== ${#COMPREPLY[@]}"
	[ ${#COMPREPLY[@]} = 0 ] || printf '%%s\n' "${COMPREPLY[@]}"
}
compopt() { :; } # only for readline
`, library)
	for _, tt := range completionCases {
		fmt.Fprintf(&script, "try %s ftpidx", shellQuote("ftpidx "+strings.Join(tt.words, " ")))
		for _, w := range tt.words {
			for _, piece := range bashWords(w) {
				fmt.Fprintf(&script, " %s", shellQuote(piece))
			}
		}
		script.WriteString("\n")
	}
	cmd := exec.Command(bash, "--norc", "--noprofile")
	cmd.Stdin = strings.NewReader(script.String())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	answers := strings.Split(string(out), "== ")[1:]
	if len(answers) != len(completionCases) {
		t.Fatalf("got %d answers to %d lines: %s", len(answers), len(completionCases), out)
	}
	for i, tt := range completionCases {
		pieces := bashWords(tt.words[len(tt.words)-1])
		// readline replaces only what comes after the last colon or equals sign.
		typed := strings.Join(pieces[:len(pieces)-1], "")
		if last := pieces[len(pieces)-1]; last == ":" || last == "=" {
			typed += last
		}
		var got []string
		for _, line := range strings.Split(answers[i], "\n")[1:] {
			text, _, _ := strings.Cut(strings.ReplaceAll(line, `\`, ""), " ") // descriptions follow where there are several
			if text != "" {
				got = append(got, typed+text)
			}
		}
		cutFlag(tt.words, got)
		checkCompletion(t, "bash", tt.words, got, tt.want, tt.not)
	}
}

// Queries stand in quotes, and are completed before these are closed: by bash and zsh alike, which differ in how a field without a
// value is offered.
func TestCompletionInOpenQuotes(t *testing.T) {
	bash, zsh := shellProgram(t, "bash"), shellProgram(t, "zsh")
	library := shellProgram(t, "/usr/share/bash-completion/bash_completion")
	twoServers(t)
	for _, tt := range []struct {
		word, want, zsh string // zsh "": the same
	}{
		{"'host:ft", "host:ftp.one.example", ""},
		{"'wget host:mi", "wget host:mirror.two.example:2121", ""},
		{"\"wget -kind:v", "wget -kind:video", ""},
		{"'ho", "host:ftp.one.example host:mirror.two.example:2121", "host:"},
		{"'nam", "name:", ""},
		{"'zzz", "", ""},
	} {
		script := fmt.Sprintf("set +o history\nsource %s\nsource <(ftpidx completion bash)\ncompopt() { :; }\n", library)
		script += fmt.Sprintf("[[ $(complete -p ftpidx) == *__ftpidx_word* ]] || exit 9\nCOMP_WORDS=(ftpidx search %s) COMP_CWORD=2 COMP_TYPE=9\n", shellQuote(tt.word))
		script += "COMP_LINE=\"${COMP_WORDS[*]}\" COMP_POINT=${#COMP_LINE}\n__ftpidx_word ftpidx\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n"
		cmd := exec.Command(bash, "--norc", "--noprofile")
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil || strings.Join(strings.Split(strings.TrimSpace(string(out)), "\n"), " ") != tt.want {
			t.Errorf("bash: %s: got %q %v, want %q", tt.word, out, err, tt.want)
		}

		script = "compdef() { :; }\nsource <(ftpidx completion zsh)\n_describe() { print -rl -- \"${(@)completions}\"; }\n_arguments() { :; }\n"
		script += fmt.Sprintf("typeset -A compstate; compstate[quote]=%s\nwords=(ftpidx search %s); CURRENT=3; _ftpidx\n", shellQuote(tt.word[:1]), shellQuote(tt.word))
		cmd = exec.Command(zsh, "-f")
		cmd.Stdin = strings.NewReader(script)
		want := tt.want
		if tt.zsh != "" {
			want = tt.zsh
		}
		out, err := cmd.CombinedOutput()
		got, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(string(out)), `\:`, "\x00"), ":")
		if got = strings.ReplaceAll(got, "\x00", ":"); got != want {
			t.Errorf("zsh: %s: got %q (%s, %v), want %q", tt.word, got, out, err, want)
		}
	}
}

// bashWords splits a word as bash does for completion: colons and equals signs stand alone (COMP_WORDBREAKS).
func bashWords(w string) []string {
	var pieces []string
	for {
		i := strings.IndexAny(w, ":=")
		if i < 0 {
			if w != "" || pieces == nil {
				pieces = append(pieces, w)
			}
			return pieces
		}
		if i > 0 {
			pieces = append(pieces, w[:i])
		}
		pieces = append(pieces, w[i:i+1])
		w = w[i+1:]
	}
}

// cutFlag removes from what a shell would put for the last word the --flag= that this begins with: once, if it is there.
func cutFlag(words, got []string) {
	flag, _, found := strings.Cut(words[len(words)-1], "=")
	if !found || !strings.HasPrefix(flag, "--") {
		return
	}
	for i := range got {
		got[i] = strings.TrimPrefix(got[i], flag+"=")
	}
}

// TestCompletionInZsh lets zsh run the function that it has loaded; what this hands to zsh's own functions is printed.
func TestCompletionInZsh(t *testing.T) {
	zsh := shellProgram(t, "zsh")
	twoServers(t)
	var script strings.Builder
	script.WriteString(`compdef() { :; }
source <(ftpidx completion zsh)
_describe() {
	local list=${argv[-1]} i
	for i in "$@"; do [[ ${(tP)i} == array* ]] && list=$i; done
	print -rl -- "${(@P)list}"
}
_arguments() { print files; }
`)
	for _, tt := range completionCases {
		script.WriteString("print -- '== '; words=(ftpidx")
		for _, w := range tt.words {
			fmt.Fprintf(&script, " %s", shellQuote(w))
		}
		fmt.Fprintf(&script, "); CURRENT=%d; _ftpidx\n", len(tt.words)+1)
	}
	cmd := exec.Command(zsh, "-f")
	cmd.Stdin = strings.NewReader(script.String())
	out, err := cmd.CombinedOutput()
	answers := strings.Split(string(out), "== ")[1:]
	if len(answers) != len(completionCases) {
		t.Fatalf("got %d answers to %d lines: %v: %s", len(answers), len(completionCases), err, out)
	}
	for i, tt := range completionCases {
		var got []string
		for _, line := range strings.Split(answers[i], "\n")[1:] {
			// Colons are escaped; the description comes after one that is not.
			text := strings.ReplaceAll(line, `\:`, "\x00")
			text, _, _ = strings.Cut(text, ":")
			got = append(got, strings.ReplaceAll(text, "\x00", ":"))
		}
		checkCompletion(t, "zsh", tt.words, got, tt.want, tt.not)
	}
}

// TestCompletionInFish asks fish itself.
func TestCompletionInFish(t *testing.T) {
	fish := shellProgram(t, "fish")
	twoServers(t)
	t.Setenv("HOME", t.TempDir())
	for _, tt := range completionCases {
		line := "ftpidx " + strings.Join(tt.words, " ")
		cmd := exec.Command(fish, "--no-config", "-c", "ftpidx completion fish | source; complete --do-complete "+shellQuote(line))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(string(out)) {
			text, _, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
			got = append(got, text)
		}
		cutFlag(tt.words, got)
		checkCompletion(t, "fish", tt.words, got, tt.want, tt.not)
	}
}

func TestCompletionInFishInOpenQuotes(t *testing.T) {
	fish := shellProgram(t, "fish")
	twoServers(t)
	t.Setenv("HOME", t.TempDir())
	for line, want := range map[string]string{"ftpidx search 'host:ft": "'host:ftp.one.example", "ftpidx search 'wget -host:mi": "'wget -host:mirror.two.example:2121"} {
		out, err := exec.Command(fish, "--no-config", "-c", "ftpidx completion fish | source; complete --do-complete "+shellQuote(line)).Output()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s: got %q %v, want %q", line, got, err, want)
		}
	}
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
