package main

import (
	"bytes"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDoctorClock: AWS's clock is that of the answers' Date header.
func TestDoctorClock(t *testing.T) {
	server := httptest.NewServer(newFakeAWS())
	defer server.Close()
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_EC2_METADATA_DISABLED": "true", "HOME": t.TempDir(), "AWS_PROFILE": ""} {
		t.Setenv(name, value)
	}
	for _, tc := range []struct {
		ahead time.Duration
		want  string
		code  int
	}{
		{0, "ok    clock", exitOK}, {2 * time.Minute, "warn  clock", exitOK}, {-time.Hour, "fail  clock", exitError},
	} {
		var out, errs bytes.Buffer
		s := inProcess(&out, &errs, "doctor", "--services", "kinesis", "--config", estate+"/domicile.yaml", "--out", filepath.Join(t.TempDir(), "runs"))
		s.now = func() time.Time { return time.Now().Add(tc.ahead) }
		if code := run(t.Context(), s); code != tc.code || !strings.Contains(out.String(), tc.want) {
			t.Errorf("%s ahead: exit code %d\n%s%s", tc.ahead, code, out.String(), errs.String())
		}
	}
}

// TestDisk: what is not there yet is looked for where it will be.
func TestDisk(t *testing.T) {
	for store, want := range map[string]string{
		filepath.Join(t.TempDir(), "not", "yet"): "MiB free at ", "doctor_test.go": "is not a folder", "doctor_test.go/runs": "is not a folder",
	} {
		var out bytes.Buffer
		u := newCheckup(&out)
		u.disk(store)
		if err := u.w.Flush(); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %s, %v", store, out.String(), err)
		}
	}
}
