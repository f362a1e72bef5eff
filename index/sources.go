package index

import (
	"context"
	"errors"
	"slices"
)

// sources publishes all sources but those that are bad, which it returns. These are sorted by key.
func (p *publication) sources(sources []Source) (bad []error, err error) {
	byKey := map[string]Source{}
	for _, s := range sources {
		byKey[s.Server.Key()] = s
	}
	for todo := slices.Clone(sources); len(todo) > 0; {
		src := todo[0]
		todo = todo[1:]
		err := p.source(&src)
		var se *SourceError
		if err != nil && p.ctx.Err() != nil {
			return nil, context.Cause(p.ctx)
		} else if errors.As(err, &se) {
			bad = append(bad, se)
			p.wary = true
			var again []Source
			for _, key := range p.undo(se.Key) {
				again = append(again, byKey[key])
			}
			todo = append(again, todo...)
		} else if err != nil {
			return nil, err
		}
	}
	return bad, p.end()
}

// undo gives up the generation being built if it holds part of a bad server, because nothing can be taken out of a
// generation. It returns the keys of the other servers that were in it.
func (p *publication) undo(bad string) (again []string) {
	if k := len(p.servers); k == 0 || p.servers[k-1].Key != bad {
		return nil
	}
	for _, s := range p.servers[:len(p.servers)-1] {
		again = append(again, s.Key)
	}
	p.changed = slices.DeleteFunc(p.changed, func(key string) bool { return key == bad || slices.Contains(again, key) })
	p.b.abort()
	p.gen.discard()
	p.gen, p.b, p.servers = nil, nil, nil
	return again
}

// look goes through the documents of a source and does nothing else.
func (p *publication) look(src *Source) error {
	seq := newSequence(src.Server.Key())
	count := 0
	for d, err := range src.Documents {
		if err == nil {
			_, err = seq.next(d)
		}
		if err != nil {
			return &SourceError{seq.key, err}
		}
		if count++; count&1023 == 0 && p.ctx.Err() != nil {
			return context.Cause(p.ctx)
		}
	}
	return nil
}
