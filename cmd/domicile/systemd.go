package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// notifier tells systemd how a service of Type=notify fares. Nil tells nobody.
type notifier struct {
	socket *net.UnixConn
	every  time.Duration // how often the watchdog wants to hear; zero: it does not
	log    *slog.Logger
}

// notifier is nil where systemd did not ask. A socket that cannot be reached is no reason not to audit.
func (n *nightly) notifier() *notifier {
	path := n.getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	if name, ok := strings.CutPrefix(path, "@"); ok {
		path = "\x00" + name // of Linux's abstract namespace
	}
	socket, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		n.log.Warn("systemd cannot be told", "error", err)
		return nil
	}
	s := &notifier{socket: socket, log: n.log}
	if pid := n.getenv("WATCHDOG_PID"); pid == "" || pid == strconv.Itoa(os.Getpid()) {
		if usec, err := strconv.ParseInt(n.getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
			s.every = time.Duration(usec) * time.Microsecond / 2
		}
	}
	return s
}

// send tells a state, such as READY=1; several are lines.
func (s *notifier) send(state string) {
	if s == nil {
		return
	}
	if _, err := s.socket.Write([]byte(state)); err != nil {
		s.log.Warn("systemd cannot be told", "error", err)
	}
}

// watchdog tells that the daemon lives for as long as it does.
func (s *notifier) watchdog(ctx context.Context, alive func() bool) {
	if s == nil || s.every <= 0 {
		return
	}
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	for {
		if alive() {
			s.send("WATCHDOG=1")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *notifier) close() {
	if s != nil {
		_ = s.socket.Close()
	}
}
