package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// forgetCode takes the program's own code off the process: its start runs what sets up every linked service, a scan the rest, and a
// daemon at rest next to none. What is needed
// again comes from the file. Only the mapping that is executable and not writable is touched: nothing in it can have been changed.
func forgetCode() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range bytes.Lines(maps) {
		field := bytes.Fields(line) // from-to, permissions, offset, device, inode, file
		if len(field) != 6 || string(field[1]) != "r-xp" || string(field[5]) != program {
			continue
		}
		from, to, _ := bytes.Cut(field[0], []byte("-"))
		start, errStart := strconv.ParseUint(string(from), 16, 64)
		end, errEnd := strconv.ParseUint(string(to), 16, 64)
		if errStart == nil && errEnd == nil {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, uintptr(start), uintptr(end-start), syscall.MADV_DONTNEED) // refused: it stays
		}
	}
}
