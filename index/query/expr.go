package query

import "time"

// An Expr is a node of a parsed query: *All, *And, *Or, *Not, *Words, *Text, *Number, *Date, *Perm or *Unknown.
// Trees are in normal form: And and Or have two or more operands, no And directly in And, no Or directly
// in Or, no Not of Not, and All stands nowhere but alone. They are not changed after Parse has made them.
type Expr interface {
	isExpr()
	String() string // the notation of the package comment, as (and (name has "wget") (size 1025..))
}

// A Field is what a leaf looks at.
type Field uint8

const (
	Name Field = iota
	Path
	In
	Parent
	Target
	Ext
	Host
	Type
	Kind
	Owner
	Group
	Size
	PermBits
	Depth
	Copies
	Mtime
	Added
	Seen
)

// A Mode says how a text leaf compares.
type Mode uint8

const (
	Has  Mode = iota // part of the text, or whole elements or labels of it
	Is               // the whole text
	Glob             // wildcards over the whole text
	Re               // RE2
	IP               // host only: IPv4 prefix, from the left, whole labels, ending in a dot
	CIDR             // host only: IPv4 network
)

type (
	// All matches every document.
	All struct{}

	// And matches what all its operands match.
	And struct{ Operands []Expr }

	// Or matches what any of its operands matches.
	Or struct{ Operands []Expr }

	// Not matches what its operand does not.
	Not struct{ Operand Expr }

	// Words are two or more bare terms: each in the name, the directory or the host, one at least in the name.
	Words struct{ Terms []Word }

	// A Word is one term of Words.
	Word struct {
		Value string
		Exact bool
	}

	// Text compares a text field. Value is as typed, unescaped; for Ext, Host, Owner, Group, Type and Kind folded.
	// In a Glob, a backslash stands before each character that would read as a wildcard and is none, and a class
	// negates by "!". For Re it is the pattern between the slashes. For In and Parent there is no "/" at the end,
	// but "/" alone. For Host it is [user@]host[:port], an IPv6 address in brackets; of Type and Kind, the first
	// name of each ("dir", "image"). "" stands for none: no extension, no owner or group given, a link of unknown target.
	Text struct {
		Field Field // Name to Group
		Mode  Mode
		Value string
		Exact bool // letters, accents and width count
	}

	// Number is Lo <= n <= Hi of Size (bytes), Depth or Copies. An open end is 0 or math.MaxInt64.
	// A size that is not known, and that of a directory or link, matches no Number.
	Number struct {
		Field  Field
		Lo, Hi int64
	}

	// Date matches when the document's interval of time [m, m+p) overlaps [From, To): m < To and m+p > From.
	// A zero time is an open end; the others are whole seconds, UTC. A time that is not known matches no Date.
	Date struct {
		Field    Field // Mtime, Added or Seen
		From, To time.Time
	}

	// Perm compares permission bits: Is exactly, All of them set, Any of them set.
	Perm struct {
		Mode PermMode
		Bits uint16
	}

	// Unknown matches documents whose Size or Mtime is not known. Directories and links have no size to be
	// known: they do not match Unknown{Size}.
	Unknown struct{ Field Field }
)

// A PermMode says how Perm compares.
type PermMode uint8

const (
	PermIs PermMode = iota
	PermAll
	PermAny
)

func (*All) isExpr()     {}
func (*And) isExpr()     {}
func (*Or) isExpr()      {}
func (*Not) isExpr()     {}
func (*Words) isExpr()   {}
func (*Text) isExpr()    {}
func (*Number) isExpr()  {}
func (*Date) isExpr()    {}
func (*Perm) isExpr()    {}
func (*Unknown) isExpr() {}

// A Query is a parsed query: what to find, and in which order.
type Query struct {
	Expr Expr
	Sort []SortKey // nil: not said

	src     string
	now     time.Time
	hints   []Hint
	phrases []phrase
}

// A SortKey is one key of an order.
type SortKey struct {
	Key  string // rank name path size date ext type host depth added seen copies
	Desc bool
}
