package scanners

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// largestUnpacked bounds what one log file may unpack to, in bytes.
	largestUnpacked = 1 << 30
	// largestRecord bounds one record, in bytes: CloudTrail's own limit is 256 KB.
	largestRecord = 4 << 20
)

// readLog hands on the records of a log file that may tell of a move, one by one: {"Records": […]}, compressed. A record that cannot
// be read is an error at the end; those behind it are read all the same.
func readLog(file io.Reader, take func(*record)) error {
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("unpack it: %w", err)
	}
	bounded := &boundedReader{from: unpacked, left: largestUnpacked}
	d := json.NewDecoder(bounded)
	if err := openRecords(d); err != nil {
		return err
	}
	var bad error
	for d.More() {
		bounded.sinceRecord = 0
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return errors.Join(bad, fmt.Errorf("read a record: %w", err))
		}
		if err := takeRecord(raw, take); err != nil {
			bad = errors.Join(err) // the last one stands for all
		}
	}
	if _, err := d.Token(); err != nil {
		return errors.Join(bad, fmt.Errorf("read the end: %w", err))
	}
	return bad
}

// takeRecord reads as much of a record as tells whether it is wanted, and then the whole.
func takeRecord(raw json.RawMessage, take func(*record)) error {
	var head struct {
		Source string `json:"eventSource"`
		Name   string `json:"eventName"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return fmt.Errorf("read a record: %w", err)
	}
	if moveOf(head.Source, (&record{Name: head.Name}).operation()) == nil {
		return nil
	}
	r, err := parseRecord(raw)
	if err != nil {
		return err
	}
	take(r)
	return nil
}

// openRecords goes to the first record.
func openRecords(d *json.Decoder) error {
	for _, want := range []json.Token{json.Delim('{'), "Records", json.Delim('[')} {
		got, err := d.Token()
		if err != nil {
			return fmt.Errorf("read its records: %w", err)
		}
		if got != want {
			return errors.New("read its records: it does not begin with them")
		}
	}
	return nil
}

// boundedReader fails where a file, or one record of it, is larger than CloudTrail writes any.
type boundedReader struct {
	from        io.Reader
	left        int64
	sinceRecord int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 || b.sinceRecord > largestRecord {
		return 0, errors.New("larger than any log file or record that CloudTrail writes")
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	b.sinceRecord += int64(n)
	return n, err
}
