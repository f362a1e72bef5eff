package unpack

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// The files mixed.* are mixed.bin (lines that repeat, noise, one byte often, words), packed by gzip, bzip2, xz,
// zstd, and ncompress with the code length in the name.

func TestReaderReadsWhatThePackersWrote(t *testing.T) {
	want, err := os.ReadFile("testdata/mixed.bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		file string
		kind Kind
	}{
		{"mixed.bin", Plain}, {"mixed.gz", Gzip}, {"mixed.bz2", Bzip2}, {"mixed.xz", XZ}, {"mixed.zst", Zstd},
		{"mixed.10.Z", Compress}, {"mixed.11.Z", Compress}, {"mixed.12.Z", Compress}, {"mixed.16.Z", Compress},
	} {
		t.Run(tt.file, func(t *testing.T) {
			packed, err := os.ReadFile(filepath.Join("testdata", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			for name, src := range map[string]io.Reader{
				"at once":     bytes.NewReader(packed),
				"byte a time": iotest.OneByteReader(bytes.NewReader(packed)),
			} {
				u, err := NewReader(src, int64(len(want)))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(u)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: got %d bytes and %v, want %d", name, len(got), err, len(want))
				}
				if u.Kind() != tt.kind {
					t.Errorf("got kind %q, want %q", u.Kind(), tt.kind)
				}
				u.Close()
			}
		})
	}
}

func TestReaderLeavesNamesAlone(t *testing.T) {
	for _, names := range []string{"BZhang.txt\r\n", "BZh", "BZh9\n", "BZh91.tar\n", ""} {
		u, err := NewReader(strings.NewReader(names), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(u); err != nil || string(got) != names || u.Kind() != Plain {
			t.Errorf("got %q of kind %q, %v; want %q as it is", got, u.Kind(), err, names)
		}
		u.Close()
	}
	empty := "BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"
	u, err := NewReader(strings.NewReader(empty), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if got, err := io.ReadAll(u); err != nil || len(got) != 0 || u.Kind() != Bzip2 {
		t.Errorf("an empty file packed by bzip2: got %q of kind %q, %v", got, u.Kind(), err)
	}
}

func TestReaderStopsAtTheLimit(t *testing.T) {
	for _, file := range []string{"mixed.bin", "mixed.gz", "mixed.16.Z"} {
		packed, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		u, err := NewReader(bytes.NewReader(packed), 1000)
		if err != nil {
			t.Fatal(err)
		}
		defer u.Close()
		got, err := io.ReadAll(u)
		if len(got) != 1000 || !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: got %d bytes and %v, want 1000 and ErrTooLarge", file, len(got), err)
		}
	}
}

func TestReaderReportsCutAndDamagedStreams(t *testing.T) {
	files, err := filepath.Glob("testdata/mixed.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".bin") || strings.HasSuffix(file, ".Z") {
			continue // the format of compress(1) has neither length nor checksum
		}
		packed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		u, err := NewReader(bytes.NewReader(packed[:len(packed)/2]), 0)
		if err == nil {
			_, err = io.Copy(io.Discard, u)
			u.Close()
		}
		if err == nil {
			t.Errorf("half of %s is read without an error", file)
		}
	}
}

func TestReaderRefusesHugeWindows(t *testing.T) {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(512<<20))
	if err != nil {
		t.Fatal(err)
	}
	// Larger than what is buffered, so that the frame cannot say that it is small.
	w.Write(make([]byte, 2<<20))
	w.Flush()
	w.Write([]byte("x"))
	w.Close()
	u, err := NewReader(&b, 0)
	if err == nil {
		_, err = io.Copy(io.Discard, u)
		u.Close()
	}
	if err == nil {
		t.Error("zstd: a window of 512 MiB is granted")
	}

	packed, err := os.ReadFile("testdata/mixed.xz")
	if err != nil {
		t.Fatal(err)
	}
	// Block header: size, flags, filter LZMA2 with one byte of properties, of which 39 is 3 GiB.
	if packed[14] != 0x21 || packed[15] != 1 {
		t.Fatal("mixed.xz has another block header than expected")
	}
	packed[16] = 39
	if _, err := NewReader(bytes.NewReader(packed), 0); err == nil || !strings.Contains(err.Error(), "dictionary") {
		t.Errorf("xz: got %v, want an error about the dictionary", err)
	}
}

func TestTrimExt(t *testing.T) {
	for name, want := range map[string]string{"ls-lR.gz": "ls-lR", "a.Z": "a", "a.z": "a.z", "ls-lR": "ls-lR", "x.tar.zst": "x.tar"} {
		if got := TrimExt(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func FuzzCompress(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.Z")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := NewReader(bytes.NewReader(append([]byte("\x1f\x9d"), b...)), 1<<20)
		if err != nil {
			return
		}
		io.Copy(io.Discard, u)
		u.Close()
	})
}
