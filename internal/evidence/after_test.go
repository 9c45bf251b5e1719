package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/digitorus/timestamp"
)

// authority is a time-stamping authority of the test's own. spoil changes what it is asked to stamp.
func authority(t testing.TB, spoil func(*timestamp.Request)) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: night.AddDate(-1, 0, 0),
		NotAfter: night.AddDate(9, 0, 0), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}, KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req, err := timestamp.ParseRequest(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		spoil(req)
		stamp := timestamp.Timestamp{HashAlgorithm: req.HashAlgorithm, HashedMessage: req.HashedMessage, Time: night, Nonce: req.Nonce,
			Policy: []int{1, 2, 3}, AddTSACertificate: true}
		reply, err := stamp.CreateResponseWithOpts(cert, key, crypto.SHA256)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Write(reply)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestTimeStamp(t *testing.T) {
	store, key := storeOf(t, 1)
	dir := filepath.Join(store, mustRuns(t, store)[0])
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	s := authority(t, func(*timestamp.Request) {})
	reply, at, err := TimeStamp(t.Context(), s.Client(), s.URL, dir)
	if err != nil || !at.Equal(night) {
		t.Fatalf("%v %v", at, err)
	}
	if err := KeepReceipts(t.Context(), dir, signer, []Receipt{{What: ReceiptTimeStamp, Where: s.URL, Time: night}}, reply); err != nil {
		t.Fatal(err)
	}
	c, err := Verify(t.Context(), os.DirFS(dir), key)
	if err != nil || len(c.Problems) > 0 || !c.Stamped.Equal(night) || c.Seal.TimeStamped != s.URL {
		t.Fatalf("%v %v %v %+v", err, c.Problems, c.Stamped, c.Seal)
	}
	path := filepath.Join(dir, TimeStampName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		changed := append([]byte{}, data...)
		changed[i] ^= 1 << (i % 8)
		write(t, path, changed)
		if c, err := Verify(t.Context(), os.DirFS(dir), key); err != nil || len(c.Problems) == 0 {
			t.Errorf("byte %d of the time stamp was flipped and nobody noticed: %v", i, err)
		}
	}
	remove(t, path)
	if c, err := Verify(t.Context(), os.DirFS(dir), key); err != nil || len(c.Problems) == 0 {
		t.Errorf("the time stamp was removed and nobody noticed: %v", err)
	}
}

func TestTimeStampRefused(t *testing.T) {
	store, _ := storeOf(t, 1)
	dir := filepath.Join(store, mustRuns(t, store)[0])
	for name, tc := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"web page":    {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }), "cannot be read"},
		"error":       {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }), "503"},
		"other stamp": {authority(t, func(r *timestamp.Request) { r.HashedMessage[0] ^= 1 }).Config.Handler, "another manifest"},
		"replayed":    {authority(t, func(r *timestamp.Request) { r.Nonce = big.NewInt(7) }).Config.Handler, "another request"},
		"no nonce":    {authority(t, func(r *timestamp.Request) { r.Nonce = nil }).Config.Handler, "another request"},
	} {
		s := httptest.NewServer(tc.handler)
		if _, _, err := TimeStamp(t.Context(), s.Client(), s.URL, dir); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
	}
}

func TestPublish(t *testing.T) {
	store, key := storeOf(t, 2)
	to := t.TempDir()
	noAWS := func() (aws.Config, error) { return aws.Config{}, errors.New("no network in this test") }
	for _, id := range mustRuns(t, store) {
		if err := Publish(t.Context(), noAWS, to, store, id); err != nil {
			t.Fatal(err)
		}
		witness, err := os.ReadFile(filepath.Join(to, "checkpoints", id+".note"))
		if err != nil {
			t.Fatal(err)
		}
		if got := problems(t, store, key, string(witness)); len(got) > 0 {
			t.Error(got)
		}
	}
	if err := Publish(t.Context(), noAWS, filepath.Join(to, "none"), store, mustRuns(t, store)[0]); err == nil || !strings.Contains(err.Error(), "is no folder") {
		t.Error(err)
	}
	if err := Publish(t.Context(), noAWS, "s3://bucket/x", store, mustRuns(t, store)[0]); err == nil || !strings.Contains(err.Error(), "no network") {
		t.Error(err)
	}
	for to, want := range map[string]string{"s3://b": "b|", "s3://b/p": "b|p/", "s3://b/p/": "b|p/", "s3://": "", "/tmp": ""} {
		bucket, prefix, ok := s3Place(to)
		if got := bucket + "|" + prefix; ok && got != want || ok == (want == "") {
			t.Errorf("%s: %s %v", to, got, ok)
		}
	}
}

// TestPublishRefuses: a witness is never given a log that does not begin with what it has, and stays as it was.
func TestPublishRefuses(t *testing.T) {
	store, _ := storeOf(t, 3)
	other, _ := storeOf(t, 3)
	whole, err := os.ReadFile(logPath(store))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		store func(t *testing.T) string
		want  string
	}{
		"the same again": {func(t *testing.T) string { return clone(t, store) }, ""},
		"one more run": {func(t *testing.T) string {
			s := clone(t, store)
			commit(t, begin(t, s, 7), signer, 7)
			return s
		}, ""},
		"rolled back": {func(t *testing.T) string {
			s := clone(t, store)
			write(t, logPath(s), []byte(strings.Join(lines[:2], "")))
			return s
		}, "the log was rolled back: 3 entries are published, and 2 are left"},
		"rolled back and gone on": {func(t *testing.T) string {
			s := clone(t, store)
			write(t, logPath(s), []byte(lines[0]))
			for i := range 4 {
				commit(t, begin(t, s, 7+i), signer, 7+i)
			}
			return s
		}, "the first 3 entries were changed"},
		"another store": {func(*testing.T) string { return other }, "or it is another store's"},
		"empty":         {func(t *testing.T) string { s := clone(t, store); write(t, logPath(s), nil); return s }, "rolled back: 3 entries are published, and 0 are left"},
	} {
		t.Run(name, func(t *testing.T) {
			to := t.TempDir()
			write(t, filepath.Join(to, publishedLog), whole)
			s := tc.store(t)
			ids := mustRuns(t, s)
			err := Publish(t.Context(), nil, to, s, ids[len(ids)-1])
			got, _ := os.ReadFile(filepath.Join(to, publishedLog))
			ours, _ := os.ReadFile(logPath(s))
			if tc.want == "" {
				if err != nil || string(got) != string(ours) {
					t.Errorf("%v; published:\n%s", err, got)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) || string(got) != string(whole) {
				t.Errorf("%v; published:\n%s", err, got)
			}
			if names := filesOf(t, to); len(names) != 1 {
				t.Errorf("something was written: %v", names)
			}
		})
	}
}

// TestHostilePackages: what a stranger's zip may hold leads nowhere.
func TestHostilePackages(t *testing.T) {
	for name, entries := range map[string][]zipEntry{
		"parent":         {{name: "../evil", data: "x"}},
		"absolute":       {{name: "/etc/evil", data: "x"}},
		"backslash":      {{name: `..\evil`, data: "x"}},
		"drive":          {{name: "c:evil", data: "x"}},
		"link":           {{name: "link", data: "/etc/passwd", mode: os.ModeSymlink | 0o777}},
		"device":         {{name: "dev", mode: os.ModeDevice}},
		"twice":          {{name: "a", data: "x"}, {name: "a", data: "y"}},
		"case":           {{name: "a", data: "x"}, {name: "A", data: "y"}},
		"file as folder": {{name: "a", data: "x"}, {name: "a/b", data: "y"}},
		"bomb":           {{name: "bomb", data: strings.Repeat("\x00", 64<<20)}},
		"nul":            {{name: "a\x00b", data: "x"}},
		"long":           {{name: strings.Repeat("a/", 400) + "b", data: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			outer := t.TempDir()
			dir := filepath.Join(outer, "in")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(outer, "p.zip")
			writeZip(t, path, entries)
			if _, err := Unpack(path, dir); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("accepted: %v", err)
			}
			if left, _ := os.ReadDir(outer); len(left) != 2 {
				t.Errorf("something was written outside: %v", left)
			}
		})
	}
}

func TestPackRoundTrip(t *testing.T) {
	store, key := storeOf(t, 2)
	dir := filepath.Join(store, mustRuns(t, store)[1])
	path := filepath.Join(t.TempDir(), "p.zip")
	var sums []string
	for range 2 {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(Pack(f, os.DirFS(dir), map[string][]byte{ReadMe: []byte("how to verify")}), f.Close()); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, Digest(data))
	}
	if sums[0] != sums[1] {
		t.Error("the same run packs to other bytes")
	}
	into := t.TempDir()
	if same, err := Unpack(path, into); err != nil || !same {
		t.Fatal(same, err)
	}
	c, err := Verify(context.WithoutCancel(t.Context()), os.DirFS(into), key)
	if err != nil || len(c.Problems) > 0 || !slices.Equal(c.Unsigned, []string{ReadMe}) {
		t.Errorf("%v %v %v", err, c.Problems, c.Unsigned)
	}
}

// TestEveryByteOfAPackageCounts flips bytes of a package, readme and structure of the zip included, and adds one at each end. Every fifth
// byte of the files will do, since TestEveryByteCounts does them all; what holds them together is flipped in full.
func TestEveryByteOfAPackageCounts(t *testing.T) {
	store, key := storeOf(t, 2)
	dir := filepath.Join(store, mustRuns(t, store)[1])
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	more, err := SignedReports(t.Context(), os.DirFS(dir), signer, map[string][]byte{ReadMe: []byte("how to verify")})
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := Pack(&whole, os.DirFS(dir), more); err != nil {
		t.Fatal(err)
	}
	outer := t.TempDir()
	verifies := func(data []byte) bool {
		path, into := filepath.Join(outer, "p.zip"), filepath.Join(outer, "in")
		remove(t, into)
		if err := os.Mkdir(into, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, data)
		same, err := Unpack(path, into)
		if err != nil || !same {
			return false
		}
		c, err := Verify(t.Context(), os.DirFS(into), key)
		return err == nil && len(c.Problems)+len(c.Unsigned) == 0
	}
	if !verifies(whole.Bytes()) {
		t.Fatal("the package as it was written does not verify")
	}
	structure := bytes.LastIndex(whole.Bytes(), []byte("summary.json")) - 3000
	for i := range whole.Bytes() {
		if i%5 != 0 && i < structure {
			continue
		}
		changed := bytes.Clone(whole.Bytes())
		changed[i] ^= 1 << (i % 8)
		if verifies(changed) {
			t.Errorf("byte %d of %d was flipped and nobody noticed", i, len(changed))
		}
	}
	for _, data := range [][]byte{append([]byte{0}, whole.Bytes()...), append(whole.Bytes(), 0), whole.Bytes()[:whole.Len()-1]} {
		if verifies(data) {
			t.Errorf("%d bytes instead of %d, and nobody noticed", len(data), whole.Len())
		}
	}
}

// TestWitnessOfARun holds a run by itself against checkpoints from elsewhere.
func TestWitnessOfARun(t *testing.T) {
	store, key := storeOf(t, 3)
	other, _ := storeOf(t, 2)
	l, err := readLog(store)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := readLog(other)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ReadSigner(KeyPath(store))
	if err != nil {
		t.Fatal(err)
	}
	anew := filepath.Join(t.TempDir(), "runs")
	for i := range 2 {
		commit(t, begin(t, anew, i+7), signer, i+7)
	}
	rebuilt, err := readLog(anew)
	if err != nil {
		t.Fatal(err)
	}
	files := os.DirFS(filepath.Join(store, mustRuns(t, store)[1]))
	for name, tc := range map[string]struct {
		text, problem, err string
	}{
		"its own":  {l.entries[1].Checkpoint, "", ""},
		"earlier":  {l.entries[0].Checkpoint, "", "covers 1 entries of the log, and that of run"},
		"later":    {l.entries[2].Checkpoint, "", "covers 3 entries"},
		"rebuilt":  {rebuilt.entries[1].Checkpoint, "built anew", ""},
		"foreign":  {foreign.entries[1].Checkpoint, "not signed by the key", ""},
		"no note":  {"x", "cannot be read", ""},
		"appended": {l.entries[1].Checkpoint + "x", "", ""},
	} {
		c, err := Verify(t.Context(), files, key)
		if err != nil || len(c.Problems) > 0 {
			t.Fatal(err, c.Problems)
		}
		err = c.Witness(files, tc.text)
		if name == "appended" {
			if len(c.Problems) != 1 {
				t.Errorf("%s: %v", name, c.Problems)
			}
			continue
		}
		if tc.err == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%s: %v", name, err)
		}
		if tc.problem == "" != (len(c.Problems) == 0) || !strings.Contains(fmt.Sprint(c.Problems), tc.problem) {
			t.Errorf("%s: %v", name, c.Problems)
		}
	}
}

type zipEntry struct {
	name, data string
	mode       os.FileMode
}

func writeZip(t testing.TB, path string, entries []zipEntry) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if h.SetMode(0o644); e.mode != 0 {
			h.SetMode(e.mode)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}
