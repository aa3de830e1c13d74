# What the route itself asks for.
package sallyport.route

default open := false

# A route without scopes is for every verified caller of its tenant.
open if input.route.scopes == []
