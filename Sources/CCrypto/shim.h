// Only for HMAC(): libcurl brings the library in anyway.
#include <openssl/hmac.h>
