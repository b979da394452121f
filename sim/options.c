/* options.c - the tunables: read, bounded, and written back as a scenario writes them. */
#include "sim/options.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

typedef enum option_kind {
    RANGE,
    DURATION,
    COUNT,
    BYTES,
    PPM,
    TOGGLE,
    TOGGLE3,
    KINDS
} option_kind;

static const char *const kind_expects[KINDS] = {
    [RANGE] = "expected a range such as 150ms..300ms, or one duration",
    [DURATION] = "expected a duration such as 150us, 20ms or 2s",
    [COUNT] = "expected a whole number",
    [BYTES] = "expected a size such as 100, 64KiB or 1MiB",
    [PPM] = "expected a ratio such as 5%, 0.5% or 1/200",
    [TOGGLE] = "expected on or off",
    [TOGGLE3] = "expected on, off or auto",
};

typedef struct option {
    const char *name, *standard, *bounds; /* bounds: what sim_options_check() says */
    option_kind kind;
    size_t offset; /* in sim_options */
    uint64_t lowest, highest;
} option;

#define OPTION(field, kind, standard, lowest, highest, help)                                   \
    {#field, standard, #field " is out of its bounds", kind, offsetof(sim_options, field),     \
     lowest, highest},
static const option options[] = {SIM_OPTIONS(OPTION)};
#undef OPTION
enum { OPTIONS = sizeof options / sizeof options[0] };

#define KIND_RANGE    "range"
#define KIND_DURATION "duration"
#define KIND_COUNT    "number"
#define KIND_BYTES    "bytes"
#define KIND_PPM      "ratio"
#define KIND_TOGGLE   "on|off"
#define KIND_TOGGLE3  "on|off|auto"
#define OPTION(field, kind, standard, lowest, highest, help)                                   \
    {#field, KIND_##kind, standard, help},
const sim_option_info sim_option_table[] = {SIM_OPTIONS(OPTION){NULL, NULL, NULL, NULL}};
#undef OPTION

/* What an option's field holds, whatever its type. */
typedef union option_value {
    sim_range range;
    uint64_t number;
    sim_toggle toggle;
} option_value;

static option_value value_read(const sim_options *o, const option *at)
{
    const char *field = (const char *)o + at->offset;
    option_value v = {0};
    switch (at->kind) {
    case RANGE:
        memcpy(&v.range, field, sizeof v.range);
        break;
    case DURATION:
    case COUNT:
    case BYTES:
    case PPM:
        memcpy(&v.number, field, sizeof v.number);
        break;
    case TOGGLE:
    case TOGGLE3:
        memcpy(&v.toggle, field, sizeof v.toggle);
        break;
    case KINDS:
        assert(false);
    }
    return v;
}

static void value_write(sim_options *o, const option *at, option_value v)
{
    char *field = (char *)o + at->offset;
    switch (at->kind) {
    case RANGE:
        memcpy(field, &v.range, sizeof v.range);
        break;
    case DURATION:
    case COUNT:
    case BYTES:
    case PPM:
        memcpy(field, &v.number, sizeof v.number);
        break;
    case TOGGLE:
    case TOGGLE3:
        memcpy(field, &v.toggle, sizeof v.toggle);
        break;
    case KINDS:
        assert(false);
    }
}

static bool within(const option *at, uint64_t v)
{
    return at->lowest <= v && v <= at->highest;
}

static bool value_fits(const option *at, option_value v)
{
    switch (at->kind) {
    case RANGE:
        return v.range.low <= v.range.high && within(at, v.range.low) &&
               within(at, v.range.high);
    case DURATION:
    case COUNT:
    case BYTES:
    case PPM:
        return within(at, v.number);
    case TOGGLE:
    case TOGGLE3:
        return within(at, (uint64_t)v.toggle);
    case KINDS:
        break;
    }
    return false;
}

static bool parse_toggle(const char *s, bool with_auto, sim_toggle *out)
{
    if (!strcmp(s, "on"))
        *out = SIM_ON;
    else if (!strcmp(s, "off"))
        *out = SIM_OFF;
    else if (with_auto && !strcmp(s, "auto"))
        *out = SIM_AUTO;
    else
        return false;
    return true;
}

static bool value_parse(option_kind kind, const char *s, option_value *v)
{
    size_t len = strlen(s);
    switch (kind) {
    case RANGE:
        return sim_parse_range(s, len, &v->range);
    case DURATION:
        return sim_parse_us(s, len, &v->number);
    case COUNT:
        return sim_parse_u64(s, len, &v->number);
    case BYTES:
        return sim_parse_bytes(s, len, &v->number);
    case PPM:
        return sim_parse_ppm(s, len, &v->number);
    case TOGGLE:
    case TOGGLE3:
        return parse_toggle(s, kind == TOGGLE3, &v->toggle);
    case KINDS:
        break;
    }
    return false;
}

static void put_ppm(sim_text *t, uint64_t ppm)
{
    sim_text_u64(t, ppm / 10000);
    uint64_t rest = ppm % 10000;
    if (rest) {
        sim_text_char(t, '.');
        for (uint64_t unit = 1000; rest; rest %= unit, unit /= 10)
            sim_text_char(t, (char)('0' + rest / unit));
    }
    sim_text_char(t, '%');
}

static void put_bytes(sim_text *t, uint64_t bytes)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB"};
    unsigned unit = 0;
    for (; unit < 3 && bytes && bytes % 1024 == 0; unit++)
        bytes /= 1024;
    sim_text_u64(t, bytes);
    sim_text_put(t, units[unit]);
}

static void put_number(sim_text *t, option_kind kind, uint64_t v)
{
    switch (kind) {
    case RANGE:
    case DURATION:
        sim_text_us(t, v);
        break;
    case COUNT:
        sim_text_u64(t, v);
        break;
    case BYTES:
        put_bytes(t, v);
        break;
    case PPM:
        put_ppm(t, v);
        break;
    case TOGGLE:
    case TOGGLE3:
        sim_text_put(t, v == SIM_ON ? "on" : v == SIM_OFF ? "off" : "auto");
        break;
    case KINDS:
        assert(false);
    }
}

static const option *option_named(const char *name)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (!strcmp(options[i].name, name))
            return &options[i];
    return NULL;
}

void sim_options_default(sim_options *o)
{
    *o = (sim_options){0};
    for (size_t i = 0; i < OPTIONS; i++) {
        option_value v = {0};
        bool well = value_parse(options[i].kind, options[i].standard, &v);
        assert(well && value_fits(&options[i], v));
        value_write(o, &options[i], v);
    }
}

static const char *no_such_option(const char *name, sim_text *out)
{
    const char *names[OPTIONS];
    for (size_t i = 0; i < OPTIONS; i++)
        names[i] = options[i].name;
    const char *near = sim_text_nearest(name, names, OPTIONS);
    sim_text_format(out, "there is no option '%s'", name);
    if (near)
        sim_text_format(out, "; did you mean '%s'?", near);
    return out->at;
}

static const char *out_of_bounds(const option *at, sim_text *out)
{
    sim_text_format(out, "%s must be between ", at->name);
    put_number(out, at->kind, at->lowest);
    sim_text_put(out, " and ");
    put_number(out, at->kind, at->highest);
    return out->at;
}

/* "300ms..150ms" is a range that someone wrote the wrong way round, which deserves to be
 * said. */
static bool backwards(const char *s, size_t len)
{
    const char *dots = strstr(s, "..");
    sim_us low, high;
    return dots && sim_parse_us(s, (size_t)(dots - s), &low) &&
           sim_parse_us(dots + 2, len - (size_t)(dots + 2 - s), &high) && low > high;
}

const char *sim_options_set(sim_options *o, const char *name, const char *value, sim_text *out)
{
    const option *at = option_named(name);
    if (!at)
        return no_such_option(name, out);
    option_value v = {0};
    if (!value_parse(at->kind, value, &v))
        return at->kind == RANGE && backwards(value, strlen(value))
                   ? "the range begins above its end"
                   : kind_expects[at->kind];
    if (!value_fits(at, v))
        return out_of_bounds(at, out);
    value_write(o, at, v);
    return NULL;
}

const char *sim_options_check(const sim_options *o)
{
    for (size_t i = 0; i < OPTIONS; i++)
        if (!value_fits(&options[i], value_read(o, &options[i])))
            return options[i].bounds;
    return NULL;
}

void sim_options_get(const sim_options *o, const char *name, sim_text *out)
{
    const option *at = option_named(name);
    assert(at);
    option_value v = value_read(o, at);
    if (at->kind == RANGE) {
        sim_text_us(out, v.range.low);
        sim_text_put(out, "..");
        sim_text_us(out, v.range.high);
    } else if (at->kind == TOGGLE || at->kind == TOGGLE3) {
        put_number(out, at->kind, (uint64_t)v.toggle);
    } else {
        put_number(out, at->kind, v.number);
    }
}
