package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/ftpidx/ftpidx/"

// importTable says what each package may import besides the standard library. A word without a dot is a package of
// ours; anything else is a prefix of a module path. Change policy here, on purpose.
//
// The shape that it keeps: parse knows nothing, crawl and index do not know each other, each third party
// has one importer, and only the command knows everything.
var importTable = map[string][]string{
	"parse":                 {},
	"crawl":                 {"parse", "crawl/unpack", "golang.org/x/text", "golang.org/x/net/idna", "golang.org/x/sync", "golang.org/x/time"},
	"crawl/archive":         {"crawl", "crawl/unpack", "parse", "go.etcd.io/bbolt", "github.com/klauspost/compress/zstd", "github.com/rogpeppe/go-internal/robustio", "golang.org/x/sys"},
	"crawl/ftpconn":         {"crawl", "github.com/jlaffaye/ftp", "golang.org/x/net/proxy", "golang.org/x/sys"},
	"crawl/ftptest":         {},
	"crawl/ftptest/realftp": {},
	"crawl/unpack":          {"github.com/klauspost/compress", "github.com/ulikunitz/xz"},
	"index/query":           {"golang.org/x/text"},
	"index":                 {"parse", "index/query", "index/segment", "github.com/blevesearch", "github.com/RoaringBitmap/roaring/v2", "github.com/klauspost/compress/zstd", "github.com/rogpeppe/go-internal/robustio", "golang.org/x/sync", "golang.org/x/sys"},
	"index/segment":         {"github.com/blevesearch", "github.com/RoaringBitmap/roaring/v2", "github.com/golang/snappy", "go.etcd.io/bbolt"},
	"index/web":             {"index", "index/query", "github.com/prometheus/client_golang"},
	"index/indextest":       {"index", "index/query", "parse"},
	"cmd/ftpidx": {"parse", "crawl", "crawl/archive", "crawl/ftpconn", "crawl/ftptest", "crawl/unpack", "index", "index/query", "index/web",
		"github.com/spf13", "github.com/KimMachineGun/automemlimit/memlimit", "github.com/vbauerster/mpb/v8", "github.com/mattn/go-runewidth", "golang.org/x/net/netutil", "golang.org/x/term", "golang.org/x/sys", "golang.org/x/text", "github.com/pelletier/go-toml/v2"},
}

// testImports are what tests of any package but parse may import besides.
var testImports = []string{
	"parse", "crawl", "crawl/archive", "crawl/ftpconn", "crawl/ftptest", "crawl/ftptest/realftp", "crawl/unpack", "index", "index/query", "index/indextest",
	"github.com/google/go-cmp", "go.uber.org/goleak", "github.com/rogpeppe/go-internal", "github.com/chromedp", "golang.org/x/sys", "golang.org/x/sync",
	"golang.org/x/text", "github.com/blevesearch", "github.com/klauspost/compress", "github.com/ulikunitz/xz",
}

// topLevel is everything that may stand at the top of the repository.
var topLevel = []string{"go.mod", "go.sum", "cmd", "parse", "crawl", "index", "testdata", "README.md", "LICENSE"}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(topLevel, e.Name()) && !strings.HasPrefix(e.Name(), ".") && e.Name() != "ftpidx" {
			t.Errorf("%s does not belong at the top of the repository", e.Name())
		}
	}
}

func TestImports(t *testing.T) {
	seen := map[string]bool{}
	walkGo(t, func(pkg, file string, f *ast.File) {
		allowed, ok := importTable[pkg]
		if !ok {
			t.Errorf("package %s is not in the import table", pkg)
			return
		}
		seen[pkg] = true
		if strings.HasSuffix(file, "_test.go") && pkg != "parse" {
			allowed = append(slices.Clone(allowed), testImports...)
		}
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if why := forbidden(pkg, path, allowed); why != "" {
				t.Errorf("%s: %s", file, why)
			}
		}
	})
	for pkg := range importTable {
		if _, err := os.Stat(filepath.Join(root, pkg)); err == nil && !seen[pkg] {
			t.Errorf("package %s was not looked at", pkg)
		}
	}
}

// forbidden says why pkg may not import path, or "".
func forbidden(pkg, path string, allowed []string) string {
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return "" // standard library
	}
	own, ours := strings.CutPrefix(path, module)
	if ours && own == pkg { // external tests
		return ""
	}
	for _, a := range allowed {
		if ours && own == a || !ours && (path == a || strings.HasPrefix(path, a+"/")) {
			return ""
		}
	}
	return fmt.Sprintf("package %s may not import %s", pkg, path)
}

// TestForbidden shows that the table bites.
func TestForbidden(t *testing.T) {
	for _, tt := range []struct {
		pkg, path string
		ok        bool
	}{
		{"parse", "strings", true},
		{"parse", "golang.org/x/text/encoding", false},
		{"crawl", module + "index", false},
		{"index", module + "crawl", false},
		{"index", "github.com/blevesearch/bleve/v2", true},
		{"index", "github.com/blevesearchers/x", false},
		{"crawl", "github.com/jlaffaye/ftp", false},
		{"crawl/ftpconn", "github.com/jlaffaye/ftp", true},
		{"crawl/archive", "go.etcd.io/bbolt", true},
	} {
		if why := forbidden(tt.pkg, tt.path, importTable[tt.pkg]); (why == "") != tt.ok {
			t.Errorf("%s importing %s: got %q, want allowed %v", tt.pkg, tt.path, why, tt.ok)
		}
	}
}

// TestOneExit checks that nobody but the command ends the process.
func TestOneExit(t *testing.T) {
	walkGo(t, func(pkg, file string, f *ast.File) {
		if pkg == "cmd/ftpidx" || strings.HasSuffix(file, "_test.go") {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && (x.Name == "os" && s.Sel.Name == "Exit" || x.Name == "log" && strings.HasPrefix(s.Sel.Name, "Fatal")) {
					t.Errorf("%s calls %s.%s", file, x.Name, s.Sel.Name)
				}
			}
			return true
		})
	})
}

// root is the top of the repository, seen from this package.
const root = "../.."

// walkGo calls f for every Go file of the module; benchmarks with a go.mod of their own are other modules.
func walkGo(t *testing.T, f func(pkg, file string, ast *ast.File)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files++
		f(filepath.ToSlash(filepath.Dir(rel)), filepath.ToSlash(rel), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d Go files found: looking in the wrong place", files)
	}
}
