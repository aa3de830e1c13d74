// Package issuer runs a real OpenID provider, the npm package oidc-provider, as
// a program of its own on a loopback port: it issues tokens, rotates and
// withdraws its keys, goes away and comes back, answers late or wrongly, and
// tells how often its documents were fetched.
//
// issuer.go starts and steers it; token.go asks for tokens at its token
// endpoint, as any client does, asks about them and revokes them; login.go signs a person in through its pages;
// forge.go has tokens signed with its keys that it would never issue. The program
// is issuer.mjs. It is got by `make tools`.
package issuer
