/* wiretale: the umbrella header of libwiretale. */
#ifndef WIRETALE_H
#define WIRETALE_H

#define WT_VERSION "0.1.0"

#include "wiretale/analysis.h"
#include "wiretale/capture.h"
#include "wiretale/config.h"
#include "wiretale/connection.h"
#include "wiretale/cursor.h"
#include "wiretale/dissector.h"
#include "wiretale/engine.h"
#include "wiretale/error.h"
#include "wiretale/field.h"
#include "wiretale/frame.h"
#include "wiretale/filter.h"
#include "wiretale/interfaces.h"
#include "wiretale/message.h"
#include "wiretale/packet.h"
#include "wiretale/source.h"
#include "wiretale/writer.h"

const char *wt_version(void);

#endif
