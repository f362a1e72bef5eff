package index

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
)

// ErrCursor says that a cursor is damaged, or of another query or order.
var ErrCursor = errors.New("index: this cursor is damaged, or of another query or order")

// AppendKey appends to dst the key of d, a document that the expression of o selects. Keys compare as documents do:
// bytes.Compare of two keys is Compare of their documents. So a key says where a result went on, whatever the index
// holds by then.
//
// Each key of the order gives a byte that puts the unknown last, then the value: numbers of fixed length, high byte
// first, texts with an end that sorts below all they can hold; inverted if descending.
func (o *Order) AppendKey(dst []byte, d *Document) []byte { return o.appendKey(dst, d, d) }

// appendKey is AppendKey of d, ranked as the document that ranked stands for.
func (o *Order) appendKey(dst []byte, d, ranked *Document) []byte {
	for _, k := range o.keys {
		known := true
		start := len(dst) + 1
		dst = append(dst, 0)
		switch k.Key {
		case "rank":
			dst = append(dst, byte(o.tier(d)))
			dst = binary.BigEndian.AppendUint64(dst, FixedRank(ranked, o.now))
			dst = appendURLKey(dst, d)
		case "name":
			dst = appendTextKey(appendTextKey(dst, query.Fold(d.NameText())), d.NameText())
		case "path":
			dst = appendTextKey(appendTextKey(dst, query.Fold(d.PathText())), d.PathText())
		case "host":
			dst = appendTextKey(dst, d.Server.Key())
		case "ext":
			ext := extension(d)
			dst, known = appendTextKey(dst, ext), ext != ""
		case "size":
			dst, known = appendNumberKey(dst, d.Size), d.Size >= 0
		case "type":
			dst = append(dst, byte(typeOrder[d.Type]))
		case "depth":
			dst = appendNumberKey(dst, int64(d.Depth()))
		case "copies":
			dst = appendNumberKey(dst, int64(max(d.Copies, 1)))
		case "date":
			dst, known = appendTimeKey(dst, d.ModTime), !d.ModTime.IsZero()
		case "added":
			dst, known = appendTimeKey(dst, d.Added.Truncate(time.Second)), !d.Added.IsZero()
		case "seen":
			dst, known = appendTimeKey(dst, d.Seen.Truncate(time.Second)), !d.Seen.IsZero()
		}
		switch {
		case !known:
			dst = append(dst[:start-1], 1)
		case k.Desc:
			for i := start; i < len(dst); i++ {
				dst[i] = ^dst[i]
			}
		}
	}
	return appendURLKey(dst, d)
}

func appendURLKey(dst []byte, d *Document) []byte {
	return appendTextKey(appendTextKey(dst, d.Server.Key()), d.Path())
}

// appendTextKey appends s and an end, 0 1, that is less than any byte that could stand there: a 0 in s becomes 0 255.
func appendTextKey(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		dst = append(dst, s[i])
		if s[i] == 0 {
			dst = append(dst, 0xff)
		}
	}
	return append(dst, 0, 1)
}

func appendNumberKey(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(n)^(1<<63))
}

func appendTimeKey(dst []byte, t time.Time) []byte {
	return binary.BigEndian.AppendUint32(appendNumberKey(dst, t.Unix()), uint32(t.Nanosecond()))
}

// Cursor returns the cursor after the hit whose key is given.
func (o *Order) Cursor(key []byte) string {
	b := binary.BigEndian.AppendUint64(nil, o.fingerprint())
	return base64.RawURLEncoding.EncodeToString(append(b, key...))
}

// After returns the key in a cursor: the page is what has greater keys. The error is ErrCursor.
func (o *Order) After(cursor string) (key []byte, err error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) <= 8 || binary.BigEndian.Uint64(b) != o.fingerprint() {
		return nil, ErrCursor
	}
	return b[8:], nil
}

// fingerprint returns a number that two queries hardly share. Points in time do not count, because that of newer:7d
// is another on the next page.
func (o *Order) fingerprint() uint64 {
	h := fnv.New64a()
	io.WriteString(h, timeless(o.expr).String())
	for _, k := range o.keys {
		io.WriteString(h, " "+k.String())
	}
	return h.Sum64()
}

// timeless returns e without its points in time.
func timeless(e query.Expr) query.Expr {
	list := func(in []query.Expr) []query.Expr {
		out := make([]query.Expr, len(in))
		for i, x := range in {
			out[i] = timeless(x)
		}
		return out
	}
	switch e := e.(type) {
	case *query.And:
		return &query.And{Operands: list(e.Operands)}
	case *query.Or:
		return &query.Or{Operands: list(e.Operands)}
	case *query.Not:
		return &query.Not{Operand: timeless(e.Operand)}
	case *query.Date:
		return &query.Date{Field: e.Field}
	}
	return e
}
