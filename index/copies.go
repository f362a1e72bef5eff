package index

// minCopySize is the size in bytes from which files are compared: smaller ones, as README and index.html, are the same
// in name and size by chance.
const minCopySize = 4096

// CanBeCopy reports whether d can be a copy: a file of at least 4096 bytes. All such files of the same name, byte for
// byte, and the same size, on any servers, are copies of each other. Times are not compared, because zones and
// copying change them.
func CanBeCopy(d *Document) bool { return d.Type == File && d.Size >= minCopySize }
