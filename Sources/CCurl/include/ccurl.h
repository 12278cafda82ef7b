#ifndef VEXPORT_CCURL_H
#define VEXPORT_CCURL_H

#include <curl/curl.h>

// curl_easy_setopt, curl_easy_getinfo and curl_multi_setopt are variadic, so Swift can't call them.

typedef size_t (*ccurl_write)(char *bytes, size_t size, size_t count, void *context);

CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
// CURLOPT_WRITEFUNCTION or CURLOPT_HEADERFUNCTION, and where their context goes.
CURLcode ccurl_set_writer(CURL *handle, CURLoption function, CURLoption target, ccurl_write writer, void *context);
CURLcode ccurl_get_number(CURL *handle, CURLINFO info, long *value);
// The handle and result of a finished transfer; 0 for a message of another kind. The result is in a union.
int ccurl_finished(const CURLMsg *message, CURL **handle, CURLcode *result);

#endif
