package dumps

import (
	"os/exec"
	"strings"
)

// PlocateBuild makes db of a list of pathnames, one a line.
func PlocateBuild(list, db string) *exec.Cmd {
	return exec.Command("plocate-build", "-p", "-l", "no", list, db)
}

// SQLiteBuild makes db, with the table f of trigrams, of a list of names, one a line. With content the table holds the names too,
// which LIKE compares.
func SQLiteBuild(list, db string, content bool) *exec.Cmd {
	options := "name, content='', detail=none, tokenize='trigram'"
	if content {
		options = "name, detail=none, tokenize='trigram'"
	}
	cmd := exec.Command("sqlite3", "-bail", db)
	cmd.Stdin = strings.NewReader("PRAGMA journal_mode=off;\nCREATE VIRTUAL TABLE f USING fts5(" + options + ");\n" +
		".mode ascii\n.separator \"\\037\" \"\\n\"\n.import " + list + " f\n")
	return cmd
}
