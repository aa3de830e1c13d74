// Command requirements runs the tests and prints what of the requirements list
// is met, one row a line: `make requirements` calls it with the packages to
// test. A test answers for a row by having a part of its name, between slashes,
// that is exactly the row's id: TestProod/P14, or TestProod/P14/upper_case.
//
// A row is passed when such a test ran and none failed, failed when one did, and
// not yet otherwise. rows.tsv holds the list itself: id, kind (code, or
// documentation for a row that no program can meet), a note that is printed
// with the row, the reason why a row is not yet met although a test of its name
// passes, and what the row asks for. It imports the standard library only.
package main
