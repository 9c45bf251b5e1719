package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// occupy takes the address on which a daemon serves, before anything is made; nil where it serves none.
func occupy(ctx context.Context, address string) (net.Listener, error) {
	if address == listenOff {
		return nil, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w: name a free HOST:PORT, or off", address, err)
	}
	return listener, nil
}

// listen serves whether the daemon lives, whether it can work, and its metrics. They say nothing of what was found beyond numbers, and
// still they are for this machine alone unless somebody asks for more.
func (n *nightly) listen(listener net.Listener) (stop func()) {
	if at, ok := listener.Addr().(*net.TCPAddr); ok && !at.IP.IsLoopback() {
		n.log.Warn("health and metrics are served beyond this machine, to whoever reaches the port", "address", listener.Addr().String())
	}
	n.log.Info("listening", "address", listener.Addr().String())
	server := &http.Server{Handler: n.endpoints(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 14, ErrorLog: slog.NewLogLogger(n.log.Handler(), slog.LevelDebug)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			n.log.Error("health and metrics are served no more", "error", err)
		}
	}()
	return func() {
		_ = server.Close() // a scrape that is cut off is asked again
		<-ended
	}
}

func (n *nightly) endpoints() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", n.gauges.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if !n.daemon.Alive() {
			reply(w, http.StatusServiceUnavailable, "the daemon has not looked at its clock for minutes")
			return
		}
		reply(w, http.StatusOK, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if _, _, err := n.daemon.Calendar.LastDone(ctx); err != nil {
			n.log.Error("not ready", "error", oneLine(err.Error()))
			reply(w, http.StatusServiceUnavailable, "what is known of the nights cannot be read: see the log")
			return
		}
		reply(w, http.StatusOK, "ok")
	})
	return mux
}

func reply(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = io.WriteString(w, text+"\n") // whoever asked may be gone
}
