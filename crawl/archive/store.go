package archive

import (
	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
)

// store writes the record of a listing, its children unless they are written already, takes the
// directory off the frontier and counts it.
func (a *Archive) store(tx *bolt.Tx, m *meta, p *prepared) error {
	l := p.listing
	listings := tx.Bucket(bucketListings)
	rec, err := decodeRecord(listings.Get(p.key))
	if err != nil {
		return err
	}
	if l.NoFollow && rec.attempt.round == m.Round {
		m.Counts.Miss(crawl.Duplicate, 1, l.Dir.Path, "")
		if p.version != nil && p.version.frames > 0 {
			return dropFrames(tx, p.version.id)
		}
		return nil
	}
	rec.attempt = attempt{
		time:   unix(l.Start),
		round:  m.Round,
		status: l.Status,
		code:   l.Reply.Code,
		reason: l.Reason,
		detail: l.Detail[:min(len(l.Detail), maxDetail)],
		bad:    l.Bad,
	}
	for _, r := range inListings {
		if t := l.Skipped[r]; t != nil {
			rec.attempt.skipped = append(rec.attempt.skipped, skipped{r, t.N, exampleName(t)})
		}
	}
	if p.confirms || p.version != nil {
		m.Server = metaOf(a.asked)
	}
	switch {
	case p.confirms:
		for i := range rec.versions {
			if v := &rec.versions[i]; v.sum == p.sum {
				v.confirmed = max(v.confirmed, unix(l.Start)) // a dump may be older than the last crawl
				break
			}
		}
		m.Counts.Unchanged++
	case p.version != nil:
		v := *p.version
		v.seq = m.Seq
		if p.first && isNewDir(tx, l.Dir) {
			v.runs = []run{{l.Entries, unix(l.Start)}}
		}
		if len(v.data) > inlineSize {
			m.Frames++
			v.id, v.frames = m.Frames, 1
			if err := tx.Bucket(bucketFrames).Put(frameKey(v.id, 0), v.data); err != nil {
				return err
			}
			v.data = nil
		}
		if len(rec.versions) == 0 {
			m.Held.Dirs++
		} else {
			m.Held.Entries -= rec.versions[0].entries
		}
		m.Held.Entries += v.entries
		m.Held.Versions++
		m.Held.Bytes += v.size
		rec.versions = append([]version{v}, rec.versions...)
		if err := prune(tx, m, &rec); err != nil {
			return err
		}
	}
	if err := listings.Put(p.key, rec.encode()); err != nil {
		return err
	}
	if !p.large && !l.NoFollow {
		var dirs []crawl.Dir
		for d := range l.Children() {
			dirs = append(dirs, d)
		}
		if err := addPending(tx, m, dirs, p.newIn(tx)); err != nil {
			return err
		}
	}
	pending := tx.Bucket(bucketPending)
	if key := pendingKey(l.Dir); pending.Get(key) != nil {
		m.Counts.Pending--
		if err := pending.Delete(key); err != nil {
			return err
		}
	}
	m.Counts.Add(l)
	return nil
}

// prune removes the oldest versions beyond keepVersions, but never the one that speaks for the
// directory, nor the one that did when the crawl began.
func prune(tx *bolt.Tx, m *meta, rec *record) error {
	current, before := rec.current(m.Seq), rec.current(m.Crawl.Before)
	for i := len(rec.versions) - 1; i >= 0 && len(rec.versions) > keepVersions; i-- {
		v := &rec.versions[i]
		if v.id == current.id && v.seq == current.seq || before != nil && v.id == before.id && v.seq == before.seq {
			continue
		}
		if v.frames > 0 {
			if err := dropFrames(tx, v.id); err != nil {
				return err
			}
		}
		m.Held.Versions--
		m.Held.Bytes -= v.size
		rec.versions = append(rec.versions[:i], rec.versions[i+1:]...)
		current, before = rec.current(m.Seq), rec.current(m.Crawl.Before)
	}
	return nil
}
