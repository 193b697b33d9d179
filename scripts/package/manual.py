#!/usr/bin/env python3
"""Writes the man pages changefeed.1 and changefeed-COMMAND.1 from what `changefeed --experimental-dump-help` prints.

    changefeed --experimental-dump-help | scripts/package/manual.py FOLDER VERSION SECONDS
"""
import datetime
import json
import sys


def roff(text):
    """Text of a paragraph: no line of it is taken for a request, hyphens are hyphens."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    lines = [line.strip() for line in escaped.split("\n")]
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in lines)


def shown(command):
    return [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]


def spelling(name):
    return {"short": "-", "long": "--", "longWithSingleDash": "-"}[name["kind"]] + name["name"]


def term(argument):
    value = argument.get("valueName", "value")
    if argument["kind"] == "positional":
        return "\\fI" + roff(value) + "\\fR"
    names = ", ".join("\\fB" + roff(spelling(n)) + "\\fR" for n in argument["names"])
    return names + (" \\fI" + roff(value) + "\\fR" if argument["kind"] == "option" else "")


def synopsis(path, command):
    words = ["\\fB" + roff(" ".join(path)) + "\\fR"]
    if command.get("subcommands"):
        return " ".join(words + ["\\fIcommand\\fR", "[\\fIoptions\\fR]"])
    for argument in shown(command):
        text = term(argument).split(", ")[-1] + (" ..." if argument["isRepeating"] else "")
        words.append("[" + text + "]" if argument["isOptional"] or "defaultValue" in argument else text)
    return " ".join(words)


def options(command):
    lines = []
    for argument in shown(command):
        text = argument.get("abstract", "")
        if "defaultValue" in argument:
            text += " Default: " + argument["defaultValue"] + "."
        lines += [".TP", term(argument), roff(text) or "\\&"]
    return lines


def described(path, command):
    """The parts of a page about a command and the commands below it."""
    lines = [".SH SYNOPSIS", synopsis(path, command)]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", roff(command["discussion"])]
    for child in children(command):
        lines += [".SH " + roff(" ".join(path[1:] + [child["commandName"]]).upper()), roff(child.get("abstract", ""))]
        lines += [".PP", synopsis(path + [child["commandName"]], child)]
        if child.get("discussion"):
            lines += [".PP", roff(child["discussion"])]
        lines += options(child)
    if not command.get("subcommands"):
        lines += [".SH OPTIONS"] + options(command)
    return lines


def children(command):
    return [c for c in command.get("subcommands", []) if c.get("shouldDisplay", True) and c["commandName"] != "help"]


def main():
    folder, version, seconds = sys.argv[1:]
    day = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%d")
    program = json.load(sys.stdin)["command"]
    commands = children(program)
    pages = {"changefeed": ["changefeed \\- " + roff(program.get("abstract", "").rstrip("."))]}
    page = pages["changefeed"]
    page += [".SH SYNOPSIS", synopsis(["changefeed"], program), ".SH COMMANDS"]
    for command in commands:
        page += [".TP", "\\fBchangefeed\\-" + roff(command["commandName"]) + "\\fR(1)", roff(command.get("abstract", ""))]
    page += [".SH OPTIONS"] + options(program)
    page += [".SH \"EXIT STATUS\""]
    for status, meaning in [
        ("0", "success"), ("1", "failed"), ("2", "problems found"), ("64", "usage"),
        ("69", "the database, or Odoo, is unreachable"), ("77", "not permitted"), ("78", "configuration"),
    ]:
        page += [".TP", status, meaning]
    page += [
        ".SH FILES", ".TP", "\\fI/etc/changefeed.env\\fR", "Settings of the service, for systemd.",
        ".TP", "\\fI/etc/changefeed/DATABASE.env\\fR", "Settings of changefeed@DATABASE.service.",
        ".TP", "\\fI/usr/share/changefeed/sql\\fR", "The SQL scripts that changefeed\\-install(1) runs.",
        ".SH \"SEE ALSO\"", "\\fI/usr/share/doc/changefeed/operating.md\\fR, \\fIsettings.md\\fR, \\fIREADME.Debian\\fR",
    ]
    for command in commands:
        name = "changefeed-" + command["commandName"]
        lines = [roff(name) + " \\- " + roff(command.get("abstract", "").rstrip("."))]
        lines += described(["changefeed", command["commandName"]], command)
        pages[name] = lines + [".SH \"SEE ALSO\"", "\\fBchangefeed\\fR(1)"]
    for name, lines in pages.items():
        head = ['.TH "%s" 1 "%s" "odoo\\-changefeed %s"' % (roff(name).upper(), day, version), ".nh", ".ad l", ".SH NAME"]
        with open(f"{folder}/{name}.1", "w", encoding="utf-8") as file:
            file.write("\n".join(head + lines) + "\n")


main()
