package crawl

import (
	"strings"
	"testing"
)

func TestRecordPath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, dir, name string }{
		{"/pub/a.tar", "/pub", "a.tar"}, {"/a.tar", "/", "a.tar"}, {"pub/a.tar", "pub", "a.tar"}, {"a.tar", "/", "a.tar"},
	} {
		var r Record
		if err := r.UnmarshalJSON([]byte(`{"path":"` + tt.path + `"}`)); err != nil || r.Dir != tt.dir || r.Entry.Name != tt.name {
			t.Errorf("%s: got %q in %q, %v, want %q in %q", tt.path, r.Entry.Name, r.Dir, err, tt.name, tt.dir)
		}
	}
}

// A reason is shown as it is, so that one of a stranger's export has to be words.
func TestRecordReason(t *testing.T) {
	t.Parallel()
	for reason, good := range map[string]bool{
		"": true, string(Refused): true, string(SeedDisallowed): true, "of a newer program": true,
		`\u001b[2J`: false, `a\nb`: false, `\u202e`: false,
	} {
		var r Record
		err := r.UnmarshalJSON([]byte(`{"dir":"/","listing":{"status":"failed","reason":"` + reason + `"}}`))
		if good && err != nil || !good && (err == nil || !strings.Contains(err.Error(), "bad reason")) {
			t.Errorf("%s: %v", reason, err)
		}
	}
}
