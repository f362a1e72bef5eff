package archive

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// A record is what the bucket "listings" holds of one directory: how the last attempt went, and the
// versions of its listing, newest first.
//
//	byte        form of the record, 1 or 2
//	attempt     time, round, status, code: uvarints; reason, detail: strings
//	            form 2 also: lines not understood, number of reasons for directories not followed: uvarints;
//	            of each reason: string, number of directories: uvarint, name of one: string
//	uvarint     number of versions
//	versions    each as below
//
// Strings are a uvarint length and the bytes. Times are seconds since 1970 (0: unknown).
type record struct {
	attempt  attempt
	versions []version
}

// An attempt is the last time that the directory was tried.
type attempt struct {
	time   int64
	round  uint64 // number of the crawl
	status crawl.Status
	code   int
	reason crawl.Reason
	detail string

	// Of the listing that it brought; in form 2.
	bad     int64     // lines not understood
	skipped []skipped // directories not followed
}

// skipped are directories that a listing names and that are missing because of what they are named, or where.
type skipped struct {
	reason crawl.Reason
	n      int64
	name   string // of one of them
}

// A version is a listing as it was until it changed.
type version struct {
	seq       uint64 // sequence number of the transaction that stored it
	firstSeen int64  // Now for the parser, for ever
	confirmed int64  // last time that the server sent exactly this
	status    crawl.Status
	form      crawl.Form
	sum       [16]byte
	size      int64 // bytes
	entries   int64
	runs      []run
	frames    uint32 // number of frames in the bucket "frames"; 0: the only one is data
	id        uint64 // of the frames
	data      []byte // zstd
}

// A run is a number of consecutive entries whose names were first seen at the same time.
type run struct {
	n     int64
	added int64
}

// Most listings leave nothing missing: form 1 is the smaller, and all that earlier versions of the program wrote.
const (
	recordForm    = 1
	recordFormGap = 2
)

var errRecord = errors.New("archive: damaged record")

func (r *record) encode() []byte {
	form := byte(recordForm)
	if r.attempt.bad > 0 || len(r.attempt.skipped) > 0 {
		form = recordFormGap
	}
	b := []byte{form}
	b = binary.AppendUvarint(b, uint64(r.attempt.time))
	b = binary.AppendUvarint(b, r.attempt.round)
	b = binary.AppendUvarint(b, uint64(r.attempt.status))
	b = binary.AppendUvarint(b, uint64(r.attempt.code))
	b = appendString(b, string(r.attempt.reason))
	b = appendString(b, r.attempt.detail)
	if form == recordFormGap {
		b = binary.AppendUvarint(b, uint64(r.attempt.bad))
		b = binary.AppendUvarint(b, uint64(len(r.attempt.skipped)))
		for _, s := range r.attempt.skipped {
			b = appendString(b, string(s.reason))
			b = binary.AppendUvarint(b, uint64(s.n))
			b = appendString(b, s.name)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(r.versions)))
	for i := range r.versions {
		v := &r.versions[i]
		b = binary.AppendUvarint(b, v.seq)
		b = binary.AppendUvarint(b, uint64(v.firstSeen))
		b = binary.AppendUvarint(b, uint64(v.confirmed))
		b = binary.AppendUvarint(b, uint64(v.status))
		b = binary.AppendUvarint(b, uint64(v.form))
		b = append(b, v.sum[:]...)
		b = binary.AppendUvarint(b, uint64(v.size))
		b = binary.AppendUvarint(b, uint64(v.entries))
		b = binary.AppendUvarint(b, uint64(len(v.runs)))
		for _, r := range v.runs {
			b = binary.AppendUvarint(b, uint64(r.n))
			b = binary.AppendUvarint(b, uint64(r.added))
		}
		b = binary.AppendUvarint(b, uint64(v.frames))
		b = binary.AppendUvarint(b, v.id)
		b = appendString(b, string(v.data))
	}
	return b
}

// decodeRecord reads what encode wrote; it shares no memory with b. A nil b is the empty record.
func decodeRecord(b []byte) (record, error) {
	if b == nil {
		return record{}, nil
	}
	d := decoder{b: b}
	r := record{attempt: d.attempt()}
	n := d.uvarint()
	for range n {
		if d.bad {
			break
		}
		v := version{
			seq:       d.uvarint(),
			firstSeen: int64(d.uvarint()),
			confirmed: int64(d.uvarint()),
			status:    crawl.Status(d.uvarint()),
			form:      crawl.Form(d.uvarint()),
		}
		copy(v.sum[:], d.bytes(len(v.sum)))
		v.size, v.entries = int64(d.uvarint()), int64(d.uvarint())
		runs := d.uvarint()
		for range runs {
			if d.bad {
				break
			}
			v.runs = append(v.runs, run{int64(d.uvarint()), int64(d.uvarint())})
		}
		v.frames, v.id = uint32(d.uvarint()), d.uvarint()
		v.data = append([]byte(nil), d.bytes(int(d.uvarint()))...)
		r.versions = append(r.versions, v)
	}
	if d.bad || len(d.b) > 0 {
		return record{}, errRecord
	}
	return r, nil
}

// decodeAttempt reads the attempt of a record alone.
func decodeAttempt(b []byte) (attempt, error) {
	d := decoder{b: b}
	a := d.attempt()
	if d.bad {
		return attempt{}, errRecord
	}
	return a, nil
}

// current returns the version that speaks for the directory among those stored by the transactions
// up to seq: the newest whole one, else the newest of any kind; nil if there is none.
func (r *record) current(seq uint64) *version {
	var best *version
	for i := range r.versions {
		v := &r.versions[i]
		if v.seq > seq {
			continue
		}
		if v.status == crawl.Whole {
			return v
		}
		if best == nil {
			best = v
		}
	}
	return best
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// A decoder takes values off b; bad is set, and everything zero, once b did not hold one.
type decoder struct {
	b   []byte
	bad bool
}

// attempt reads the form of a record and its attempt.
func (d *decoder) attempt() attempt {
	form := d.byte()
	if form != recordForm && form != recordFormGap {
		d.b, d.bad = nil, true
		return attempt{}
	}
	a := attempt{
		time:   int64(d.uvarint()),
		round:  d.uvarint(),
		status: crawl.Status(d.uvarint()),
		code:   int(d.uvarint()),
		reason: crawl.Reason(d.bytes(int(d.uvarint()))),
		detail: string(d.bytes(int(d.uvarint()))),
	}
	if form == recordForm {
		return a
	}
	a.bad = int64(d.uvarint())
	reasons := d.uvarint()
	for range reasons {
		if d.bad {
			break
		}
		a.skipped = append(a.skipped, skipped{
			reason: crawl.Reason(d.bytes(int(d.uvarint()))), n: int64(d.uvarint()), name: string(d.bytes(int(d.uvarint()))),
		})
	}
	return a
}

func (d *decoder) byte() byte {
	if p := d.bytes(1); p != nil {
		return p[0]
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.b, d.bad = nil, true
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.b, d.bad = nil, true
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) bytes(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.b, d.bad = nil, true
		return nil
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p
}

func unix(t time.Time) int64 {
	if t.IsZero() || t.Unix() < 0 {
		return 0
	}
	return t.Unix()
}

func timeOf(sec int64) time.Time {
	if sec == 0 {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}
