/// The commit that this program was built from, with a `+` if the tree had changes; "unknown" outside
/// a git checkout.
const char *portolan_commit(void);
