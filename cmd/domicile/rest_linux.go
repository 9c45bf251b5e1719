package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// forgetCode takes the program's own code and constants off the process: its start runs what sets up every linked service, a scan the
// rest, and a daemon at rest next to none. What is needed again comes from the file. Only mappings that cannot be written and of which
// no page was ever changed are touched.
func forgetCode() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	var start, end uint64 // of the mapping that the lines are about, if it is one of the program's
	for line := range bytes.Lines(maps) {
		field := bytes.Fields(line)
		switch {
		case len(field) >= 5 && bytes.IndexByte(field[0], '-') > 0: // from-to, permissions, offset, device, inode, file
			start, end = 0, 0
			if len(field) == 6 && string(field[5]) == program && bytes.IndexByte(field[1], 'w') < 0 {
				from, to, _ := bytes.Cut(field[0], []byte("-"))
				start, _ = strconv.ParseUint(string(from), 16, 64)
				end, _ = strconv.ParseUint(string(to), 16, 64)
			}
		case start < end && len(field) == 3 && string(field[0]) == "Anonymous:" && string(field[1]) == "0":
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, uintptr(start), uintptr(end-start), syscall.MADV_DONTNEED) // refused: it stays
		}
	}
}
