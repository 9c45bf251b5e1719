//go:build live

package live

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// told runs domicile notify test with a configuration that has these receivers, and returns what it printed.
func told(t *testing.T, want int, receivers string, env ...string) string {
	t.Helper()
	dir := t.TempDir()
	text := "version: 1\norganization: {name: Übung GmbH}\nzones: {eu: {regions: [eu-west-1]}}\nassign: [{tag: data-residency}]\nnotify:\n" + receivers
	if err := os.WriteFile(filepath.Join(dir, "domicile.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "notify", "test")
	cmd.Dir, cmd.Env = dir, append(cleanEnvironment(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // its code is looked at
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Fatalf("exit %d, want %d\n%s", code, want, out.String())
	}
	return out.String()
}

// TestNotifyTopic publishes to a topic in moto and reads the message from a queue that subscribed to it.
func TestNotifyTopic(t *testing.T) {
	moto := startMoto(t)
	var made struct{ Topic, Queue string }
	if err := json.Unmarshal(script(t, "topic.py", "make", moto.url), &made); err != nil {
		t.Fatal(err)
	}
	env := environment(moto.url, "test", "test", "")
	absent := strings.Replace(made.Topic, "residency", "absent", 1)
	out := told(t, 1, fmt.Sprintf("  - {type: sns, topic: %q}\n  - {type: sns, topic: %q}\n", made.Topic, absent), env...)
	if !strings.Contains(out, "sent    sns\nfailed  sns 2: NotFound") {
		t.Error(out)
	}
	var got []struct {
		TopicArn, Subject, Message string
		MessageAttributes          map[string]struct{ Value string }
	}
	if err := json.Unmarshal(script(t, "topic.py", "read", moto.url, made.Queue), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].TopicArn != made.Topic || got[0].Subject != "domicile [?bung GmbH]: test message" || got[0].MessageAttributes["kind"].Value != "test" ||
		!strings.HasPrefix(got[0].Message, "domicile: test message · Übung GmbH\n\nThis is a test.") {
		t.Errorf("%+v", got)
	}
}

// TestNotifyMail delivers to aiosmtpd, by STARTTLS, by TLS from the first byte, and in the clear on loopback.
func TestNotifyMail(t *testing.T) {
	dir := t.TempDir()
	cert, key := certificate(t, dir)
	for _, mode := range []string{"starttls", "implicit", "none"} {
		t.Run(mode, func(t *testing.T) {
			const password = "hush-hush-0123456789"
			port, mails := startMailServer(t, mode, cert, key, password)
			receiver := func(to string) string {
				return fmt.Sprintf("  - {type: smtp, host: 127.0.0.1, port: %s, tls: %s, from: Prüfung <audit@example.org>, to: [%s], username: me, password_env: PASS}\n", port, mode, to)
			}
			env := []string{"SSL_CERT_FILE=" + cert, "PASS=" + password}
			out := told(t, 1, receiver("ops@example.org, nobody@example.org")+receiver("nobody@example.org"), env...)
			if !strings.Contains(out, "sent    smtp: the server refused nobody@example.org (550 no such mailbox)\n") || !strings.Contains(out, "failed  smtp 2: the server refused nobody@") {
				t.Error(out)
			}
			var got struct {
				From, User, Text string
				To               []string
				TLS              bool
			}
			if err := json.Unmarshal(<-mails, &got); err != nil {
				t.Fatal(err)
			}
			if got.From != "audit@example.org" || strings.Join(got.To, " ") != "ops@example.org" || got.User != "me" || got.TLS == (mode == "none") ||
				!strings.Contains(got.Text, "Subject: domicile [?bung GmbH]: test message\r\n") || !strings.Contains(got.Text, "=C3=9Cbung GmbH") {
				t.Errorf("%+v", got)
			}
			wrong := told(t, 1, receiver("ops@example.org"), "SSL_CERT_FILE="+cert, "PASS=wrong-"+password)
			if !strings.Contains(wrong, "failed  smtp: sign-in: 535 ") || strings.Contains(wrong, password) {
				t.Error(wrong)
			}
			if mode == "none" {
				return
			}
			if strange := told(t, 1, receiver("ops@example.org"), "PASS="+password); !strings.Contains(strange, "certificate") || strings.Contains(strange, password) {
				t.Error(strange)
			}
		})
	}
}

// startMailServer starts smtpd.py and returns its port and the mails that it takes.
func startMailServer(t *testing.T, mode, cert, key, password string) (port string, mails <-chan []byte) {
	t.Helper()
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	if port, err = freePort(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(interpreter, "testdata/smtpd.py", port, mode, cert, key)
	cmd.Env = append(cleanEnvironment(), "PYTHONDONTWRITEBYTECODE=1", "MAIL_PASSWORD="+password)
	var log tail
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		_ = cmd.Process.Kill()
		t.Fatalf("start aiosmtpd: %v\n%s", cmd.Wait(), log.String())
	}
	taken, read := make(chan []byte, 10), make(chan struct{})
	go func() {
		defer close(read)
		for lines.Scan() {
			taken <- bytes.Clone(lines.Bytes())
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
	})
	return port, taken
}

// certificate is one for 127.0.0.1 that vouches for itself.
func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
