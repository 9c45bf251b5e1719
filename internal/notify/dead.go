package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"
)

// DeadName is the file of dead letters in the store.
const DeadName = "notify-dead.ndjson"

// maxDead bounds that file, in bytes: more than a year of nights that nobody was told of.
const maxDead = 64 << 20

// Letter is a message that one channel did not take. It is one line of the file.
type Letter struct {
	SchemaVersion int       `json:"schema_version"`
	Channel       string    `json:"channel"`
	Time          time.Time `json:"time"` // when it was given up
	Tries         int       `json:"tries"`
	Error         string    `json:"error"` // of the last try, without secrets
	Message       *Message  `json:"message"`
}

// DeadLetters is the file of what could not be delivered. It is for its owner alone, and a crash leaves every letter in it whole: a line
// without an end was never there.
type DeadLetters struct {
	path string
	mu   sync.Mutex // with the lock on the file beside it: for this process and for others
}

// OpenDeadLetters is that of a store; the file is made with the first letter.
func OpenDeadLetters(store string) *DeadLetters {
	return &DeadLetters{path: filepath.Join(store, DeadName)}
}

// Path is where they lie.
func (d *DeadLetters) Path() string { return d.path }

// Add appends a letter; when it returns, the letter is on the disk.
func (d *DeadLetters) Add(l Letter) error {
	line, err := json.Marshal(l)
	if err == nil {
		err = d.locked(func() error { return d.add(append(line, '\n')) })
	}
	if err != nil {
		return fmt.Errorf("keep a dead letter: %w", err)
	}
	return nil
}

func (d *DeadLetters) add(line []byte) (err error) {
	f, err := os.OpenFile(d.path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size()+int64(len(line)) > maxDead {
		return fmt.Errorf("%s is full: send them with domicile notify retry, or remove it", d.path)
	}
	if info.Size() > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, info.Size()-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			line = append([]byte{'\n'}, line...) // behind a line that a crash cut short
		}
	}
	if _, err := f.Write(line); err != nil {
		return err
	}
	return errors.Join(f.Sync(), syncFolder(filepath.Dir(d.path)))
}

// Count is how many letters there are.
func (d *DeadLetters) Count() (n int, err error) {
	err = d.Each(func(l Letter) (Letter, bool) { n++; return l, true })
	return n, err
}

// Each calls again with every letter in turn and keeps those for which it says so, as it returns them. Nobody adds any meanwhile. A line that
// a crash cut short goes; one that another version wrote stays.
func (d *DeadLetters) Each(again func(Letter) (kept Letter, keep bool)) error {
	if _, err := os.Stat(d.path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	err := d.locked(func() error {
		data, err := os.ReadFile(d.path)
		if err != nil {
			return err
		}
		var left bytes.Buffer
		for line := range bytes.Lines(data) {
			kept, err := d.again(line, again)
			if err != nil {
				return err
			}
			left.Write(kept)
		}
		switch {
		case bytes.Equal(left.Bytes(), data):
			return nil
		case left.Len() == 0:
			return os.Remove(d.path)
		}
		return replace(d.path, left.Bytes())
	})
	if err != nil {
		return fmt.Errorf("read the dead letters: %w", err)
	}
	return nil
}

// again is what stays of one line.
func (d *DeadLetters) again(line []byte, again func(Letter) (Letter, bool)) ([]byte, error) {
	var l Letter
	if err := json.Unmarshal(line, &l); err != nil || l.Message == nil || l.SchemaVersion != SchemaVersion {
		if json.Valid(line) {
			return line, nil
		}
		return nil, nil
	}
	kept, keep := again(l)
	if !keep {
		return nil, nil
	}
	if reflect.DeepEqual(kept, l) {
		return line, nil
	}
	data, err := json.Marshal(kept)
	return append(data, '\n'), err
}

// locked runs do while nobody else reads or writes the letters.
func (d *DeadLetters) locked(do func() error) (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(d.path), 0o755); err != nil {
		return err
	}
	unlock, err := lock(d.path + ".lock")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return do()
}
