#include "wiretale/wiretale.h"

const char *wt_version(void)
{
    return WT_VERSION;
}
