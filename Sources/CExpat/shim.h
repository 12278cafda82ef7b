// libexpat: libvirt writes what it knows of its domains in XML. Nothing is defined here.
#include <expat.h>
