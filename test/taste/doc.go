// Command taste checks what the house asks for and no linter knows: words that
// are not written, folders that are not named so, and how long a function or a
// file may be. `make lint` runs it over the tree; it reads Go's standard library
// only and imports nothing of ours.
//
// A new rule is a row in the rules table, with the reason that is printed when
// somebody breaks it.
package main
