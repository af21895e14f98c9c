/* Runs a fuzz target over files without libFuzzer: what was found once is tested everywhere. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned files;

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return;
    uint8_t *bytes = malloc(1 << 20);
    size_t n = bytes ? fread(bytes, 1, 1 << 20, f) : 0;
    /* A copy of exactly its size, so that a sanitizer sees a read behind its end. */
    uint8_t *exact = malloc(n ? n : 1);
    if (exact) {
        memcpy(exact, bytes, n);
        LLVMFuzzerTestOneInput(exact, n);
        files++;
    }
    free(exact);
    free(bytes);
    fclose(f);
}

static void replay(const char *path, unsigned depth)
{
    struct stat st;
    if (depth > 4 || stat(path, &st) != 0)
        return;
    if (S_ISREG(st.st_mode)) {
        replay_file(path);
        return;
    }
    DIR *d = opendir(path);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        char inner[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        replay(inner, depth + 1);
    }
    closedir(d);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i], 0);
    printf("1..1\n%s 1 - %u files replayed\n", files ? "ok" : "not ok", files);
    return files ? 0 : 1;
}
