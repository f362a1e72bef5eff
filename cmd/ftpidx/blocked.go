package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index"
)

// A blocked server is not crawled as one of many: not for a line in a seeds file, not because it is known and due. Who
// names it on the command line means it, which lifts the block. In the data directory, blocked/ holds a file for each, so
// that several processes may change them; its content is the key, its name the same as a file name.
func blockedDir(data string) string { return filepath.Join(data, "blocked") }

// blockedServers returns the keys of the blocked servers, sorted.
func blockedServers(data string) ([]string, error) {
	files, err := os.ReadDir(blockedDir(data))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var keys []string
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(blockedDir(data), f.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // lifted just now
		}
		if err != nil {
			return nil, err
		}
		if key := index.CanonicalKey(strings.TrimSuffix(string(text), "\n")); archive.IsFileName(f.Name(), key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func block(data, key string) error {
	if err := os.MkdirAll(blockedDir(data), 0o755); err != nil {
		return err
	}
	name := filepath.Join(blockedDir(data), archive.FileName(key))
	if err := os.WriteFile(name+".new", []byte(key+"\n"), 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// unblock lifts the block of a server; was reports whether there was one.
func unblock(data, key string) (was bool, err error) {
	files, err := os.ReadDir(blockedDir(data))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	for _, f := range files {
		if !archive.IsFileName(f.Name(), key) {
			continue
		}
		rerr := os.Remove(filepath.Join(blockedDir(data), f.Name()))
		if was = was || rerr == nil; !errors.Is(rerr, fs.ErrNotExist) {
			err = errors.Join(err, rerr)
		}
	}
	return was, err
}

// leaveBlocked takes blocked servers off the seeds and says so, and lifts the block of those that are named on the command line.
func (o *crawlOptions) leaveBlocked(e *env, data string, seeds []crawl.Seed) ([]crawl.Seed, error) {
	blocked, err := blockedServers(data)
	if err != nil || len(blocked) == 0 {
		return seeds, err
	}
	var named []crawl.Seed
	for _, u := range o.urls {
		s, err := crawl.ParseSeed(u)
		if err != nil {
			return nil, usageError{err}
		}
		named = append(named, s)
	}
	if named, err = o.withUser(named); err != nil {
		return nil, err
	}
	for _, s := range named {
		was, err := unblock(data, s.Server.Key())
		if err != nil {
			return nil, err
		}
		if was {
			e.remark("%s is not blocked any more", s.Server.Key())
			blocked = slices.DeleteFunc(blocked, func(key string) bool { return key == s.Server.Key() })
		}
	}
	out := make(map[string]bool)
	seeds = slices.DeleteFunc(seeds, func(s crawl.Seed) bool {
		_, is := slices.BinarySearch(blocked, s.Server.Key())
		if is {
			out[s.Server.Key()] = true
		}
		return is
	})
	if len(out) > 0 {
		e.remark("%s left out, see ftpidx servers --blocked", plural(len(out), "blocked server", "blocked servers"))
	}
	return seeds, nil
}
