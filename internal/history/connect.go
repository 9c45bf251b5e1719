package history

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// kind is what differs between the two databases. Queries do not: both take $1, upserts and partial indexes.
type kind struct {
	dialect goose.Dialect
	tables  *strings.Replacer // of a migration, which is written for SQLite
	lock    string            // keeps others from recording while a transaction does; empty: a transaction does so by itself
}

var (
	sqliteKind   = kind{dialect: goose.DialectSQLite3, tables: strings.NewReplacer()}
	postgresKind = kind{dialect: goose.DialectPostgres, tables: strings.NewReplacer(" STRICT;", ";", " INTEGER", " BIGINT"),
		lock: `SELECT pg_advisory_xact_lock(7305808869229621349)`} // a number of our own: "domicile" as bytes
)

// busy is how long a transaction waits for that of another process on the same file.
const busy = 30 * time.Second

// IsPath reports whether the address of a database is a file's, and which: what is not one of PostgreSQL.
func IsPath(dsn string) (path string, is bool) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return "", false
	}
	return strings.TrimPrefix(dsn, "sqlite:"), true
}

func connect(dsn string) (*Store, error) {
	path, is := IsPath(dsn)
	switch scheme, _, other := strings.Cut(path, "://"); {
	case !is:
		return connectPostgres(dsn)
	case other:
		return nil, fmt.Errorf("history.dsn: a database %q is not known: write postgres://USER@HOST/DATABASE, or the path of a file", scheme)
	case path == "":
		return nil, errors.New("history.dsn: no path after sqlite: name a file")
	}
	return connectSQLite(path)
}

func connectSQLite(path string) (*Store, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("history %s: %w", path, err)
	}
	settings := url.Values{"_txlock": {"immediate"}, // who will write waits at the start, and finds what others wrote
		"_pragma": {"busy_timeout(" + strconv.Itoa(int(busy.Milliseconds())) + ")", "journal_mode(WAL)", "foreign_keys(1)"}}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(whole), RawQuery: settings.Encode()}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("history %s: %w", path, err)
	}
	db.SetMaxOpenConns(1) // of this process: beside one that writes, a second would only wait
	return &Store{db: db, kind: sqliteKind, name: path, path: path}, nil
}

func connectPostgres(dsn string) (*Store, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil { // not told: it quotes the address, which may hold a password
		return nil, errors.New("history.dsn: no address of a PostgreSQL database: write postgres://USER@HOST/DATABASE, and give the password by PGPASSWORD or a password file")
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "domicile"
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(8)
	db.SetConnMaxIdleTime(5 * time.Minute)
	host := cfg.Host
	if !strings.HasPrefix(host, "/") {
		host = net.JoinHostPort(host, strconv.Itoa(int(cfg.Port)))
	}
	return &Store{db: db, kind: postgresKind, name: "postgres://" + host + "/" + cfg.Database}, nil
}
