package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestBrowser uses the page as people do, in a real browser: one process, a tab for each test.
func TestBrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	ctx := startBrowser(t)
	ts := pageServer(t)
	for _, tt := range []struct {
		name string
		run  func(*tab)
	}{
		{"Type", testType},
		{"Error", testError},
		{"Filter", testFilter},
		{"Sort", testSort},
		{"Pages", testPages},
		{"Copies", testCopies},
		{"Subtree", testSubtree},
		{"Keyboard", testKeyboard},
		{"Copy", testCopy},
		{"Hostile", testHostile},
		{"NoScript", testNoScript},
		{"Wide", testWide},
		{"Dark", testDark},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(newTab(t, ctx, ts.URL)) })
	}
	t.Run("Stale", func(t *testing.T) { testStale(t, ctx, ts) })
	t.Run("Accessible", func(t *testing.T) { testAccessible(newTab(t, ctx, ts.URL)) })
}

// testType: hits come while a query is typed, and the address and what a screen reader says follow.
func testType(b *tab) {
	b.open("/")
	b.until(`document.activeElement.id === "q"`)
	b.keys("wget")
	b.until(`document.querySelector("#count")?.textContent === "9 hits" && document.title === "wget – ftpidx"`)
	b.until(`document.querySelector("#status").textContent === "9 hits"`)
	b.keys(" -sig ext:gz")
	b.until(`document.querySelector("#count").textContent === "5 hits"`)
	if got, want := eval[string](b, "location.search"), "?q=wget%20-sig%20ext:gz"; got != want {
		b.t.Errorf("got address %s, want %s", got, want)
	}
	if got := eval[[]string](b, `[...document.querySelectorAll(".hit mark")].map(m => m.textContent)`); len(got) == 0 || slices.ContainsFunc(got, func(s string) bool { return s != "wget" }) {
		b.t.Errorf("got highlights %q", got)
	}
	b.run(chromedp.Reload(), chromedp.WaitReady("main"))
	if got := b.query() + ": " + b.count(); got != "wget -sig ext:gz: 5 hits" {
		b.t.Errorf("after loading again: got %s", got)
	}
	b.clear()
	b.until(`document.querySelector(".start") && location.search === ""`)
}

// testError: a mistake in a query is shown with a caret right below it; what was found before stays, pale.
func testError(b *tab) {
	b.open(queryPath("ubuntu iso"))
	b.run(chromedp.Focus("#q"))
	b.keys(kb.End)
	b.run(input.InsertText(" size:5x")) // at once, so that no query in between is answered
	b.until(`document.querySelector("#problem .query mark")?.textContent === "5x"`)
	if got := eval[string](b, `getComputedStyle(document.querySelector("#problem mark"), "::after").content`); !strings.HasPrefix(got, `"^`) {
		b.t.Errorf("got caret %s", got)
	}
	if !eval[bool](b, `document.querySelector(".columns").inert`) || len(b.names()) == 0 {
		b.t.Error("what was found before has gone, or can be used")
	}
	// The mistake stands below itself in the field, where as many characters come before it.
	offset := eval[float64](b, `(() => {
		const field = document.querySelector("#q"), style = getComputedStyle(field), canvas = document.createElement("canvas").getContext("2d");
		canvas.font = style.font;
		return field.getBoundingClientRect().left + parseFloat(style.paddingLeft) + canvas.measureText("ubuntu iso size:").width
			- document.querySelector("#problem mark").getBoundingClientRect().left; })()`)
	if offset < -1.5 || offset > 1.5 {
		b.t.Errorf("the mistake stands %.1f pixels beside itself", offset)
	}
	b.until(`document.querySelector("#status").textContent.includes("At character 17: bad size")`)
	b.keys(kb.Backspace + "g")
	b.until(`!document.querySelector("#problem") && document.querySelector("#count")?.textContent === "2 hits"`)
}

// testFilter: a filter at the side edits the query, and takes itself out of it again.
func testFilter(b *tab) {
	b.open(queryPath("wget"))
	b.follow("#facets a", "mirror.uni.example")
	if got := b.query() + ": " + b.count(); got != "wget host:=mirror.uni.example: 3 hits" {
		b.t.Errorf("got %s", got)
	}
	b.follow("#facets a", "Directories")
	if got := b.query() + ": " + b.count(); got != "wget host:=mirror.uni.example type:dir: 1 hit" {
		b.t.Errorf("got %s", got)
	}
	b.follow("#facets a[aria-current]", "mirror.uni.example")
	if got := b.query() + ": " + b.count(); got != "wget type:dir: 2 hits" {
		b.t.Errorf("got %s", got)
	}
}

// testSort: an order is a part of the query, and a second click turns it round.
func testSort(b *tab) {
	b.open(queryPath("ubuntu iso"))
	b.follow(".sorts a", "Largest")
	if got := b.names(); b.query() != "ubuntu iso sort:-size" || got[0] != "ubuntu-24.04-desktop-amd64.iso" {
		b.t.Errorf("got %s: %q", b.query(), got)
	}
	b.follow(".sorts a", "Largest")
	if got := b.names(); b.query() != "ubuntu iso sort:size" || got[0] != "ubuntu-22.04-server-amd64.iso" {
		b.t.Errorf("got %s: %q", b.query(), got)
	}
	b.follow(".sorts a", "Best match")
	if b.query() != "ubuntu iso" {
		b.t.Errorf("got %s", b.query())
	}
}

// testPages: from page to page every hit comes once.
func testPages(b *tab) {
	b.open(queryPath("holiday sort:name"))
	var all []string
	for pages := 1; ; pages++ {
		all = append(all, b.names()...)
		if !eval[bool](b, `document.querySelector("[rel=next]") !== null`) {
			if want := 120 / pageHits; pages != want {
				b.t.Errorf("got %d pages, want %d", pages, want)
			}
			break
		}
		b.follow(".pages a", "Next page")
	}
	for i, name := range all {
		if want := fmt.Sprintf("holiday-%03d.jpg", i); name != want {
			b.t.Fatalf("hit %d: got %s, want %s", i, name, want)
		}
	}
	if len(all) != 120 {
		b.t.Errorf("got %d hits", len(all))
	}
	b.follow(".pages a", "First page")
	if got := b.names(); got[0] != "holiday-000.jpg" {
		b.t.Errorf("got first %s", got[0])
	}
}

// testCopies: copies on other servers are unfolded on demand, and shown one by one.
func testCopies(b *tab) {
	b.open(queryPath("wget-1.24.5.tar.gz -sig"))
	if got := b.names(); len(got) != 1 {
		b.t.Fatalf("got %q", got)
	}
	visible := `document.querySelector(".copies li").checkVisibility()`
	if eval[bool](b, visible) {
		b.t.Error("copies are unfolded")
	}
	b.run(chromedp.Click(".copies summary"))
	b.until(visible)
	got := eval[[]string](b, `[...document.querySelectorAll(".copies a"), document.querySelector(".hit .name")].map(a => new URL(a.href).protocol + new URL(a.href).host)`)
	slices.Sort(got)
	u, _ := url.Parse(b.url)
	if want := []string{"ftp:ftp.linux.example", "ftp:mirror.uni.example", "ftp:retro.example:2121", "http:" + u.Host}; !slices.Equal(got, want) {
		b.t.Errorf("got %q, want %q", got, want)
	}
	b.follow(".copies a", "All with sizes and dates")
	if got := b.names(); len(got) != 3 {
		b.t.Errorf("one by one: got %q", got)
	}
}

// testSubtree: a part of a pathname leads to what is below it.
func testSubtree(b *tab) {
	b.open(queryPath("SHA256SUMS"))
	b.follow(".where a", "linux")
	if got := b.query() + ": " + b.count(); got != "host:=ftp.linux.example in:/pub/linux: 9 hits" {
		b.t.Errorf("got %s", got)
	}
	b.follow(".where a", "ftp.linux.example")
	if got := b.query(); got != "host:=ftp.linux.example" {
		b.t.Errorf("got %s", got)
	}
}

// testKeyboard: everything can be reached by keys, and the focus can be seen.
func testKeyboard(b *tab) {
	b.run(allowClipboard(b.url))
	focused := func() string {
		return eval[string](b, `document.activeElement.id || document.activeElement.textContent`)
	}
	b.open(queryPath("ubuntu iso"))
	b.press("/")
	if got := focused() + ": " + b.query(); got != "q: ubuntu iso" {
		b.t.Fatalf("after /: got focus on %s", got)
	}
	b.keys(kb.ArrowDown + kb.ArrowDown)
	names := b.names()
	if got := focused(); got != names[1] {
		b.t.Errorf("after two arrows: got focus on %s, want %s", got, names[1])
	}
	if got := eval[string](b, `getComputedStyle(document.activeElement).outlineStyle`); got != "solid" {
		b.t.Errorf("got outline %s", got)
	}
	b.keys(kb.ArrowUp)
	if got := focused(); got != names[0] {
		b.t.Errorf("after an arrow back: got focus on %s, want %s", got, names[0])
	}
	want := eval[string](b, `document.activeElement.getAttribute("href")`)
	b.press("c")
	b.until(`document.querySelector("#status").textContent === "URL copied"`)
	got := ""
	b.run(chromedp.Evaluate(`navigator.clipboard.readText()`, &got, awaitPromise))
	if got != want || !strings.HasPrefix(got, "ftp://") {
		b.t.Errorf("copied %q, want %q", got, want)
	}
	b.keys(kb.ArrowUp)
	if got := focused(); got != "q" {
		b.t.Errorf("above the first hit: got focus on %s", got)
	}
	b.clear()
	b.keys("gnu type:dir")
	b.leave()
	b.keys(kb.Enter)
	b.arrived()
	b.until(`location.search.includes("gnu") && document.querySelectorAll(".hit.dir").length > 1`)
	b.run(chromedp.Focus("#q"))
	b.keys(kb.ArrowDown)
	b.until(`document.activeElement.closest(".hit.dir")`)
	b.keys(kb.Enter)
	b.until(`document.querySelector("#q")?.value.includes("in:/")`)

	// With single keys off, / and c are for what is typed.
	b.run(chromedp.Click("#keys"), chromedp.Focus(".hit a"))
	b.press("/")
	if got := focused(); got == "q" {
		b.t.Error("a single key works although they are off")
	}
	b.run(chromedp.Click("#keys"))

	// Tab comes by everything that can be used: from the start to the last link, in the order of the page.
	b.open(queryPath("wget"))
	all := eval[int](b, `document.querySelectorAll("a[href], button, input, summary").length
		- [...document.querySelectorAll("a[href], button, input, summary")].filter(e => !e.checkVisibility()).length`)
	seen := 0
	for range all {
		b.keys(kb.Tab)
		if eval[bool](b, `(e => { const fresh = e !== document.body && !("was" in e.dataset); e.dataset.was = ""; return fresh; })(document.activeElement)`) {
			seen++
		}
	}
	if seen != all {
		b.t.Errorf("Tab comes by %d of %d", seen, all)
	}
}

// allowClipboard lets the pages of an origin read what was copied.
func allowClipboard(origin string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for _, name := range []string{"clipboard-read", "clipboard-write"} {
			p := browser.SetPermission(&browser.PermissionDescriptor{Name: name}, browser.PermissionSettingGranted)
			if err := p.WithOrigin(origin).Do(cdpBrowser(ctx)); err != nil {
				return err
			}
		}
		return nil
	})
}

// testCopy: a button copies the URL as it was sent, also where the page does not come over TLS, which takes the clipboard of
// scripts away; the focus stays where it was.
func testCopy(b *tab) {
	b.run(allowClipboard(b.url))
	b.open(queryPath("host:hostile.example"))
	b.run(chromedp.Evaluate(`window.kept = navigator.clipboard; 0`, nil))
	for _, secure := range []bool{true, false} {
		if !secure {
			b.run(chromedp.Evaluate(`Object.defineProperty(navigator, "clipboard", {value: undefined}); 0`, nil))
		}
		for i, want := range eval[[]string](b, `[...document.querySelectorAll(".hit")].slice(0, 3).map(h => h.dataset.url ?? h.querySelector(".name").getAttribute("href"))`) {
			b.run(chromedp.Evaluate(fmt.Sprintf(`document.querySelector("#status").textContent = "", document.querySelectorAll(".copy")[%d].focus()`, i), nil))
			b.keys(kb.Enter)
			b.until(`document.querySelector("#status").textContent === "URL copied"`)
			got := ""
			b.run(chromedp.Evaluate(`kept.readText()`, &got, awaitPromise))
			if got != want {
				b.t.Errorf("secure %v: copied %q, want %q", secure, got, want)
			}
			if !eval[bool](b, `document.activeElement.className === "copy"`) {
				b.t.Errorf("secure %v: the focus has gone", secure)
			}
		}
	}
}

// testHostile: names are text and nothing else.
func testHostile(b *tab) {
	b.open(queryPath("host:hostile.example"))
	got := b.names()
	for _, h := range hostileNames {
		if !slices.Contains(got, h.shown) {
			b.t.Errorf("%q is not shown as %q", h.name, h.shown)
		}
	}
	harmless := func(where string) {
		b.t.Helper()
		if title := eval[string](b, "document.title"); title == "owned" {
			b.t.Errorf("%s: a name has run", where)
		}
		if n := eval[int](b, `document.querySelectorAll("main script, main img, main svg, main textarea, main title, main [onfocus], main [onload], main [onerror]").length`); n != 0 {
			b.t.Errorf("%s: %d elements were made of names", where, n)
		}
		for _, p := range eval[[]string](b, `[...document.querySelectorAll("a")].map(a => a.protocol)`) {
			if p != "http:" && p != "ftp:" {
				b.t.Errorf("%s: a link to %s", where, p)
			}
		}
	}
	harmless("hits")
	if !eval[bool](b, `[...document.querySelectorAll(".hit .name")].find(n => n.textContent.startsWith("שלום")).firstElementChild.localName === "bdi"`) {
		b.t.Error("a name in Hebrew is not isolated from what stands beside it")
	}
	if w := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); w > 0 {
		b.t.Errorf("%d pixels too wide", w)
	}
	b.follow(".where a", `"><script>alert(1)`)
	if got := b.query() + ": " + b.count(); got != `host:=hostile.example in:"/pub/\"><script>alert(1)": 1 hit` {
		b.t.Errorf("got %s", got)
	}
	harmless("subtree")
	for _, q := range []string{`"<script>document.title='owned'</script>"`, "name:<img", "\u202e\u2066x", `ext:"<b>"`} {
		b.open(queryPath(q))
		harmless(q)
	}
	b.open("/servers/hostile.example")
	harmless("server")
	b.open("/servers/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
	harmless("no server")

	// The live page makes the same of them.
	b.open("/")
	b.keys("host:hostile.example ")
	b.until(`document.querySelectorAll(".hit").length > 10`)
	harmless("live")
	b.keys("<script>alert(1)</script>")
	b.until(`document.querySelector("#count")?.textContent === "0 hits"`)
	harmless("live query")
}

// testNoScript: without a script there are the same hits, filters, pages and messages.
func testNoScript(b *tab) {
	b.run(emulation.SetScriptExecutionDisabled(true))
	b.open("/")
	b.run(chromedp.SendKeys("#q", "wget", chromedp.NodeReady))
	b.keys(kb.Enter)
	b.until(`document.querySelector("#count")?.textContent === "9 hits"`)
	if eval[bool](b, `document.querySelector(".copy, .keys:not([hidden])") !== null`) {
		b.t.Error("there is what only a script could do")
	}
	b.follow("#facets a", "mirror.uni.example")
	if got := b.query() + ": " + b.count(); got != "wget host:=mirror.uni.example: 3 hits" {
		b.t.Errorf("got %s", got)
	}
	b.run(chromedp.Click(".cheat summary", chromedp.NodeReady))
	b.until(`document.querySelector(".cheat dl").checkVisibility()`)
	b.open(queryPath("holiday"))
	b.follow(".pages a", "Next page")
	if got := b.names(); len(got) != pageHits || got[0] == "holiday-000.jpg" {
		b.t.Errorf("got %q", got)
	}
	b.open(queryPath("size:5x"))
	b.until(`document.querySelector("#problem mark").textContent === "5x"`)
}

// testWide: at every width everything fits, and filters stand at the side of hits or below.
func testWide(b *tab) {
	for _, width := range []int64{320, 768, 1280} {
		b.run(chromedp.EmulateViewport(width, 900))
		for _, path := range []string{"/", queryPath("wget"), queryPath("host:hostile.example"), queryPath("size:5x"), "/servers", "/servers/mirror.uni.example", "/help"} {
			b.open(path)
			if w := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); w > 0 {
				b.t.Errorf("%s at %d: %d pixels too wide", path, width, w)
			}
		}
		b.open(queryPath("wget"))
		beside := eval[bool](b, `document.querySelector("#facets").getBoundingClientRect().top < document.querySelector(".hit").getBoundingClientRect().bottom`)
		if beside != (width > 1000) {
			b.t.Errorf("at %d: filters beside the hits: %v", width, beside)
		}
	}
}

// media emulates what the user prefers.
func media(scheme string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}})
}

// testDark: the page is as dark as the user's other windows.
func testDark(b *tab) {
	lightness := map[string]float64{}
	for _, scheme := range []string{"light", "dark"} {
		b.run(media(scheme))
		b.open("/")
		lightness[scheme] = eval[float64](b, `getComputedStyle(document.body).backgroundColor.match(/\d+/g).reduce((sum, n) => sum + Number(n), 0) / 3`)
	}
	if lightness["light"] < 200 || lightness["dark"] > 60 {
		b.t.Errorf("got %v", lightness)
	}
}

// testStale: a question that is not the newest is cancelled, and its answer, if it comes all the same, is not shown.
func testStale(t *testing.T, ctx context.Context, ts *httptest.Server) {
	asked, cancelled := make(chan bool, 9), make(chan bool, 9)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("part") == "answer" && r.URL.Query().Get("q") == "ubuntu" {
			asked <- true
			<-r.Context().Done()
			cancelled <- true
			return
		}
		ts.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	b := newTab(t, ctx, slow.URL)
	wait := func(what string, c chan bool) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(browserTimeout / 2):
			t.Fatalf("never %s", what)
		}
	}
	b.open("/")
	b.keys("ubuntu")
	wait("asked", asked)
	b.keys(" server")
	b.until(`document.querySelector("#count")?.textContent === "3 hits" && location.search === "?q=ubuntu%20server"`)
	wait("cancelled", cancelled)
}

// testAccessible: axe-core finds no violation of WCAG 2.2 AA or of its best practices, on any page, in either colours and
// at either width.
func testAccessible(b *tab) {
	source := axe(b.t)
	check := func(where string) {
		b.t.Helper()
		b.run(chromedp.Evaluate(source, nil))
		var found string
		b.run(chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
			.then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join("; "))))`, &found, awaitPromise))
		var list []string
		if err := json.Unmarshal([]byte(found), &list); err != nil {
			b.t.Fatal(err)
		}
		for _, v := range list {
			b.t.Errorf("%s: %s", where, v)
		}
	}
	pages := []string{queryPath("wget"), queryPath("ubuntu size:5x"), "/servers", "/", "/servers/mirror.uni.example", "/help", queryPath("host:hostile.example"), queryPath("ubunt size:>100gb"), "/nothing"}
	for i, scheme := range []string{"light", "dark"} {
		for j, width := range []int64{1280, 390} {
			b.run(media(scheme), chromedp.EmulateViewport(width, 900))
			for _, path := range pages[:len(pages)/(1+2*i+2*j)] { // all of them once
				b.open(path)
				b.run(chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => { d.open = true; })`, nil))
				check(fmt.Sprintf("%s, %s, %d", path, scheme, width))
			}
		}
	}
	b.open("/")
	b.keys("wget")
	b.until(`document.querySelector("#count")`)
	check("live")
	b.keys(" size:5x")
	b.until(`document.querySelector("#problem")`)
	check("live error")
}
