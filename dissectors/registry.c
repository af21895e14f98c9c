/* The list of protocols, and nothing else but its lookups. */
#include "wiretale/dissector.h"
