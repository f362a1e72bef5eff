package crawl

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/unicode"
)

// robots.txt (RFC 9309) over FTP. The file lies in the working directory after login, where
// ftp://host/robots.txt is, and speaks of pathnames below it:
//
//	User-agent: *
//	Disallow: /incoming/
//	Disallow: /*.iso$
//
// A pathname of FTP is bytes and a rule is a piece of a URL: the rule is percent-decoded once, and
// bytes are compared with bytes. A directory is asked for with a "/" at the end, as its URL has one.
//
// Operators write these files by hand, so everything that can be understood counts: a rule in front of the
// first User-agent, a bad Crawl-delay or a page of HTML does no harm to the lines around it.

// RobotsAgent is the product token to which robots.txt addresses rules for this program alone.
const RobotsAgent = "ftpidx"

// MaxRobots is how much of a robots.txt is read, in bytes: RFC 9309, section 2.5, asks for 500 KiB at least.
const MaxRobots = 2 << 20

// maxCrawlDelay bounds what Crawl-delay can ask for: beyond it, a typing error is likelier than a wish.
const maxCrawlDelay = time.Minute

// Robots holds the rules of a robots.txt for one agent. The zero value, and nil, allow everything.
type Robots struct {
	// Delay is the least time between two requests that the server asks for with Crawl-delay, which no
	// standard has but many files; at most a minute.
	Delay time.Duration

	rules []robotsRule
}

// A robotsRule is an Allow or Disallow line.
type robotsRule struct {
	allow    bool
	parts    []string // literal bytes between the "*"s
	anchored bool     // "$": the match must reach the end
	length   int      // of the pattern: the longest that matches wins
	text     string   // as written
	line     int
}

// ParseRobots reads a robots.txt and keeps what it says to the agent: the rules of all groups that name
// it, else of those for "*" (RFC 9309, section 2.2.1).
func ParseRobots(text []byte, agent string) *Robots {
	var mine, all Robots
	named := false      // some group names the agent
	var group []*Robots // those that the lines at hand are for
	inAgents := false   // the line before was User-agent
	text = utf8Text(text)
	for n := 1; len(text) > 0; n++ {
		var line []byte
		end := bytes.IndexAny(text, "\r\n")
		switch {
		case end < 0:
			line, text = text, nil
		case bytes.HasPrefix(text[end:], []byte("\r\n")):
			line, text = text[:end], text[end+2:]
		default:
			line, text = text[:end], text[end+1:]
		}
		line, _, _ = bytes.Cut(line, []byte("#"))
		key, value, ok := strings.Cut(string(line), ":")
		if !ok {
			continue
		}
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		if key == "user-agent" {
			if !inAgents {
				group = group[:0]
			}
			inAgents = true
			switch {
			case value == "*":
				group = append(group, &all)
			case strings.EqualFold(productToken(value), agent):
				named = true
				group = append(group, &mine)
			}
			continue
		}
		switch key {
		case "allow", "disallow":
			inAgents = false
			if value == "" {
				continue // an empty Disallow forbids nothing
			}
			rule := newRobotsRule(value, key == "allow")
			rule.line, rule.text = n, strings.TrimSpace(string(line))
			for _, r := range group {
				r.rules = append(r.rules, rule)
			}
		case "crawl-delay":
			inAgents = false
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil || !(seconds > 0) {
				continue
			}
			d := maxCrawlDelay
			if seconds < maxCrawlDelay.Seconds() {
				d = time.Duration(seconds * float64(time.Second))
			}
			for _, r := range group {
				r.Delay = max(r.Delay, d)
			}
		}
	}
	if named {
		return &mine
	}
	return &all
}

// utf8Text returns text without its byte order mark, and in UTF-8 if that says UTF-16, as an editor on Windows may have saved
// it (RFC 9309, section 2.3, wants UTF-8, but the rules are there to be read). Half a character at the end becomes U+FFFD.
func utf8Text(text []byte) []byte {
	if !bytes.HasPrefix(text, []byte("\xff\xfe")) && !bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	decoded, err := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(text)
	if err != nil {
		return text
	}
	return decoded
}

// productToken returns the name at the head of a User-agent, without version and comment.
func productToken(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '_')
	})
	if end < 0 {
		return s
	}
	return s[:end]
}

func newRobotsRule(pattern string, allow bool) robotsRule {
	rule := robotsRule{allow: allow, length: len(pattern)}
	if rest, ok := strings.CutSuffix(pattern, "$"); ok {
		pattern, rule.anchored = rest, true
	}
	// Whoever forgets the first slash means it: without one the rule could match nothing.
	if !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "*") {
		pattern = "/" + pattern
	}
	for part := range strings.SplitSeq(pattern, "*") {
		rule.parts = append(rule.parts, robotsBytes(part))
	}
	return rule
}

// robotsBytes replaces %XX by the byte; what only looks like it stays.
func robotsBytes(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(v))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// match reports whether the rule is about path. It takes time in proportion to the two lengths for each "*".
func (r *robotsRule) match(path string) bool {
	rest, ok := strings.CutPrefix(path, r.parts[0])
	if !ok {
		return false
	}
	last := len(r.parts) - 1
	if last == 0 {
		return !r.anchored || rest == ""
	}
	for _, part := range r.parts[1:last] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	if r.anchored {
		return strings.HasSuffix(rest, r.parts[last])
	}
	return strings.Contains(rest, r.parts[last])
}

// Refuses reports whether the directory path is not to be listed, and by which rule: "line 3: Disallow: /incoming/".
// path is absolute, its root where robots.txt lies. The longest rule that matches decides,
// Allow before Disallow (RFC 9309, section 2.2.2).
func (r *Robots) Refuses(path string) (rule string, refused bool) {
	if r == nil {
		return "", false
	}
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	var best *robotsRule
	for i := range r.rules {
		c := &r.rules[i]
		if best != nil && (c.length < best.length || c.length == best.length && !c.allow) {
			continue
		}
		if c.match(path) {
			best = c
		}
	}
	if best == nil || best.allow {
		return "", false
	}
	return fmt.Sprintf("line %d: %s", best.line, best.text), true
}

// Len returns the number of rules.
func (r *Robots) Len() int {
	if r == nil {
		return 0
	}
	return len(r.rules)
}

// A RobotsState says what asking for robots.txt came to.
type RobotsState string

const (
	RobotsRead        RobotsState = "read"        // its rules hold
	RobotsAbsent      RobotsState = "absent"      // there is none: go on
	RobotsUnavailable RobotsState = "unavailable" // it cannot be had now: stop, and try later
)

// robotsName returns the name of robots.txt among the names of the root listing, as the server writes it:
// systems that do not tell the cases of letters apart show it in either.
func robotsName(names []string) (name string, ok bool) {
	for _, n := range names {
		if n == "robots.txt" {
			return n, true
		}
		if !ok && strings.EqualFold(n, "robots.txt") {
			name, ok = n, true
		}
	}
	return name, ok
}

// robotsState judges what came of RETR. FTP says by the first digit of a reply whether asking again makes
// sense (RFC 959, section 4.2): after 5yz there is no file for us; after 4yz, or no reply at all,
// there may be one, and what it says is not known.
func robotsState(err error) RobotsState {
	var e *Error
	switch {
	case err == nil:
		return RobotsRead
	case errors.As(err, &e) && e.Code/100 == 5:
		return RobotsAbsent
	}
	return RobotsUnavailable
}

// ErrNoRobots is what the error of a crawl matches that was stopped because robots.txt could not be had.
var ErrNoRobots = errors.New("robots.txt cannot be read now, so nothing is listed")

// RobotsFacts are what is kept of a server's robots.txt. The JSON form is part of the archive's format.
type RobotsFacts struct {
	State RobotsState   `json:"state,omitempty"` // "": not asked for
	At    time.Time     `json:"at,omitzero"`
	Rules int           `json:"rules,omitempty"` // that are for us
	Delay time.Duration `json:"delay,omitempty"` // in nanoseconds; see [Robots]
	Text  string        `json:"text,omitempty"`  // if it is short; may hold any bytes
}

const (
	// keepRobots is how much of a robots.txt is kept: the facts are written with each transaction.
	keepRobots = 16 << 10

	// robotsAge is how long a crawl that is resumed goes by the rules that it read (RFC 9309, section 2.4).
	robotsAge = 24 * time.Hour
)

// obey finds out what robots.txt asks, before the first directory is listed. An error means that it may
// ask something and cannot be had now.
func (s *session) obey(resumed bool) error {
	if s.server.User != "" || s.policy.IgnoreRobots {
		s.store.Learn(func(f *Facts) { f.Robots = RobotsFacts{} })
		return nil
	}
	if _, ok := s.conn.(Retriever); !ok {
		return nil
	}
	facts := s.store.Facts()
	if known := facts.Robots; resumed && s.now().Sub(known.At) < robotsAge && (known.State == RobotsAbsent || known.Text != "") {
		s.heed(ParseRobots([]byte(known.Text), RobotsAgent))
		return nil
	}
	root := facts.LoginDir
	if root == "" {
		root = "/"
	}
	var text []byte
	for failed := 0; ; failed++ {
		state, got, err := s.fetchRobots(root)
		if state != RobotsUnavailable {
			text = got
			s.learnRobots(state, text)
			break
		}
		if err := s.ctx.Err(); err != nil {
			return err
		}
		var temp *TempError
		if errors.As(err, &temp) {
			return err // it is not robots.txt that cannot be had
		}
		if failed >= s.policy.Retries {
			s.learnRobots(state, nil)
			return fmt.Errorf("%w: %w", ErrNoRobots, err)
		}
		s.event(Event{Kind: Retried, Server: s.server, Path: Join(root, "robots.txt"), Err: err})
		if err := sleep(s.ctx, s.backoff(failed)); err != nil {
			return err
		}
	}
	s.heed(ParseRobots(text, RobotsAgent))
	return nil
}

func (s *session) learnRobots(state RobotsState, text []byte) {
	r := ParseRobots(text, RobotsAgent)
	s.store.Learn(func(f *Facts) {
		f.Robots = RobotsFacts{State: state, At: s.now().UTC(), Rules: r.Len(), Delay: r.Delay}
		if len(text) <= keepRobots {
			f.Robots.Text = string(text)
		}
	})
}

// heed makes the rules those of the walk.
func (w *walk) heed(r *Robots) {
	w.robots = r
	w.host.slow(r.Delay)
	if d := r.Delay; d > w.policy.Delay && (w.policy.Rate < 0 || d.Seconds()*w.policy.Rate > 1) {
		w.event(Event{Kind: Slowed, Server: w.server, Elapsed: d})
	}
	if r.Len() > 0 {
		w.scanner.Refuse = w.refuses
	}
}

// refuses reports whether robots.txt, which lies in the directory after login and speaks of what is below it, has
// a rule against the directory path.
func (w *walk) refuses(path string) (rule string, refused bool) {
	if w.robots.Len() == 0 {
		return "", false
	}
	if root := w.store.Facts().LoginDir; root != "" && root != "/" {
		if rest, ok := strings.CutPrefix(path+"/", root+"/"); ok {
			path = "/" + rest
		}
	}
	return w.robots.Refuses(path)
}

// fetchRobots asks for robots.txt once: first for the listing of its directory, which mostly shows that
// there is none. That listing is kept for the crawl, cut or failed as it may be: then it does not show what is not there,
// and only asking for the file tells.
func (s *session) fetchRobots(root string) (state RobotsState, text []byte, err error) {
	if err := s.login(); err != nil {
		return RobotsUnavailable, nil, err
	}
	defer func() {
		if Broken(err) && err != nil {
			s.drop()
		}
	}()
	name := "robots.txt"
	l, err := s.probe(root)
	var temp *TempError
	switch {
	case err == nil:
		names, whole, err := s.robotsNames(l)
		if err != nil {
			return RobotsUnavailable, nil, err
		}
		if found, ok := robotsName(names); ok {
			name = found
		} else if whole {
			return RobotsAbsent, nil, nil
		}
	case s.ctx.Err() != nil, errors.As(err, &temp):
		return RobotsUnavailable, nil, err
	}
	if err := s.login(); err != nil { // the listing may have cost the connection
		return RobotsUnavailable, nil, err
	}
	if err := s.pace(); err != nil {
		return RobotsUnavailable, nil, err
	}
	var b bytes.Buffer
	n, _, err := s.conn.(Retriever).Retrieve(s.hard, Join(root, name), &b, MaxRobots)
	if err != nil && n >= MaxRobots {
		// What is too long counts as far as it goes (RFC 9309, section 2.5), but for the line cut off.
		s.drop()
		text := b.Bytes()
		return RobotsRead, text[:bytes.LastIndexAny(text, "\r\n")+1], nil
	}
	return robotsState(err), b.Bytes(), err
}

// login makes a connection if s has none.
func (s *session) login() error {
	if s.conn != nil {
		return nil
	}
	if err := s.acquire(); err != nil {
		return err
	}
	if err := s.dial(); err != nil {
		s.drop()
		return err
	}
	return nil
}

// robotsNames returns the names in a listing that may be that of robots.txt, and whether the listing shows all that there is.
func (s *session) robotsNames(l *Listing) (names []string, whole bool, err error) {
	n := int64(0)
	for e, err := range Entries(l.Spool.NewReader(), l.Dir.Path, l.Form, s.store.ParseOptions(l.Start)) {
		if err != nil && !IsSyntax(err) {
			return nil, false, err
		}
		if e.Name == "" {
			continue
		}
		n++
		if strings.EqualFold(e.Name, "robots.txt") && !e.IsDir() {
			names = append(names, strings.Clone(e.Name))
		}
	}
	return names, !saysTruncated(l.Reply) && !cutsAt(s.store.Facts(), n), nil
}

// skip records that a directory is not asked for. It reports false if the worker is to end.
func (s *session) skip(t task, reason Reason, why string) bool {
	l := &Listing{Dir: t.Dir, Status: Failed, Reason: reason, Detail: why, Start: s.now().UTC().Truncate(time.Second)}
	if err := s.store.Put(s.hard, l); err != nil {
		if s.hard.Err() == nil {
			s.frontier.close(err)
		}
		s.frontier.back(t)
		return true
	}
	s.event(Event{Kind: Listed, Server: s.server, Path: t.Path, Status: Failed, Reason: reason, Err: errors.New(why)})
	s.frontier.done(t)
	return true
}
