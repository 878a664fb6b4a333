// Gives back the memory that only the start of a program needed.
#pragma once

namespace wanctl {

// Tells the kernel that no page of code and constants, of the program and its libraries, need stay
// mapped into this process; what is still used comes back from the page cache at its next use, at
// the cost of a minor fault. Starting up (relocating some forty libraries, reading the
// configuration, the first TLS handshakes) touches about 8 MB that are never looked at again; the
// system calls them resident until it is short of memory.
//
// Only pages that no one can have changed are let go: segments that are mapped read-only from their
// files, never data, nor what was read-only only after relocation. Breakpoints that a debugger has
// set so far are lost. Takes well below a millisecond; any thread may run meanwhile.
void release_startup_pages();

}  // namespace wanctl
