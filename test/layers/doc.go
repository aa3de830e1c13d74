// Package layers holds no program: its test reads the import lines of the whole
// tree and compares them with a table of rooms, so that imports point one way:
// cmd, then rooms, then authz. It is called by `go test` only and imports the
// standard library only.
package layers
