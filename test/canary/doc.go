// Package canary makes secrets that occur nowhere else, and finds them in what a
// program wrote: plain, and in the encodings in which a careless line of code
// would write them. A part of a secret is one too, from nine characters on.
//
// test/mesh searches what each Sallyport wrote for the secrets that tests told it
// of; test/system sends canaries through everything. It imports the standard
// library only.
package canary
