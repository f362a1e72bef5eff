package query

import "strings"

// An Example is a line of the help page: queries, three blanks between them, and what they mean.
type Example struct{ Query, Meaning string }

// A HelpSection is a part of the help page.
type HelpSection struct {
	Title    string
	Examples []Example
}

var helpTerms = []Example{
	{"ubuntu iso", "all words, one at least in the name, the others in the directory or the server's name; case and accents do not matter"},
	{"wget | curl   a OR b", "either"},
	{"-beta   !beta   NOT beta", "without"},
	{"( )", "group"},
	{`"foo bar"   foo\ bar`, "with the space"},
	{`\*   \"   \|`, "the character itself"},
	{"*.iso   lib*.[ch]", "wildcards, over the whole name: * any text, ? one character, [a-f] [!a-f], {lha,lzx} either"},
	{`/^wget-[0-9.]+\.tar/`, "regular expression (RE2) over the name"},
	{"linux/ubuntu   /pub/*.iso", "a term with / is looked for in the full path"},
	{"ftp://host/pub/x", "a pasted URL: that entry and all below it"},
}

const helpRules = `All terms must match (AND). Units are powers of 1024. Times are UTC; h d w mo(30d) y(365d), or 7days.
Unknown sizes and dates never match a comparison.
In a shell put the query in single quotes: ftpidx search 'wget -beta (ext:gz | ext:xz)'.`

// HelpSections returns what queries can say, by examples. Those of fields come from the table by which queries are read.
func HelpSections() []HelpSection {
	s := HelpSection{Title: "Fields"}
	for _, f := range fields {
		s.Examples = append(s.Examples, f.help...)
	}
	return []HelpSection{{"What to search for", helpTerms}, s}
}

// HelpRules returns what holds for all queries, a few sentences.
func HelpRules() string { return helpRules }

const (
	exampleWidth = 30    // of the column of queries
	gap          = "   " // between two queries of one meaning
)

// Help returns the page from which users learn the language, for ftpidx help query, in lines of at most width characters if
// that is 60 or more. What it says of fields comes from the table by which queries are read.
func Help(width int) string {
	var b strings.Builder
	section := func(text string) {
		for _, line := range strings.Split(text, "\n") {
			b.WriteString("  " + line + "\n")
		}
	}
	for _, s := range HelpSections() {
		b.WriteString(s.Title + ":\n")
		for _, x := range s.Examples {
			query := x.Query
			if len(query) > exampleWidth-3 { // the meaning goes below it
				for _, line := range wrap(strings.Split(query, gap), gap, width-2) {
					section(line)
				}
				query = ""
			}
			for _, line := range wrap(strings.Fields(x.Meaning), " ", width-2-exampleWidth) {
				section(query + strings.Repeat(" ", exampleWidth-len(query)) + line)
				query = ""
			}
		}
		b.WriteByte('\n')
	}
	b.WriteString(strings.Join(wrap(strings.Fields(helpRules), " ", width), "\n") + "\n\nOther names of fields:\n")
	for _, f := range fields {
		if f.aliases != nil {
			section(pad(f.name+":") + strings.Join(f.aliases, ": ") + ":")
		}
	}
	b.WriteString("\nKinds of files, by extension:\n")
	for _, k := range kindWords {
		name := k.name
		for _, line := range wrap(KindExtensions(k.name), " ", width-2-len(pad(""))) {
			section(pad(name) + line)
			name = ""
		}
	}
	return b.String()
}

// pad fills s with blanks to the width of the first column.
func pad(s string) string { return s + strings.Repeat(" ", max(1, 10-len(s))) }

// wrap joins words, with sep between them, to lines of at most width characters.
func wrap(words []string, sep string, width int) []string {
	var lines []string
	for _, w := range words {
		if n := len(lines); n > 0 && len(lines[n-1])+len(sep)+len(w) <= width {
			lines[n-1] += sep + w
			continue
		}
		lines = append(lines, w)
	}
	return lines
}
