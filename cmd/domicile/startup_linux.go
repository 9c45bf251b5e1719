package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// forgetStartup gives back the pages of the program itself that only its start has touched: the tables of every linked service are set up
// then, some 20 MB of code and constants that a long run never looks at again. They are unchanged pages of the program's file, which the
// system reads again where one is needed after all.
func forgetStartup() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range bytes.Lines(maps) {
		fields := strings.Fields(string(line))
		if len(fields) < 6 || fields[5] != program || strings.Contains(fields[1], "w") {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		start, err1 := strconv.ParseUint(from, 16, 64)
		end, err2 := strconv.ParseUint(to, 16, 64)
		if err1 == nil && err2 == nil && start < end {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, uintptr(start), uintptr(end-start), syscall.MADV_DONTNEED) // refused: nothing is lost
		}
	}
}
