package plan

import (
	"slices"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// TestTakenOut: a type whose row is taken out of the table is a gap, and what passed does so no more.
func TestTakenOut(t *testing.T) {
	change := planned{address: "aws_db_instance.x", values: `{"identifier":"x"}`}
	if got := terraformPlaces(t, change); len(got[""]) > 0 {
		t.Fatalf("with the row there are gaps: %v", got)
	}
	row := table["aws_db_instance"]
	delete(table, "aws_db_instance")
	defer func() { table["aws_db_instance"] = row }()
	got := terraformPlaces(t, change)
	if want := []string{"gap aws_db_instance " + string(residency.ClassUnimplemented)}; !slices.Equal(got[""], want) || len(got) > 1 {
		t.Errorf("without the row: %v, want one gap %v", got, want)
	}
}

// TestOneList: no type is named in the table and among those that hold no data. A star for a whole service leaves the table first.
func TestOneList(t *testing.T) {
	for typ := range table {
		if noDataTerraform.names[typ] || noDataTemplate.names[typ] {
			t.Errorf("%s has a row and is on the list of types without data", typ)
		}
	}
}
