package history_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-1578181b/domicile/internal/history/historytest"
)

func TestSQLite(t *testing.T) {
	historytest.Suite(t, func(t testing.TB) string {
		dir := filepath.Join(t.TempDir(), "a store?#%41") // a name that an address could read otherwise
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, "history.db")
	})
}
