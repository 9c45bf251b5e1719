//go:build !linux

package main

// forgetStartup does nothing where the system does not tell how the program is mapped.
func forgetStartup() {}
