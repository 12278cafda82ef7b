// malloc_trim and mallopt, which are in no part of module Glibc.
#include <malloc.h>
