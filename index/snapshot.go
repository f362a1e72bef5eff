package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// Snapshot makes a consistent copy of the index in dir, as it is now, in the directory to, which must not exist or be empty: it can be
// searched there, or taken to another machine. Generations are hard links where the file system allows, so that a
// snapshot beside the index costs next to nothing; else they are copied. The manifest is written last: without it nothing is published there.
//
// With keys the snapshot holds these servers only; copies are counted among them. It is an error if the index does not hold one of them.
func Snapshot(ctx context.Context, dir, to string, keys ...string) (*Manifest, error) {
	ix := &Index{dir: dir}
	defer ix.Close()
	v, err := ix.acquire()
	if err != nil {
		return nil, err
	}
	defer v.release()
	for _, key := range keys {
		if _, ok := v.manifest.Server(key); !ok {
			return nil, fmt.Errorf("index: no server %s", key)
		}
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, err
	}
	if entries, err := os.ReadDir(to); err != nil {
		return nil, err
	} else if len(entries) > 0 {
		return nil, fmt.Errorf("index: %s is not empty", to)
	}
	c := &snapshot{ctx: ctx, to: to, m: &Manifest{Format: Format, Seq: v.manifest.Seq, Side: 1}, runs: map[string][]seenRun{}}
	defer func() {
		for _, g := range c.open {
			g.release()
		}
	}()
	for i, g := range v.manifest.Generations {
		mg := g
		mg.Servers = slices.DeleteFunc(slices.Clone(g.Servers), func(s ManifestServer) bool {
			return len(keys) > 0 && !slices.Contains(keys, s.Key)
		})
		if len(mg.Servers) == 0 {
			continue
		}
		if err := c.add(v.shards[i], mg, len(mg.Servers) == len(v.shards[i].servers)); err != nil {
			return nil, err
		}
	}
	if err := writeSide(sideDir(to, c.m.Side), c.shards, c.runs); err != nil {
		return nil, err
	}
	if err := syncDir(to); err != nil { // its directories are there before what says so
		return nil, err
	}
	return c.m, writeManifest(to, c.m)
}

// A snapshot is the work of one Snapshot.
type snapshot struct {
	ctx    context.Context
	to     string
	m      *Manifest
	shards []*shard
	runs   map[string][]seenRun
	open   []*generation // of the snapshot
}

// add adds what mg says of a shard: by links if that is whole, else by writing the servers again, so that no others go with them.
func (c *snapshot) add(s *shard, mg ManifestGeneration, whole bool) error {
	path := filepath.Join(c.to, mg.Dir)
	if whole {
		if err := linkTree(c.ctx, s.dir, path); err != nil {
			return err
		}
		if s.side.runs != nil {
			c.runs[mg.Dir] = s.side.runs
		}
		sh := &shard{generation: s.generation, live: roaring.New()}
		for _, srv := range mg.Servers {
			sh.live.AddRange(uint64(srv.First), uint64(srv.First+srv.Docs))
		}
		c.shards = append(c.shards, sh)
		c.m.Generations = append(c.m.Generations, mg)
		return nil
	}
	p := &publication{ctx: c.ctx, dir: c.to, now: time.Now(), opts: &PublishOptions{}, log: (*PublishOptions)(nil).logger(), moved: map[string]place{}}
	defer p.discard()
	slices.SortFunc(mg.Servers, func(a, b ManifestServer) int { return strings.Compare(a.Key, b.Key) })
	for _, srv := range mg.Servers {
		if err := p.carry(carried{srv, s, mg.Dir}); err != nil {
			return err
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	for _, b := range p.built {
		b.gen.release()
		g, err := openGeneration(b.gen.path)
		if err != nil {
			return err
		}
		c.open = append(c.open, g)
		sh := &shard{generation: g, live: roaring.New()}
		sh.live.AddRange(0, uint64(g.docs))
		c.shards = append(c.shards, sh)
		c.m.Generations = append(c.m.Generations, b.mg)
	}
	return nil
}

// linkTree makes the directory to with the files of from, as links if possible. All of it is on the disk when it returns.
func linkTree(ctx context.Context, from, to string) error {
	var made []string
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		dst := filepath.Join(to, rel)
		if e.IsDir() {
			made = append(made, dst)
			return os.Mkdir(dst, 0o755)
		}
		// The lock is not shared: it must not tie the lives of both.
		if rel != readerLock && os.Link(path, dst) == nil {
			return nil
		}
		return copyFileSync(path, dst)
	})
	for _, dir := range made {
		err = errors.Join(err, syncDir(dir))
	}
	return err
}

func copyFileSync(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := createFile(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		w.abort()
		return err
	}
	return w.close()
}
