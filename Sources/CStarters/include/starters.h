// Files that `vexport plugin new` writes, in the binary: Swift has no way to take a file in without a bundle beside it.
#ifndef VEXPORT_STARTERS
#define VEXPORT_STARTERS

extern const char *const vexport_starter_c;
extern const char *const vexport_starter_python;
extern const char *const vexport_starter_shell;
extern const char *const vexport_starter_header;

#endif
