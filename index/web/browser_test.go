package web

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browserTimeout is what all that a test does in its tab may take.
const browserTimeout = 2 * time.Minute

// lacking skips the test for the reason; where CI is true, which installs everything, it fails.
func lacking(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// chromium returns the path of the browser.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	lacking(t, "no Chromium here; testdata/servers/fetch.sh installs it")
	return ""
}

// axe returns the source of axe-core, which testdata/servers/fetch.sh installs beside the FTP servers of other tests.
func axe(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("FTPD_PREFIX")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			lacking(t, err.Error())
		}
		dir = filepath.Join(home, ".cache", "ftpidx-servers")
	}
	b, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		lacking(t, "no axe-core here; testdata/servers/fetch.sh installs it: "+err.Error())
	}
	return string(b)
}

// startBrowser starts a browser that ends with the test, and returns the context of its first tab.
func startBrowser(t testing.TB) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.WSURLReadTimeout(browserTimeout),
		chromedp.Flag("force-color-profile", "srgb"))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// A tab is a page in the browser, with what went wrong in it.
type tab struct {
	t   *testing.T
	ctx context.Context
	url string // of the server

	mu     sync.Mutex
	faults []string // exceptions, dialogs, and what the Content-Security-Policy refused
}

// newTab opens a tab. A fault in it fails the test, as does waiting for longer than browserTimeout.
func newTab(t *testing.T, browser context.Context, url string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, browserTimeout)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, url: url}
	chromedp.ListenTarget(ctx, func(e any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			b.faults = append(b.faults, e.ExceptionDetails.Error())
		case *cdppage.EventJavascriptDialogOpening:
			b.faults = append(b.faults, "dialog: "+e.Message)
		case *cdplog.EventEntryAdded:
			if e.Entry.Source != cdplog.SourceNetwork { // where it notes answers other than 200
				b.faults = append(b.faults, e.Entry.Text)
			}
		}
	})
	b.run(chromedp.EmulateViewport(1280, 900))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, f := range b.faults {
			t.Errorf("the page: %s", f)
		}
	})
	return b
}

func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to a page of the server.
func (b *tab) open(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.url+path), chromedp.WaitReady("main"))
}

// eval returns the value of an expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	var v T
	b.run(chromedp.Evaluate(expression, &v))
	return v
}

// until waits for an expression to be true, over changes of the page and from one page to the next.
func (b *tab) until(expression string) {
	b.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		done := false
		err := chromedp.Run(b.ctx, chromedp.Evaluate("Boolean("+expression+")", &done))
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-b.ctx.Done():
			b.t.Fatalf("never: %s (%v)", expression, err)
		}
	}
}

// press presses a key with a character as a keyboard does: the character comes only if the page lets the key pass.
func (b *tab) press(key string) {
	b.t.Helper()
	b.run(input.DispatchKeyEvent(input.KeyDown).WithKey(key).WithText(key), input.DispatchKeyEvent(input.KeyUp).WithKey(key))
}

// keys types keys into whatever has the focus, each with its character whatever the page says.
func (b *tab) keys(keys string) {
	b.t.Helper()
	b.run(chromedp.KeyEvent(keys))
}

// clear empties the search field by keys.
func (b *tab) clear() {
	b.t.Helper()
	b.run(chromedp.Focus("#q"), chromedp.Evaluate(`document.querySelector("#q").select()`, nil))
	b.keys(kb.Backspace)
}

// leave marks the page that is shown, and arrived waits for the next.
func (b *tab) leave() {
	b.t.Helper()
	b.run(chromedp.Evaluate(`document.documentElement.dataset.old = ""`, nil))
}

func (b *tab) arrived() {
	b.t.Helper()
	b.until(`document.documentElement.dataset.old === undefined && document.readyState === "complete"`)
}

// follow clicks the first link with the text, and waits for the page that it leads to.
func (b *tab) follow(selector, text string) {
	b.t.Helper()
	b.leave()
	b.run(chromedp.Evaluate(fmt.Sprintf(`[...document.querySelectorAll(%q)].find(a => a.firstChild.textContent.trim() === %q).click()`, selector, text), nil))
	b.arrived()
}

// names returns the names of the hits, as they are read.
func (b *tab) names() []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll(".hit h2 .name")].map(n => n.textContent)`)
}

func (b *tab) count() string {
	b.t.Helper()
	return eval[string](b, `document.querySelector("#count").textContent`)
}

func (b *tab) query() string {
	b.t.Helper()
	return eval[string](b, `document.querySelector("#q").value`)
}

// awaitPromise makes an evaluation wait for the value of a promise.
func awaitPromise(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// cdpBrowser returns the context in which commands go to the browser and not to the tab.
func cdpBrowser(ctx context.Context) context.Context {
	return cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser)
}
