/* The reader's language. Main thread, before anything is printed and before the sandbox. */
#ifndef CLI_LANGUAGE_H
#define CLI_LANGUAGE_H

/* Takes the language of the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG) and loads its catalogue. */
void language_start(void);
/* English from here on: what is printed is for a machine. */
void language_none(void);

#endif
