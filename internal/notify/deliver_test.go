package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake fails with each of errs in turn, then takes everything.
type fake struct {
	name string
	errs []error
	sent []*Message
}

func (f *fake) Name() string { return f.name }
func (f *fake) Send(_ context.Context, m *Message) error {
	if len(f.errs) > 0 {
		err := f.errs[0]
		f.errs = f.errs[1:]
		return err
	}
	f.sent = append(f.sent, m)
	return nil
}

func sender(dead *DeadLetters, channels ...Channel) (*Sender, *sleeps) {
	m, s := machine(nil)
	return &Sender{Channels: channels, Dead: dead, Tries: 5, Now: m.Now, Sleep: m.Sleep}, s
}

func seconds(n ...int) (all []time.Duration) {
	for _, s := range n {
		all = append(all, time.Duration(s)*time.Second)
	}
	return all
}

func repeat(err error, n int) (all []error) { return slices.Repeat([]error{err}, n) }

func TestTries(t *testing.T) {
	busy, gone := &failure{text: "busy"}, &failure{text: "gone", final: true}
	asks := func(d time.Duration) error { return &failure{text: "busy", after: d} }
	for name, c := range map[string]struct {
		errs  []error
		tries int
		waits []time.Duration
		want  string // "": delivered
	}{
		"at once":                {nil, 1, nil, ""},
		"at the third":           {repeat(busy, 2), 3, seconds(2, 8), ""},
		"never":                  {repeat(busy, 9), 5, seconds(2, 8, 32, 128), "busy"},
		"final":                  {[]error{busy, gone}, 2, seconds(2), "gone"},
		"any other error":        {[]error{errors.New("odd")}, 2, seconds(2), ""},
		"asks for more":          {[]error{asks(time.Minute), busy}, 3, seconds(60, 8), ""},
		"asks for less":          {[]error{asks(time.Second)}, 2, seconds(2), ""},
		"asks for the most":      {[]error{asks(15 * time.Minute)}, 2, seconds(900), ""},
		"asks for too much":      {[]error{asks(time.Hour)}, 1, nil, "busy, and it asks to wait 1h0m0s"},
		"some do not get it":     {[]error{busy, &partial{"refused one"}}, 2, seconds(2), ""},
		"the wait stays bounded": {repeat(busy, 9), 8, seconds(2, 8, 32, 128, 300, 300, 300), "busy"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			dead := OpenDeadLetters(t.TempDir())
			s, slept := sender(dead, &fake{name: "f", errs: c.errs})
			s.Tries = max(s.Tries, c.tries)
			r := s.Send(t.Context(), someMessage())[0]
			got := ""
			if r.Err != nil {
				got = r.Err.Error()
			}
			if got != c.want || r.Tries != c.tries || !slices.Equal(slept.took, c.waits) {
				t.Errorf("%q after %d tries and %v, want %q after %d and %v", got, r.Tries, slept.took, c.want, c.tries, c.waits)
			}
			n, err := dead.Count()
			if err != nil || (n == 1) != (c.want != "") || r.Kept != (n == 1) {
				t.Errorf("%d dead letters, kept %v: %v", n, r.Kept, err)
			}
			if name == "some do not get it" && r.Note != "refused one" {
				t.Errorf("note %q", r.Note)
			}
		})
	}
}

// TestStopped: who stops the program does not wait for a receiver, and loses no message.
func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dead := OpenDeadLetters(t.TempDir())
	s, slept := sender(dead, &fake{name: "f", errs: repeat(&failure{text: "busy"}, 9)})
	slept.stop = cancel
	r := s.Send(ctx, someMessage())[0]
	if want := "busy; stopped before the next try"; r.Err == nil || r.Err.Error() != want || r.Tries != 1 || !r.Kept {
		t.Errorf("%+v", r)
	}
	if n, err := dead.Count(); n != 1 || err != nil {
		t.Errorf("%d dead letters: %v", n, err)
	}
}

// TestOthersGetIt: a channel that fails stops no other, and what cannot be kept is an error of its own.
func TestOthersGetIt(t *testing.T) {
	store := t.TempDir()
	if err := os.Mkdir(store+"/"+DeadName, 0o755); err != nil { // a folder stands where the letters would lie
		t.Fatal(err)
	}
	good, bad := &fake{name: "good"}, &fake{name: "bad", errs: repeat(&failure{text: "gone", final: true}, 1)}
	s, _ := sender(OpenDeadLetters(store), bad, good)
	r := s.Send(t.Context(), someMessage())
	if r[1].Err != nil || len(good.sent) != 1 {
		t.Errorf("%+v", r[1])
	}
	if r[0].Err == nil || r[0].Kept || !strings.HasPrefix(r[0].Err.Error(), "gone; and it could not be kept: keep a dead letter: ") {
		t.Errorf("%+v", r[0])
	}
}

func TestDeadLetters(t *testing.T) {
	store := t.TempDir()
	dead := OpenDeadLetters(store)
	if n, err := dead.Count(); n != 0 || err != nil {
		t.Fatalf("%d: %v", n, err)
	}
	requireAlone(t, store) // nothing is made to find nothing
	bad := func(name string) *fake {
		return &fake{name: name, errs: repeat(&failure{text: "gone", final: true}, 99)}
	}
	s, _ := sender(dead, bad("a"), bad("b"))
	for range 3 {
		s.Send(t.Context(), someMessage())
	}
	requireMode(t, dead.Path(), 0o600)
	// A crash cut the last line short, and another version wrote one.
	whole := read(t, dead.Path())
	write(t, dead.Path(), `{"schema_version":9,"letter":"of another version"}`+"\n"+whole[:len(whole)-20])
	if n, err := dead.Count(); n != 5 || err != nil {
		t.Fatalf("%d: %v", n, err)
	}
	s.Send(t.Context(), someMessage())
	if n, err := dead.Count(); n != 7 || err != nil {
		t.Fatalf("%d: %v", n, err)
	}
	// a takes them now, b takes one, c is asked for nothing.
	a, b, c := &fake{name: "a"}, &fake{name: "b", errs: []error{nil, &failure{text: "full", final: true}}}, &fake{name: "c"}
	retry, slept := sender(dead, a, b, c)
	b.errs = []error{&failure{text: "full"}}
	results, err := retry.Retry(t.Context())
	if err != nil || len(results) != 7 || len(slept.took) != 0 {
		t.Fatalf("%v: %v, slept %v", err, results, slept.took)
	}
	n, err := dead.Count()
	if err != nil || len(a.sent)+n != 7 || len(b.sent) != 0 || len(c.sent) != 0 || len(a.sent) < 3 {
		t.Errorf("a %d, b %d, c %d, left %d: %v", len(a.sent), len(b.sent), len(c.sent), n, err)
	}
	left := read(t, dead.Path())
	if !strings.Contains(left, "of another version") || strings.Contains(left, `"channel":"a"`) || !strings.Contains(left, `"tries":2,"error":"full"`) {
		t.Error(left)
	}
	// Of a channel that fails, only the first letter is tried.
	tried := slices.IndexFunc(results, func(r Result) bool { return r.Err != nil && r.Err.Error() == "not tried: full" })
	if tried < 0 {
		t.Errorf("%+v", results)
	}
	// Without the channel they stay.
	retry, _ = sender(dead, a)
	if results, err = retry.Retry(t.Context()); err != nil || len(results) != n || results[0].Err == nil {
		t.Errorf("%v: %v", err, results)
	}
	if again, err := dead.Count(); again != n || err != nil {
		t.Errorf("%d left of %d: %v", again, n, err)
	}
	// With all of them taken, and nothing else in it, the file goes.
	write(t, dead.Path(), strings.SplitAfterN(left, "\n", 2)[1])
	retry, _ = sender(dead, &fake{name: "b"})
	if _, err := retry.Retry(t.Context()); err != nil {
		t.Fatal(err)
	}
	requireAlone(t, store, DeadName+".lock")
}

// TestDeadLettersTogether: many at once, in one process and as if in several, lose no letter and no line.
func TestDeadLettersTogether(t *testing.T) {
	store := t.TempDir()
	var all sync.WaitGroup
	for i := range 8 {
		dead := OpenDeadLetters(store)
		all.Go(func() {
			for j := range 10 {
				if err := dead.Add(Letter{SchemaVersion: 1, Channel: fmt.Sprint(i), Tries: j, Message: someMessage()}); err != nil {
					t.Error(err)
				}
				if err := dead.Each(func(l Letter) (Letter, bool) { l.Tries++; return l, true }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n, err := OpenDeadLetters(store).Count(); n != 80 || err != nil {
		t.Errorf("%d of 80: %v", n, err)
	}
}

func TestDeadLettersFull(t *testing.T) {
	dead := OpenDeadLetters(t.TempDir())
	f, err := os.Create(dead.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(maxDead); err != nil {
		t.Fatal(err)
	}
	if err := dead.Add(Letter{Message: someMessage()}); err == nil || !strings.Contains(err.Error(), "is full: send them with domicile notify retry") {
		t.Errorf("got %v", err)
	}
}

// TestNoSecrets greps everything that a channel leaves behind for what it must not tell: errors, results, dead letters, and what is sent to
// other channels.
func TestNoSecrets(t *testing.T) {
	echo := serve(t, answer{status: 403, body: "hush"}, answer{status: 500, body: hush}, answer{status: 301, header: map[string]string{"Location": "https://" + hush + ".example"}})
	env := map[string]string{"URL": echo.URL + "/services/" + hush + "?token=" + hush, "KEY": hush, "CLOSED": "http://127.0.0.1:1/" + hush, "PLAIN": "http://" + hush + ".example/",
		"BAD": "https://%zz" + hush, "LONE": hush}
	mail := serveMail(t, mailScript{auth: "535 5.7.8 no " + hush + " here", offer: []string{"AUTH PLAIN"}})
	m, _ := machine(env)
	settings := []Setting{{Type: "slack", URLEnv: "URL"}, {Type: "webhook", URLEnv: "URL", SecretEnv: "KEY"}, {Type: "slack", URLEnv: "CLOSED"}, {Type: "webhook", URLEnv: "PLAIN"},
		{Type: "webhook", URLEnv: "BAD"}, {Type: "webhook", URLEnv: "LONE"}, {Type: "webhook", URL: echo.URL, SecretEnv: "KEY"},
		{Type: "smtp", Host: "127.0.0.1", Port: mail.port, TLS: "none", From: "a@b", To: []string{"c@d"}, Username: "me", PasswordEnv: "KEY"}}
	dead := OpenDeadLetters(t.TempDir())
	s, _ := sender(dead, Open(settings, m)...)
	var seen bytes.Buffer
	for range 2 {
		for _, r := range s.Send(t.Context(), someMessage()) {
			fmt.Fprintf(&seen, "%+v %v %#v\n", r, r.Err, r.Err)
			if r.Err == nil {
				t.Errorf("%s: delivered, and nothing could be", r.Channel)
			}
		}
	}
	results, err := s.Retry(t.Context())
	fmt.Fprintf(&seen, "%v %+v\n%s", err, results, read(t, dead.Path()))
	if strings.Contains(seen.String(), hush) {
		t.Errorf("a secret in\n%s", seen.String())
	}
	if n, err := dead.Count(); n != 2*len(settings) || err != nil {
		t.Errorf("%d dead letters: %v", n, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// requireAlone checks that a folder holds these files and no others.
func requireAlone(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %v, want %v", dir, got, want)
	}
}

func requireMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
		t.Errorf("%v %v", info.Mode(), err)
	}
}
