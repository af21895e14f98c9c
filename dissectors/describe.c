#include "wiretale/dissector.h"
