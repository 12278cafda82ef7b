// clang knows it in every version of C.
#pragma clang diagnostic ignored "-Wc23-extensions"

#include "starters.h"

static const char c[] = {
#embed "templates/plugin.c"
    , 0};
static const char python[] = {
#embed "templates/plugin.py"
    , 0};
static const char shell[] = {
#embed "templates/plugin.sh"
    , 0};
static const char header[] = {
#embed "../../packaging/include/vexport_plugin.h"
    , 0};

const char *const vexport_starter_c = c;
const char *const vexport_starter_python = python;
const char *const vexport_starter_shell = shell;
const char *const vexport_starter_header = header;
