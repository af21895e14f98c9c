/* Text in the reader's language: the macros of gettext, bound to our own domain, so that library code needs no state. Which
 * language it is, the command chooses (src/cli/language.c); a program that only links the library gets English. Any thread.
 *
 *     printf(_("%s packets"), count)                the sentence, translated where it is used
 *     N_("no answer")                               in a table: only marked; translated by tr() where it is printed
 *     P_("%u segment", "%u segments", n)            a sentence that has a number (Korean has no plural, others have three)
 *     C_("table", "left")                           the same English word with several meanings
 *
 * Whole sentences, never parts that are put together: the order of words differs. What is for machines (JSON, fields, CSV) and
 * names of protocols, fields, states and options stay as they are. wt_fail(), complain() and remark() translate their format
 * themselves: write a plain string there. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#define TEXT_DOMAIN "wiretale"
#define N_(text) text

#ifdef WT_NLS

#include <libintl.h>
#include <string.h>

#define _(text) dgettext(TEXT_DOMAIN, text)
#define P_(one, many, n) dngettext(TEXT_DOMAIN, one, many, (unsigned long)(n))
#define C_(context, text) tr_in(context "\004" text, sizeof context)

__attribute__((format_arg(1))) static inline const char *tr(const char *text)
{
    return text && *text ? dgettext(TEXT_DOMAIN, text) : text;      /* "" would be the catalogue's own head */
}

/* The context stands before the text, as msgctxt does in a catalogue; it is no part of what is printed. */
static inline const char *tr_in(const char *both, size_t skip)
{
    const char *text = dgettext(TEXT_DOMAIN, both);
    return text == both ? both + skip : text;
}

#else

#define _(text) text
#define P_(one, many, n) ((n) == 1 ? (one) : (many))
#define C_(context, text) text

__attribute__((format_arg(1))) static inline const char *tr(const char *text)
{
    return text;
}

#endif
#endif
