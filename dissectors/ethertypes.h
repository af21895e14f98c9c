/* Names of EtherTypes, for every header that carries one. */
#ifndef DISSECTORS_ETHERTYPES_H
#define DISSECTORS_ETHERTYPES_H

#include "wiretale/field.h"

extern const struct wt_value_name ethertype_names[];

#endif
