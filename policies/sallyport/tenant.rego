# Whether the request concerns the caller's own tenant.
package sallyport.tenant

default ok := false

# The route declares that it concerns no tenant: an empty tenant from any other
# source never gets this far.
ok if input.tenant == ""

ok if input.tenant == input.caller.tenant
