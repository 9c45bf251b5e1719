package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// State is what one night leaves for the next to decide what is news.
type State struct {
	Run         string    `json:"run,omitempty"`         // the last night that was told, or found not worth it
	Compared    string    `json:"compared,omitempty"`    // the last of these that was kept: the next is compared with it
	Failures    int       `json:"failures,omitempty"`    // in a row, up to now
	FailedSince time.Time `json:"failed_since,omitzero"` // the first of them
	Missed      int       `json:"missed,omitempty"`      // nights that were not done, and of which nobody was told yet
	MissedSince time.Time `json:"missed_since,omitzero"` // when the first of them was due
}

// Miss counts a night that was not done. Who is to hear of it hears with the next message, and with the next run at the latest.
func (s State) Miss(due time.Time) State {
	if s.Missed == 0 || due.Before(s.MissedSince) {
		s.MissedSince = due.UTC()
	}
	s.Missed++
	return s
}

// StateName is the file in the store.
const StateName = "notify-state.json"

// ReadState reads the store's; a store that has none has had no night yet.
func ReadState(store string) (s State, err error) {
	path := filepath.Join(store, StateName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		return State{}, fmt.Errorf("read what was told last: %s: %w: remove the file, and the next night may repeat the last message", path, err)
	}
	return s, nil
}

// Write replaces the store's state whole.
func (s State) Write(store string) error {
	data, err := json.Marshal(s)
	if err == nil {
		err = os.MkdirAll(store, 0o755) // a first night that failed has left none
	}
	if err == nil {
		err = replace(filepath.Join(store, StateName), append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	return nil
}

// replace writes a file that is there whole or not at all, for its owner alone.
func replace(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
