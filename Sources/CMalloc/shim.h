// malloc_trim, which is in no part of module Glibc.
#include <malloc.h>
