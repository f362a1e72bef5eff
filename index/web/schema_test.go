package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// keywords are all that openapi.json may use of JSON Schema, so that nothing in it goes unchecked; the last two only say things.
var keywords = []string{"type", "enum", "pattern", "format", "minimum", "maximum", "minItems", "maxItems", "items",
	"required", "properties", "additionalProperties", "$ref", "description", "default"}

// A document is an OpenAPI document.
type document map[string]any

func parseDocument(t testing.TB) document {
	t.Helper()
	return document(decode[map[string]any](t, openAPIDocument))
}

// at follows a path of keys; nil if it leads nowhere.
func (d document) at(keys ...string) any {
	var v any = map[string]any(d)
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
		if m, ok := v.(map[string]any); ok && m["$ref"] != nil {
			v = d.at(strings.Split(strings.TrimPrefix(m["$ref"].(string), "#/"), "/")...)
		}
	}
	return v
}

// validate returns what is wrong with the JSON text b by the schema s.
func (d document) validate(s any, b []byte) error {
	if !utf8.Valid(b) {
		return fmt.Errorf("not UTF-8: %q", b)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	var v any
	if err := dec.Decode(&v); err != nil {
		return err
	}
	return d.check(s, v, "$")
}

func (d document) check(anySchema, v any, at string) error {
	if b, ok := anySchema.(bool); ok {
		if !b {
			return fmt.Errorf("%s is not in the schema", at)
		}
		return nil
	}
	s, ok := anySchema.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: no schema", at)
	}
	for k := range s {
		if !slices.Contains(keywords, k) {
			return fmt.Errorf("%s: the schema has %q, which this test does not know", at, k)
		}
	}
	if ref, ok := s["$ref"].(string); ok {
		return d.check(d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...), v, at)
	}
	if err := checkType(s["type"], v); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Errorf("%s: %v is none of %v", at, v, enum)
	}
	switch v := v.(type) {
	case string:
		if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			return fmt.Errorf("%s: %q does not match %s", at, v, p)
		}
		if f, ok := s["format"].(string); ok {
			if _, err := time.Parse(time.RFC3339Nano, v); f != "date-time" || err != nil {
				return fmt.Errorf("%s: %q is no %s", at, v, f)
			}
		}
	case float64:
		if m, ok := s["minimum"].(float64); ok && v < m {
			return fmt.Errorf("%s: %v < %v", at, v, m)
		}
		if m, ok := s["maximum"].(float64); ok && v > m {
			return fmt.Errorf("%s: %v > %v", at, v, m)
		}
	case []any:
		if m, ok := s["minItems"].(float64); ok && len(v) < int(m) {
			return fmt.Errorf("%s: %d items", at, len(v))
		}
		if m, ok := s["maxItems"].(float64); ok && len(v) > int(m) {
			return fmt.Errorf("%s: %d items", at, len(v))
		}
		for i, x := range v {
			if err := d.check(s["items"], x, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		required, _ := s["required"].([]any)
		for _, k := range required {
			if _, ok := v[k.(string)]; !ok {
				return fmt.Errorf("%s has no %s", at, k)
			}
		}
		properties, _ := s["properties"].(map[string]any)
		for k, x := range v {
			sub, ok := properties[k]
			if !ok {
				if sub, ok = s["additionalProperties"]; !ok {
					continue
				}
			}
			if err := d.check(sub, x, at+"."+k); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkType(want, v any) error {
	types := []any{want}
	switch w := want.(type) {
	case nil:
		return nil
	case []any:
		types = w
	}
	for _, t := range types {
		ok := false
		switch v := v.(type) {
		case nil:
			ok = t == "null"
		case bool:
			ok = t == "boolean"
		case string:
			ok = t == "string"
		case float64:
			ok = t == "number" || t == "integer" && v == math.Trunc(v)
		case []any:
			ok = t == "array"
		case map[string]any:
			ok = t == "object"
		}
		if ok {
			return nil
		}
	}
	return fmt.Errorf("%v is no %v", v, want)
}

// TestValidate shows that the checks bite.
func TestValidate(t *testing.T) {
	t.Parallel()
	d := parseDocument(t)
	good := `{"total":1,"hits":[{"url":"ftp://a/b","scheme":"ftp","host":"a","path":"/b","name":"b","dir":"/","depth":0,"type":"file","highlights":[[0,1]]}],` +
		`"facets":{"ext":[{"value":"","count":1}]},"next":null,"took_ms":0.1,"partial":false}`
	result := d.at("components", "schemas", "Result")
	if err := d.validate(result, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, edit := range [][2]string{
		{`"total":1`, `"total":-1`}, {`"total":1`, `"total":1.5`}, {`"total":1`, `"total":"1"`}, {`"partial":false`, `"partial":null`}, {`"next":null,`, ``},
		{`"url":"ftp:`, `"url":"javascript:`}, {`"type":"file"`, `"type":"File"`}, {`"depth":0`, `"deep":0`}, {`"type":"file"`, `"type":"file","more":1`},
		{`[0,1]`, `[0]`}, {`"count":1`, `"count":0`}, {`"dir":"/"`, `"dir":""`}, {`"type":"file"`, `"type":"file","mtime":"2024-01-01"`}, {`"name":"b"`, "\"name\":\"\xff\""},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			t.Fatalf("%q is not there", edit[0])
		}
		if err := d.validate(result, []byte(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	if err := d.check(map[string]any{"oneOf": nil}, 1.0, "$"); err == nil {
		t.Error("an unknown keyword is taken")
	}
}
