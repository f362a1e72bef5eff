package query

// A valueKind says how the value of a field is read.
type valueKind uint8

const (
	termValue    valueKind = iota // a term: part of a text, wildcards, perhaps a regular expression
	listValue                     // texts between commas
	hostValue                     // servers between commas
	wordValue                     // known words between commas
	sizeValue                     // a number of bytes, or a class
	smallerValue                  // a number of bytes to be below
	largerValue                   // a number of bytes to be above
	countValue                    // a number
	dateValue                     // a date or an age, with operators and ranges
	sinceValue                    // a date or an age: from then on
	untilValue                    // a date or an age: before then
	permValue                     // permission bits
	shortValue                    // short for a type and perhaps a term
	settingValue                  // no leaf: sort, case
)

// A fieldInfo is a row of the table of fields.
type fieldInfo struct {
	name    string
	aliases []string
	value   valueKind
	field   Field
	word    string    // of shortValue: the type
	help    []Example // of the help page; nil if those of another row say it
}

// fields is the table of fields: the language, its help and its suggestions are read from it.
var fields = [...]fieldInfo{
	{"name", []string{"filename", "basename"}, termValue, Name, "", []Example{
		{"name:wget", "in the name only"},
		{"name:=README", "the whole name, not a part of it"},
	}},
	{"path", []string{"wholename"}, termValue, Path, "", []Example{{"path:wget", "in the full path"}}},
	{"in", []string{"under", "below", "infolder"}, termValue, In, "", []Example{
		{"in:/pub/linux   in:linux", "anywhere below that directory"},
		{"parent:/pub", "directly in it"},
	}},
	{"parent", nil, termValue, Parent, "", nil},
	{"ext", []string{"extension"}, listValue, Ext, "", []Example{
		{"ext:iso,img   ext:tar.gz", "extension, one of"},
		{`ext:""`, "none"},
	}},
	{"kind", nil, wordValue, Kind, "", []Example{{"kind:image,video,audio,archive,doc,disk,exe,code", "by extension"}}},
	{"host", []string{"server", "site"}, hostValue, Host, "", []Example{
		{"host:debian.org", "server or domain: one or more labels of its name"},
		{"host:*.edu   host:10.1   host:10.0.0.0/8   host:user@h:2121", "a pattern, a network, one login at one port"},
	}},
	{"type", []string{"is"}, wordValue, Type, "", []Example{
		{"type:file,dir,link,other", "what it is"},
		{"file:*.iso   folder:linux", "short for type: and a term"},
	}},
	{"file", []string{"files"}, shortValue, Type, "file", nil},
	{"folder", []string{"folders", "dir"}, shortValue, Type, "dir", nil},
	{"link", []string{"symlink"}, shortValue, Type, "link", nil},
	{"size", nil, sizeValue, Size, "", []Example{
		{"size:>1gb   size:10k..2m", "in bytes"},
		{"size:700mb", "700 up to 701"},
		{"size:empty|tiny|small|medium|large|huge|gigantic|unknown", "in words; large is 1 up to 16 MB"},
	}},
	{"larger", nil, largerValue, Size, "", []Example{{"larger:1g   smaller:10k", "no < or > for the shell"}}},
	{"smaller", nil, smallerValue, Size, "", nil},
	{"date", []string{"dm", "modified", "datemodified", "mtime"}, dateValue, Mtime, "", []Example{
		{"date:2024   date:2024-01..2024-06   date:>=2024-05-17", "when it was modified"},
		{"date:unknown", "not known"},
	}},
	{"after", []string{"since", "newer"}, sinceValue, Mtime, "", []Example{
		{"newer:7d   older:1y", "by age"},
		{"after:2020   before:2022", "by date"},
	}},
	{"before", []string{"older"}, untilValue, Mtime, "", nil},
	{"perm", []string{"mode"}, permValue, PermBits, "", []Example{
		{"perm:0644   perm:o+w", "permissions"},
		{"perm:-022", "all of these"},
		{"perm:/022", "any"},
	}},
	{"depth", []string{"parents"}, countValue, Depth, "", []Example{
		{"depth:<3", "directories above it"},
		{"copies:>3", "how many files of its name and size there are"},
		{"owner:root   group:staff", "whose it is"},
		{"target:v2.6", "where a link leads"},
		{"added:7d   seen:today", "when it came, and was last there"},
	}},
	{"owner", []string{"user"}, listValue, Owner, "", nil},
	{"group", nil, listValue, Group, "", nil},
	{"target", []string{"linkto"}, termValue, Target, "", nil},
	{"added", []string{"firstseen"}, dateValue, Added, "", nil},
	{"seen", []string{"lastseen", "alive"}, dateValue, Seen, "", nil},
	{"copies", []string{"mirrors"}, countValue, Copies, "", nil},
	{"sort", nil, settingValue, 0, "", []Example{
		{"sort:-size   sort:name", "rank (default) name path size date ext type host depth added seen copies; - is descending"},
	}},
	{"case", nil, settingValue, 0, "", []Example{
		{"case:yes   case:auto", "exact letters; auto: only for terms that hold a capital letter"},
	}},
}

// reserved are names that are fields elsewhere, with what to write here instead.
var reserved = map[string]string{
	"gone":  "the index keeps no history",
	"as-of": "the index keeps no history",
	"regex": "write a regular expression between slashes: /^foo/",
	"re":    "write a regular expression between slashes: /^foo/",
	"rx":    "write a regular expression between slashes: /^foo/",
	"exact": "write (foo case:yes) for exact letters, name:=foo for the whole name",
	"wfn":   "write name:=foo for the whole name",
	"limit": "the number of hits is no part of the query: use --limit",
	"count": "the number of hits is no part of the query: use --count",
	"ftp":   "to search one server write host:NAME",
	"ftps":  "to search one server write host:NAME",
	"ftpes": "to search one server write host:NAME",
	"http":  "only FTP servers are indexed; to search one write host:NAME",
	"https": "only FTP servers are indexed; to search one write host:NAME",
}

// lookupField returns the row of a field or alias in lower case, or nil.
func lookupField(name string) *fieldInfo {
	for i := range fields {
		f := &fields[i]
		if f.name == name {
			return f
		}
		for _, a := range f.aliases {
			if a == name {
				return f
			}
		}
	}
	return nil
}

// A named is a word of a closed set and its other spellings.
type named struct {
	name  string
	other []string
}

var typeWords = []named{
	{"file", []string{"f", "files"}},
	{"dir", []string{"d", "dirs", "folder", "folders", "directory", "directories"}},
	{"link", []string{"l", "links", "symlink", "symlinks"}},
	{"other", []string{"others"}},
}

var kindWords = []named{
	{"image", []string{"images", "pic", "pics"}},
	{"video", []string{"videos", "movie", "movies"}},
	{"audio", []string{"audios", "music", "musics", "sound", "sounds"}},
	{"archive", []string{"archives", "zip", "zips"}},
	{"doc", []string{"docs", "document", "documents"}},
	{"disk", []string{"disks", "iso", "isos"}},
	{"exe", []string{"exes", "program", "programs"}},
	{"code", []string{"codes"}},
}

// findWord returns the first name of a word of the set, or "".
func findWord(set []named, word string) string {
	for _, w := range set {
		if w.name == word {
			return w.name
		}
		for _, o := range w.other {
			if o == word {
				return w.name
			}
		}
	}
	return ""
}
