#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

// GnuTLS frees what it hands out by way of a variable, which Swift takes for shared mutable state.
static inline void cgnutls_free(void *memory)
{
    gnutls_free(memory);
}
