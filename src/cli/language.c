#include "cli/language.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/i18n.h"

#ifdef WT_NLS

#define UNINSTALLED "/src/cli/wiretale"      /* where the build puts the command … */
#define UNINSTALLED_CATALOGUES "/po"         /* … and the catalogues beside it */

/* The directory of the catalogues: $WIRETALE_LOCALEDIR, the build's own for a command that runs where it was built, or the
 * one it was installed for. Sentences are formats, so with more rights than its caller's (file capabilities) the command
 * trusts the installed ones only. */
static const char *directory(char *room, size_t size)
{
    const char *named = secure_getenv("WIRETALE_LOCALEDIR");
    if (named && *named)
        return named;
    ssize_t n = getauxval(AT_SECURE) ? -1 : readlink("/proc/self/exe", room, size);
    size_t tail = strlen(UNINSTALLED);
    if (n <= (ssize_t)tail || (size_t)n >= size || memcmp(room + (size_t)n - tail, UNINSTALLED, tail) != 0)
        return WT_LOCALEDIR;
    memcpy(room + (size_t)n - tail, UNINSTALLED_CATALOGUES, sizeof UNINSTALLED_CATALOGUES);
    return room;
}

/* A locale that is named but not installed (LANG=ko_KR.UTF-8 in a small container): UTF-8 and the language, if not its
 * sorting and its numbers, can be had all the same. */
static void without_locale(void)
{
    static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    const char *wanted = NULL;
    for (unsigned i = 0; i < 3 && !wanted; i++) {
        const char *value = getenv(variables[i]);
        wanted = value && *value ? value : NULL;
    }
    if (!wanted || !strstr(wanted, "UTF-8") || !setlocale(LC_CTYPE, "C.UTF-8") || !setlocale(LC_MESSAGES, "C.UTF-8"))
        return;
    char language[32];
    size_t n = strcspn(wanted, ".@");
    if (n < sizeof language && wanted[0] != 'C') {
        memcpy(language, wanted, n);
        language[n] = '\0';
        const char *asked = getenv("LANGUAGE");
        setenv("LANGUAGE", language, !asked || !*asked);
    }
}

void language_start(void)
{
    char room[4096];
    if (!setlocale(LC_CTYPE, "") || !setlocale(LC_MESSAGES, ""))     /* numbers stay as they are in C */
        without_locale();
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {      /* pages are UTF-8 or ASCII */
        language_none();
        return;
    }
    bindtextdomain(TEXT_DOMAIN, directory(room, sizeof room));
    bind_textdomain_codeset(TEXT_DOMAIN, "UTF-8");
    (void)strlen(tr(N_("client")));      /* opens the catalogues, ours and the C library's, which the sandbox would forbid */
    (void)strerror(EIO);
}

void language_none(void)
{
    setlocale(LC_MESSAGES, "C");
}

#else

void language_start(void)
{
    setlocale(LC_CTYPE, "");
}

void language_none(void)
{
}

#endif
