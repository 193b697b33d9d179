"""Makes values.txt: pickles that Python writes, and what the reader has to say about each.

    python3 Tests/Fixtures/pickles/make.py > Tests/Fixtures/pickles/values.txt

One line each: a name, the protocol, the value in a notation of our own or "refused", the pickle in hexadecimal digits.
"""

import datetime
import decimal
import os
import pickle
import struct
import collections


def notation(value):
    if value is None:
        return "N"
    if value is True or value is False:
        return "T" if value else "F"
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, float):
        return "f" + struct.pack(">d", value).hex()
    if isinstance(value, str):
        return "s" + value.encode().hex()
    if isinstance(value, list):
        return "[" + ",".join(map(notation, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ",".join(map(notation, value)) + ")"
    if isinstance(value, dict):
        return "{" + ",".join(f"{notation(k)}:{notation(v)}" for k, v in value.items()) + "}"
    raise TypeError(type(value))


class Attack:
    def __reduce__(self):
        return os.system, ("true",)


class Plain:
    def __init__(self):
        self.uid = 2


SESSION = {
    "context": {"lang": "en_US", "tz": "Europe/Brussels", "uid": 2},
    "db": "odoo", "debug": "", "login": "admin", "uid": 2, "session_token": "0123456789abcdef" * 4,
    "profile_session": None, "profile_collectors": None, "profile_params": None,
    "geoip": {"city": "Grand-Rosière", "latitude": 50.6, "longitude": 4.86, "region": None},
    "identity-check-last": 1764241234.5678, "view_quote_7": "2026-11-28", "website_sale_cart_quantity": 3,
    "website_sale_last_views": {12: (1, "a"), 15: ()}, "frontend_lang": "fr_BE",
}
shared = ["x", 1]
recursive = []
recursive.append(recursive)
looped = ([],)
looped[0].append(looped)
ring = {}
ring["self"] = [ring]

GOOD = {
    "none": None, "true": True, "false": False, "empty_text": "", "text": "a'b\"c\\d\n\0é€😀", "long_text": "ä" * 150,
    "longer_text": "é" * 300,
    "ints": [0, 1, -1, 127, 128, 255, 256, 65535, 65536, -128, -129, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63 - 1, -2**63],
    "long_ints": [2**63, -2**63 - 1, 2**64, 2**70, -2**70, 2**2100, -2**2100],
    "floats": [0.0, -0.0, 1.5, -2.25e-308, 1e300, float("inf"), float("-inf"), 0.1],
    "lists": [[], [1], [1, 2], [[[]]], [0] * 1005],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),))],
    "dicts": [{}, {"a": 1}, {"a": 1, "b": 2}, {1: 2, None: 3, 1.5: 4, (1, ("x",)): 5}, {n: 0 for n in range(1005)}],
    "shared": [shared, shared, {"a": shared, "b": (shared, shared)}],
    "many_memos": [[] for _ in range(260)] * 2,
    "nested": eval("[" * 30 + "]" * 30),
    "session": SESSION,
    "ordered": dict(collections.OrderedDict(b=1, a=2)),
}

REFUSED = {
    "attack": Attack(), "instance": Plain(), "class": Plain, "function": os.getcwd, "module_function": pickle.dumps,
    "datetime": datetime.datetime(2026, 11, 28), "date": datetime.date(2026, 11, 28), "decimal": decimal.Decimal("1.5"),
    "set": {1, 2}, "frozenset": frozenset({1}), "bytes": b"abc", "bytearray": bytearray(b"abc"), "complex": 1j, "range": range(3),
    "ordered_dict": collections.OrderedDict(a=1), "default_dict": collections.defaultdict(list, a=[1]),
    "attack_in_session": {**SESSION, "x": Attack()}, "date_in_session": {**SESSION, "day": datetime.date(2026, 11, 28)},
    "recursive_list": recursive, "recursive_tuple": looped, "recursive_dict": ring, "surrogate": "\ud800",
    "deep": eval("[" * 40 + "]" * 40),
}
if __name__ == "__main__":
    for cases, verdict in ((GOOD, notation), (REFUSED, lambda value: "refused")):
        for name, value in cases.items():
            for protocol in range(2, 6):
                print(name, protocol, verdict(value), pickle.dumps(value, protocol).hex())
    for name in ("none", "session"):
        for protocol in (0, 1):
            print(name, protocol, "refused", pickle.dumps(GOOD[name], protocol).hex())
