package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
)

// A config is the configuration file, which nobody needs. Its keys are the flags, those of a command in a table of its name, and
// in tables "server" what is different for some servers; see configHelp. Flags are looked up when a command
// runs, by env.setDefaults.
type config struct {
	name    string
	keys    []configKey
	servers []serverTable // as in the file
}

// A configKey is a key or an empty table of the file.
type configKey struct {
	path         []string
	line, column int
	value        any // as toml.Unmarshal gives it
}

// at returns the error of a key.
func (c *config) at(k *configKey, format string, args ...any) error {
	return fmt.Errorf("configuration: %s:%d:%d: %w", c.name, k.line, k.column, fmt.Errorf(format, args...))
}

// A serverTable is [server."PATTERN"].
type serverTable struct {
	pattern string // a key as ftpidx servers prints it, or a glob over keys
	serverConfig
}

// serverConfig is what is different for a server.
type serverConfig struct {
	Connections     int      `toml:"connections"`
	Rate            *float64 `toml:"rate"`  // 0: no limit
	Delay           string   `toml:"delay"` // a duration
	Charset         string   `toml:"charset"`
	Zone            string   `toml:"zone"`
	Exclude         []string `toml:"exclude"`
	TLS             string   `toml:"tls"`
	Certificate     string   `toml:"certificate"`
	PasswordCommand []string `toml:"password_command"`
}

// settingKeys are the keys of the table of a server.
var settingKeys = []string{"connections", "rate", "delay", "charset", "zone", "exclude", "tls", "certificate", "password_command"}

// server returns what the file says of a server, the zero value if nothing: of the tables that match its key later ones count
// more, and that of the key itself most.
func (c *config) server(s crawl.Server) serverConfig {
	var sum serverConfig
	key := s.Key()
	for _, exact := range []bool{false, true} {
		for i := range c.servers {
			t := &c.servers[i]
			if isPattern(t.pattern) == exact {
				continue
			}
			if ok, _ := path.Match(globKey(t.pattern), globKey(key)); ok || t.pattern == key {
				sum.add(&t.serverConfig)
			}
		}
	}
	return sum
}

// isPattern reports whether a server is not named but described.
func isPattern(s string) bool { return strings.ContainsAny(s, "*?") }

// globKey makes brackets, which stand around IPv6 addresses, no class of characters.
func globKey(s string) string { return strings.NewReplacer("[", "(", "]", ")").Replace(s) }

// add takes over what other says; what is excluded adds up.
func (s *serverConfig) add(other *serverConfig) {
	if other.Connections != 0 {
		s.Connections = other.Connections
	}
	if other.Rate != nil {
		s.Rate = other.Rate
	}
	s.Delay, s.Charset, s.Zone = or(other.Delay, s.Delay), or(other.Charset, s.Charset), or(other.Zone, s.Zone)
	s.TLS, s.Certificate = or(other.TLS, s.TLS), or(other.Certificate, s.Certificate)
	s.Exclude = append(slices.Clip(s.Exclude), other.Exclude...)
	if other.PasswordCommand != nil {
		s.PasswordCommand = other.PasswordCommand
	}
}

// settings returns what the crawler is to know, without what was given for this crawl by a flag or the environment.
func (s serverConfig) settings(given map[string]bool) crawl.ServerSettings {
	set := crawl.ServerSettings{Exclude: s.Exclude}
	if !given["connections"] {
		set.Connections = s.Connections
	}
	if s.Rate != nil && !given["rate"] {
		set.Rate = *s.Rate
		if set.Rate == 0 {
			set.Rate = -1
		}
	}
	if s.Delay != "" && !given["delay"] {
		if set.Delay, _ = time.ParseDuration(s.Delay); set.Delay == 0 {
			set.Delay = -1
		}
	}
	if !given["charset"] {
		set.Charset = s.Charset
	}
	if !given["zone"] {
		set.Zone = s.Zone
	}
	return set
}

// check replaces names of charsets by those that are registered, and returns the key that is wrong and why.
func (t *serverTable) check() (key string, err error) {
	if !isPattern(t.pattern) {
		s, err := crawl.ParseKey(t.pattern)
		if err == nil && s.Key() != t.pattern {
			err = fmt.Errorf("the server is written %s", s.Key())
		}
		if err != nil {
			return "", err
		}
	} else if t.PasswordCommand != nil || t.Certificate != "" {
		key = "password_command"
		if t.Certificate != "" {
			key = "certificate"
		}
		return key, fmt.Errorf("%s needs the name of one server, not a pattern", key)
	}
	if t.Connections < 0 {
		return "connections", errors.New("connections are 1 or more")
	}
	if t.Rate != nil && *t.Rate < 0 {
		return "rate", errors.New("a rate cannot be negative")
	}
	if t.Delay != "" {
		if d, err := time.ParseDuration(t.Delay); err != nil || d < 0 {
			return "delay", fmt.Errorf("a delay is written as 500ms or 2s, not %q", t.Delay)
		}
	}
	if t.Charset != "" && t.Charset != "auto" {
		if t.Charset, err = crawl.ParseCharset(t.Charset); err != nil {
			return "charset", err
		}
	}
	if t.Zone != "" && t.Zone != "auto" {
		if _, err := crawl.ParseZone(t.Zone); err != nil {
			return "zone", err
		}
	}
	for _, glob := range t.Exclude {
		if _, err := path.Match(glob, ""); err != nil {
			return "exclude", fmt.Errorf("%q is no glob: %w", glob, err)
		}
	}
	switch ftpconn.TLSMode(t.TLS) {
	case "", ftpconn.Auto, ftpconn.Require, ftpconn.Never:
	default:
		return "tls", fmt.Errorf("tls is auto, require or never, not %q", t.TLS)
	}
	return "", nil
}

// configFile returns the name of the configuration file and whether it was asked for by name.
func (e *env) configFile() (name string, asked bool) {
	if name := or(e.configFlag, e.getenv("FTPIDX_CONFIG")); name != "" {
		return name, true
	}
	if d := e.userDir("XDG_CONFIG_HOME", "AppData", ".config"); d != "" {
		return filepath.Join(d, "config.toml"), false
	}
	return "", false
}

// config reads the configuration file; without one it is empty.
func (e *env) config() (*config, error) {
	name, asked := e.configFile()
	if name == "" {
		return &config{}, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return &config{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(text) > maxConfig {
		err = fmt.Errorf("%s is longer than %d KiB", name, maxConfig>>10)
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return parseConfig(name, text)
}

// maxConfig is how long a configuration file may be, in bytes: longer ones are something else.
const maxConfig = 64 << 10

// parseConfig reads a configuration file of this name. It checks what is said of servers; what is said of flags is
// checked when these are known.
func parseConfig(name string, text []byte) (*config, error) {
	c := &config{name: name}
	fail := func(err error) (*config, error) {
		var bad *toml.DecodeError
		if errors.As(err, &bad) {
			row, column := bad.Position()
			return nil, fmt.Errorf("configuration: %s:%d:%d: %s", name, row, column, strings.TrimPrefix(bad.Error(), "toml: "))
		}
		return nil, fmt.Errorf("configuration: %s: %w", name, err)
	}
	var values map[string]any
	if err := toml.Unmarshal(text, &values); err != nil {
		return fail(err)
	}
	c.keys = configKeys(text)
	for i := range c.keys {
		k := &c.keys[i]
		k.value = valueAt(values, k.path)
		if k.path[0] != "server" {
			continue
		}
		if _, isTable := k.value.(map[string]any); len(k.path) > 3 || isTable != (len(k.path) < 3) {
			return nil, c.at(k, "a server is a table: [server.\"ftp.example.org\"]")
		}
		if len(k.path) == 3 && !slices.Contains(settingKeys, k.path[2]) {
			return nil, withHint(c.at(k, "unknown key %s of a server", k.path[2]), "%s", orKnown(didYouMean(k.path[2], settingKeys), settingKeys))
		}
		if len(k.path) > 1 && !slices.ContainsFunc(c.servers, func(t serverTable) bool { return t.pattern == k.path[1] }) {
			c.servers = append(c.servers, serverTable{pattern: k.path[1]})
		}
	}
	var tables struct {
		Server map[string]serverConfig `toml:"server"`
	}
	if err := toml.Unmarshal(text, &tables); err != nil {
		return fail(err)
	}
	for i := range c.servers {
		t := &c.servers[i]
		t.serverConfig = tables.Server[t.pattern]
		if key, err := t.check(); err != nil {
			at := slices.IndexFunc(c.keys, func(k configKey) bool {
				return k.path[0] == "server" && len(k.path) > 1 && k.path[1] == t.pattern && (key == "" || len(k.path) > 2 && k.path[2] == key)
			})
			return nil, c.at(&c.keys[at], "%w", err)
		}
	}
	return c, nil
}

// configKeys returns the tables and keys of a file that can be read, in order.
func configKeys(text []byte) []configKey {
	var keys []configKey
	var table []string
	var p unstable.Parser
	p.Reset(text)
	add := func(path []string, n *unstable.Node) []string {
		it := n.Key()
		var start unstable.Position
		for it.Next() {
			start = p.Shape(it.Node().Raw).Start
			path = append(slices.Clip(path), string(it.Node().Data))
		}
		keys = append(keys, configKey{path: path, line: start.Line, column: start.Column})
		return path
	}
	var keyValue func(path []string, n *unstable.Node)
	keyValue = func(path []string, n *unstable.Node) {
		path = add(path, n)
		if v := n.Value(); v.Kind == unstable.InlineTable {
			for it := v.Children(); it.Next(); {
				keyValue(path, it.Node())
			}
		}
	}
	for p.NextExpression() {
		switch n := p.Expression(); n.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = add(nil, n)
		case unstable.KeyValue:
			keyValue(table, n)
		}
	}
	return keys
}

// valueAt returns the value of a key, a map for a table; nil if it is not there.
func valueAt(values any, path []string) any {
	for _, p := range path {
		table, ok := values.(map[string]any)
		if !ok {
			return nil
		}
		values = table[p]
	}
	return values
}
