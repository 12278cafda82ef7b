/*
 * rendering: what rendering counters costs when a few lines of C do it.
 *
 *     rendering PAGE ROUNDS
 *
 * Takes a page of counters apart into the families' headers and names, the links' label blocks and the numbers, puts it
 * together again ROUNDS times, in pieces of 256 KB, and prints the least processor time in ns a series. The last round must
 * give the page that was read.
 *
 *     cc -O2 -o rendering rendering.c
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIECE = 256 * 1024, LONGEST_LINE = 4096 };

struct text {
	const char *start;
	size_t length;
};

struct series {
	struct text header; /* the lines before it; mostly none */
	struct text name;
	struct text block; /* with the space after it */
	uint64_t value;
};

static char piece[PIECE];

static void fail(const char *what)
{
	fprintf(stderr, "rendering: %s\n", what);
	exit(1);
}

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static char *read_page(const char *path, size_t *length)
{
	FILE *file = fopen(path, "r");
	char *page;

	if (!file || fseek(file, 0, SEEK_END) < 0 || (long)(*length = ftell(file)) < 0)
		fail("can't read the page");
	rewind(file);
	page = malloc(*length + 1);
	if (!page || fread(page, 1, *length, file) != *length)
		fail("can't read the page");
	page[*length] = 0;
	fclose(file);
	return page;
}

/* Takes the page apart. */
static size_t parse(const char *page, struct series *all)
{
	size_t count = 0;
	const char *header = page;

	for (const char *line = page; *line;) {
		const char *end = strchr(line, '\n'), *block, *space;

		if (!end)
			fail("a line without an end");
		if (*line != '#') {
			block = memchr(line, '{', end - line);
			space = memchr(line, ' ', end - line);
			if (!block || !space || block > space)
				fail("a line that is no series");
			all[count++] = (struct series){
				.header = {header, line - header},
				.name = {line, block - line},
				.block = {block, space + 1 - block},
				.value = strtoull(space + 1, NULL, 10),
			};
			header = end + 1;
		}
		line = end + 1;
	}
	return count;
}

static char *append(char *place, struct text text)
{
	memcpy(place, text.start, text.length);
	return place + text.length;
}

static char *append_number(char *place, uint64_t value)
{
	static const char pairs[] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	char digits[20], *start = digits + sizeof(digits);

	while (value >= 100) {
		start -= 2;
		memcpy(start, pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10) {
		start -= 2;
		memcpy(start, pairs + value * 2, 2);
	} else {
		*--start = '0' + value;
	}
	return append(place, (struct text){start, digits + sizeof(digits) - start});
}

/* Puts it together again, and compares it with the page if there is one. */
static void render(const struct series *all, size_t count, const char *page)
{
	char *place = piece;

	for (size_t i = 0; i < count; i++) {
		const struct series *series = all + i;

		if (place - piece > PIECE - LONGEST_LINE) {
			if (page && memcmp(piece, page, place - piece))
				fail("another page came out");
			page = page ? page + (place - piece) : NULL;
			place = piece;
		}
		if (series->header.length)
			place = append(place, series->header);
		place = append(place, series->name);
		place = append(place, series->block);
		place = append_number(place, series->value);
		*place++ = '\n';
	}
	if (page && (memcmp(piece, page, place - piece) || page[place - piece]))
		fail("another page came out");
}

int main(int argc, char **argv)
{
	int rounds = argc == 3 ? atoi(argv[2]) : 0;
	double best = 0;
	size_t length, count, lines = 0;
	struct series *all;
	char *page;

	if (rounds < 1) {
		fprintf(stderr, "usage: rendering PAGE ROUNDS\n");
		return 2;
	}
	page = read_page(argv[1], &length);
	for (size_t i = 0; i < length; i++)
		lines += page[i] == '\n';
	all = calloc(lines + 1, sizeof(*all));
	if (!all)
		fail("no memory");
	count = parse(page, all);
	for (int i = 0; i < rounds; i++) {
		double started = cpu_ns(), used;

		render(all, count, NULL);
		used = cpu_ns() - started;
		best = i == 0 || used < best ? used : best;
	}
	render(all, count, page);
	printf("%f\n", best / count);
	return 0;
}
