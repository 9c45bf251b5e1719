package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/scanners"
)

// answersFolder and recordingName are what a recording consists of, beside its configuration.
const (
	answersFolder = "aws"
	recordingName = "recording.json"
)

// recording is recording.json: when the answers were given.
type recording struct {
	Observed time.Time `json:"observed"`
	Tool     string    `json:"tool"`
}

// source is where the answers come from: a recording, or AWS, recorded or not.
func (j *job) source(ctx context.Context) error {
	o := &j.scan.Options
	if j.flags.replay != "" {
		o.AWS, o.Transport = scanners.OfflineConfig("us-east-1"), replay.Open(os.DirFS(filepath.Join(j.flags.replay, answersFolder)))
		o.Limits.Rate, o.Limits.Steady = 1e6, true // nobody waits for a recording
		return nil
	}
	cfg, err := scanners.LoadConfig(ctx)
	if err != nil {
		return fmt.Errorf("%w: check AWS_PROFILE, AWS_CONFIG_FILE and AWS_CA_BUNDLE", err)
	}
	o.AWS = cfg
	if j.flags.record == "" {
		return nil
	}
	answers := filepath.Join(j.flags.record, answersFolder)
	if old, err := os.ReadDir(answers); err == nil && len(old) > 0 {
		return fmt.Errorf("--record %s: %s holds answers already, and two recordings must not mix: name another folder", j.flags.record, answers)
	}
	j.recorder = replay.NewRecorder(answers)
	o.Transport = j.recorder
	return nil
}

// explain says of an error that ended a scan from a recording that the recording is to blame.
func (j *job) explain(err error) error {
	if j.flags.replay != "" && errors.Is(err, replay.ErrNoAnswer) {
		return fmt.Errorf("--replay %s: %w: record it again with domicile scan --record", j.flags.replay, err)
	}
	return err
}

// recordedAt is the time at which a recording was made. The folder is checked on the way.
func recordedAt(dir string) (time.Time, error) {
	answers := filepath.Join(dir, answersFolder)
	if info, err := os.Stat(answers); err != nil || !info.IsDir() {
		return time.Time{}, fmt.Errorf("--replay %s: there is no recording, %s is missing: name a folder that domicile scan --record wrote", dir, answers)
	}
	path := filepath.Join(dir, recordingName)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return time.Time{}, fmt.Errorf("--replay %s: %s is missing: it says when the answers were given, as in {\"observed\":\"2026-11-23T02:00:00Z\"}", dir, path)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("--replay %s: %w", dir, err)
	}
	var r recording
	if err := json.Unmarshal(data, &r); err != nil {
		return time.Time{}, fmt.Errorf("--replay %s: %s cannot be read: %w: copy the recording again", dir, path, err)
	}
	if r.Observed.IsZero() {
		return time.Time{}, fmt.Errorf("--replay %s: %s does not say when the answers were given: add \"observed\":\"2026-11-23T02:00:00Z\", say", dir, path)
	}
	return r.Observed, nil
}

// record writes answers, configuration and time, so that --replay needs nothing else.
func (j *job) record() error {
	if j.recorder == nil {
		return nil
	}
	if err := j.recorder.Close(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(recording{j.scan.Observed, version}, "", "  ")
	if err != nil {
		return err
	}
	dir := j.flags.record
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	err = errors.Join(os.WriteFile(filepath.Join(dir, recordingName), append(data, '\n'), 0o644),
		os.WriteFile(filepath.Join(dir, defaultConfig), j.scan.Config.Raw, 0o644))
	if err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return nil
}
