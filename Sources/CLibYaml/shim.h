// libyaml, whose events tell line and column. Nothing is defined here.
#include <yaml.h>
