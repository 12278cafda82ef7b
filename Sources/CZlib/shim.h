// zlib. Nothing is defined here.
#include <zlib.h>
