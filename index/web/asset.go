package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// An asset is a file that pages load. Its URL holds a hash of its bytes, so that browsers keep it for good.
type asset struct {
	name, url string
	body      []byte
}

// assets are all of them, by name.
var assets = loadAssets("style.css", "script.js", "icon.svg")

func loadAssets(names ...string) map[string]asset {
	all := map[string]asset{}
	for _, name := range names {
		body, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		all[name] = asset{name: name, body: body,
			url: fmt.Sprintf("/static/%s.%s%s", strings.TrimSuffix(name, ext), hex.EncodeToString(sum[:6]), ext)}
	}
	return all
}

// templates are the pages.
var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"asset":        func(name string) string { return assets[name].url },
	"alternatives": alternatives,
	"isPlain":      isPlain,
}).ParseFS(pageFiles, "page/*.html"))

// alternatives cuts the queries of an example apart, and each of them behind the characters where its line may break.
func alternatives(queries string) [][]string {
	var list [][]string
	for _, q := range strings.Split(queries, "   ") {
		list = append(list, strings.SplitAfter(strings.ReplaceAll(q, "|", "|,"), ","))
	}
	for _, q := range list {
		for i := range q {
			if strings.HasSuffix(q[i], "|,") {
				q[i] = q[i][:len(q[i])-1]
			}
		}
	}
	return list
}

// serve answers with the bytes of an asset.
func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(a.body))
}
