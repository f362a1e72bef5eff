package query

import "strings"

const helpTerms = `ubuntu iso                 all words; at least one in the name, the others may be in the directory or the
                           server's name; case and accents do not matter
wget | curl     a OR b     either            -beta   !beta   NOT beta    without         ( )  group
"foo bar"       foo\ bar   with the space    \* \" \|   the character itself
*.iso   lib*.[ch]          wildcards, over the whole name: * any text, ? one character, [a-f] [!a-f], {lha,lzx} either
/^wget-[0-9.]+\.tar/       regular expression (RE2) over the name
linux/ubuntu   /pub/*.iso  a term with / is looked for in the full path
ftp://host/pub/x           a pasted URL: that entry and all below it`

const helpRules = `All terms must match (AND). Units are powers of 1024. Times are UTC; h d w mo(30d) y(365d), or 7days.
Unknown sizes and dates never match a comparison.
In a shell put the query in single quotes: ftpidx search 'wget -beta (ext:gz | ext:xz)'.`

// Help returns the page from which users learn the language, for ftpidx help query: lines of at most 120 characters. What
// it says of fields comes from the table by which queries are read.
func Help() string {
	var b strings.Builder
	section := func(text string) {
		for _, line := range strings.Split(text, "\n") {
			b.WriteString("  " + line + "\n")
		}
	}
	b.WriteString("What to search for:\n")
	section(helpTerms)
	b.WriteString("\nFields:\n")
	for _, f := range fields {
		if f.help != "" {
			section(strings.TrimPrefix(f.help, "\n"))
		}
	}
	b.WriteString("\n" + helpRules + "\n\nOther names of fields:\n")
	for _, f := range fields {
		if f.aliases != nil {
			section(pad(f.name+":") + strings.Join(f.aliases, ": ") + ":")
		}
	}
	b.WriteString("\nKinds of files, by extension:\n")
	for _, k := range kindWords {
		name := k.name
		for _, line := range wrap(KindExtensions(k.name), 100) {
			section(pad(name) + line)
			name = ""
		}
	}
	return b.String()
}

// pad fills s with blanks to the width of the first column.
func pad(s string) string { return s + strings.Repeat(" ", max(1, 10-len(s))) }

// wrap joins words to lines of at most width characters.
func wrap(words []string, width int) []string {
	var lines []string
	for _, w := range words {
		if n := len(lines); n > 0 && len(lines[n-1])+1+len(w) <= width {
			lines[n-1] += " " + w
			continue
		}
		lines = append(lines, w)
	}
	return lines
}
