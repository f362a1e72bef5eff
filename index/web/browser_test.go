package web

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browserTimeout is what all that a test does in its tab may take.
const browserTimeout = 60 * time.Second

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
