"""validate.py - as much of JSON Schema 2020-12 as docs/reference/trace.schema.json needs.

A keyword that is not known here is an error, so that the schema cannot say more than is
checked."""
import re

NOTES = {"$schema", "$defs", "title", "description"}
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
}


class Validator:
    def __init__(self, schema):
        self.root = schema

    def errors(self, value):
        """What is wrong with the value; empty when it fits."""
        return self.check(self.root, value, "line")[0]

    def resolve(self, ref):
        if not ref.startswith("#/"):
            raise ValueError(f"only references within the schema are known: {ref}")
        at = self.root
        for step in ref[2:].split("/"):
            at = at[step]
        return at

    def check(self, schema, value, where):
        """Errors, and the keys of an object that the schema has looked at."""
        if schema is True:
            return [], set()
        if schema is False:
            return [f"{where} must not be there"], set()
        errors, seen = [], set()
        for keyword, rule in schema.items():
            if keyword in NOTES or keyword == "unevaluatedProperties":
                continue
            check = getattr(self, "key_" + keyword.strip("$"), None)
            if check is None:
                raise ValueError(f"the keyword {keyword} is not known")
            more, keys = check(rule, value, where, schema)
            errors += more
            seen |= keys
        if "unevaluatedProperties" in schema and isinstance(value, dict):
            rest = set(value) - seen
            errors += self.each(schema["unevaluatedProperties"], value, rest, where)
            seen |= rest
        return errors, seen

    def each(self, schema, value, keys, where):
        return [e for key in sorted(keys)
                for e in self.check(schema, value[key], f"{where}.{key}")[0]]

    def key_ref(self, rule, value, where, _):
        return self.check(self.resolve(rule), value, where)

    def key_allOf(self, rule, value, where, _):
        errors, seen = [], set()
        for schema in rule:
            more, keys = self.check(schema, value, where)
            errors += more
            seen |= keys
        return errors, seen

    def matching(self, rule, value, where):
        tried = [self.check(schema, value, where) for schema in rule]
        return tried, [keys for errors, keys in tried if not errors]

    def key_anyOf(self, rule, value, where, _):
        tried, fits = self.matching(rule, value, where)
        if not fits:
            return [f"{where} fits none: " + "; ".join(t[0][0] for t in tried)], set()
        return [], set().union(*fits)

    def could_fit(self, schema, value):
        """False when a constant of the schema already says no: a quick look before all."""
        while "$ref" in schema:
            schema = self.resolve(schema["$ref"])
        return not isinstance(value, dict) or all(
            "const" not in rule or key not in value or value[key] == rule["const"]
            for key, rule in schema.get("properties", {}).items())

    def key_oneOf(self, rule, value, where, _):
        near = [schema for schema in rule if self.could_fit(schema, value)]
        tried, fits = self.matching(near or rule, value, where)
        if len(fits) == 1:
            return [], fits[0]
        nearest = min((errors for errors, _ in tried), key=len)
        return [f"{where} fits {len(fits)} of the choices, not one"] + nearest, set()

    def key_type(self, rule, value, where, _):
        return ([] if TYPES[rule](value) else [f"{where} is no {rule}"]), set()

    def key_const(self, rule, value, where, _):
        same = value == rule and isinstance(value, type(rule))
        return ([] if same else [f"{where} is not {rule!r}"]), set()

    def key_enum(self, rule, value, where, _):
        return ([] if value in rule else [f"{where} is none of {rule}"]), set()

    def key_pattern(self, rule, value, where, _):
        fits = not isinstance(value, str) or re.search(rule.replace("$", r"\Z"), value)
        return ([] if fits else [f"{where} has not the form {rule}"]), set()

    def key_minimum(self, rule, value, where, _):
        fits = not isinstance(value, int) or value >= rule
        return ([] if fits else [f"{where} is below {rule}"]), set()

    def key_maximum(self, rule, value, where, _):
        fits = not isinstance(value, int) or value <= rule
        return ([] if fits else [f"{where} is above {rule}"]), set()

    def key_minLength(self, rule, value, where, _):
        fits = not isinstance(value, str) or len(value) >= rule
        return ([] if fits else [f"{where} is shorter than {rule}"]), set()

    def key_minItems(self, rule, value, where, _):
        fits = not isinstance(value, list) or len(value) >= rule
        return ([] if fits else [f"{where} has fewer than {rule}"]), set()

    def key_maxItems(self, rule, value, where, _):
        fits = not isinstance(value, list) or len(value) <= rule
        return ([] if fits else [f"{where} has more than {rule}"]), set()

    def key_uniqueItems(self, rule, value, where, _):
        fits = not rule or not isinstance(value, list) or len(set(map(str, value))) == len(value)
        return ([] if fits else [f"{where} has something twice"]), set()

    def key_items(self, rule, value, where, _):
        if not isinstance(value, list):
            return [], set()
        return [e for i, item in enumerate(value)
                for e in self.check(rule, item, f"{where}[{i}]")[0]], set()

    def key_required(self, rule, value, where, _):
        if not isinstance(value, dict):
            return [], set()
        return [f"{where} has no {key}" for key in rule if key not in value], set()

    def key_properties(self, rule, value, where, _):
        if not isinstance(value, dict):
            return [], set()
        keys = set(rule) & set(value)
        return [e for key in sorted(keys)
                for e in self.check(rule[key], value[key], f"{where}.{key}")[0]], keys

    def key_additionalProperties(self, rule, value, where, schema):
        if not isinstance(value, dict):
            return [], set()
        keys = set(value) - set(schema.get("properties", {}))
        return self.each(rule, value, keys, where), keys
