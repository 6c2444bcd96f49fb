# SPDX-License-Identifier: Apache-2.0
# Entries no honest Hub would list: what a reader of trees, infos and references must survive.
# Values are kept as JSON text, because much of it cannot be written by a JSON library.
import json

OID = "1" * 40


class Bad:
    """One entry. `path` and `size` are JSON text when given as bytes, else plain values."""

    def __init__(self, path, size=1, kind="file", oid=OID, first="", more=""):
        self.path = path.decode() if isinstance(path, bytes) else json.dumps(path)
        self.size = size.decode() if isinstance(size, bytes) else json.dumps(size)
        self.kind = kind
        self.oid = oid.decode() if isinstance(oid, bytes) else json.dumps(oid)
        self.first = first      # members written before all others
        self.more = more        # and after

    def tree_item(self):
        return (f'{{{self.first}"type":"{self.kind}","oid":{self.oid},"size":{self.size},'
                f'"path":{self.path}{self.more}}}').encode()

    def sibling(self):
        return (f'{{{self.first.replace(chr(34) + "path", chr(34) + "rfilename")}'
                f'"rfilename":{self.path},"size":{self.size},"blobId":{self.oid}}}').encode()

    def reference(self, commit_id):
        return (f'{{{self.first.replace(chr(34) + "path", chr(34) + "name")}"name":{self.path},'
                f'"ref":"refs/heads/{self.path[1:-1]}",'
                f'"targetCommit":"{commit_id}"}}').encode()


def traversal():
    return [Bad(p) for p in ("../x", "../../../../tmp/x", "a/../../x", "a/..", "..", ".", "./x",
                             "a/./x", "..\\x", "%2e%2e/x", "a/../README.md", "~/x", ".git/config")
            ] + [Bad("..", 0, "directory"), Bad("../up", 0, "directory")]


def absolute():
    return [Bad(p) for p in ("/etc/passwd", "//host/share", "/", "", "a//b", "a/", "/a",
                             "C:\\Windows\\x", "file:///etc/passwd")]


def nul():
    return [Bad(b'"nul\\u0000byte.txt"'), Bad(b'"\\u0000"'), Bad(b'"dir\\u0000/x"')]


def control_characters():
    return [Bad(b'"new\\nline"'), Bad(b'"esc\\u001b[31mred"'), Bad(b'"del\\u007f"'),
            Bad(b'"rtl\\u202etxt.exe"'), Bad("back\\slash"), Bad('quo"te'), Bad("star*?<>|"),
            Bad(" leading"), Bad("trailing "), Bad("dot."), Bad("-rf"), Bad("$(id)")]


def not_utf8():
    """A lone surrogate, which is JSON but no text; and a NUL-free overlong path of them."""
    return [Bad(b'"lone\\ud800.txt"'), Bad(b'"\\udc00\\udc01"'), Bad(b'"e\\u0301-\\u00e9"')]


def long_names():
    return [Bad("n" * 255), Bad("n" * 256), Bad("n" * 5000), Bad("ü" * 128 + ".txt"),
            Bad("/".join(["d" * 200] * 30)), Bad("x/" * 40_000 + "f"), Bad("p" * 1_000_000)]


def deep_path():
    return [Bad("d/" * 5000 + "f.txt"), Bad("/".join(str(n) for n in range(3000)))]


def duplicate_paths():
    return [Bad("twice.txt", 1), Bad("twice.txt", 2, oid="2" * 40), Bad("twice", 0, "directory"),
            Bad("twice", 0, "directory", oid="2" * 40), Bad("Twice.txt"), Bad("README.md", 9)]


def duplicate_keys():
    return [Bad("last.txt", 3, first='"path":"first.txt","size":1,'),
            Bad("type.txt", first='"type":"directory",'), Bad("oid.txt", first='"oid":"x",'),
            Bad("many.txt", first='"path":"many.txt",' * 1000)]


def file_and_directory():
    return [Bad("both"), Bad("both", 0, "directory"), Bad("both/inner.txt"),
            Bad("leaf/x/y.txt"), Bad("leaf"), Bad("README.md/inner.txt"),
            Bad("README.md", 0, "directory")]


def sizes():
    values = (b"-1", b"9007199254740993", b"9223372036854775807", b"9223372036854775808",
              b"18446744073709551616", b"1" + b"0" * 400, b"1.5", b"1e3", b"1e400", b"-0", b"0.0",
              b'"12"', b"null", b"true", b"[]", b"{}")
    return [Bad(f"size-{n}.bin", value) for n, value in enumerate(values)] + [
        Bad("folder", 4096, "directory"), Bad("lfs.bin", 5, more=_lfs("3" * 64, b"7")),
        Bad("lfs-negative.bin", 5, more=_lfs("3" * 64, b"-7")),
        Bad("lfs-huge.bin", 5, more=_lfs("3" * 64, b"9223372036854775807"))]


def _lfs(oid, size=b"1"):
    return f',"lfs":{{"oid":{json.dumps(oid)},"size":{size.decode()},"pointerSize":130}}'


def object_ids():
    """Ids become names of files in caches."""
    odd = ("", "../../etc/passwd", "/etc/passwd", "A" * 40, "g" * 40, "1" * 39, "1" * 41,
           "1" * 100_000, "0" * 40, "*" * 40)
    return ([Bad(f"oid-{n}.txt", oid=oid) for n, oid in enumerate(odd)]
            + [Bad("oid-null.txt", oid=b"null"), Bad("oid-number.txt", oid=b"7")]
            + [Bad(f"lfs-{n}.bin", more=_lfs(oid)) for n, oid in enumerate(
                ("", "../../x", "3" * 63, "3" * 65, "Z" * 64, "*" * 64))]
            + [Bad("xet.bin", more=_lfs("3" * 64) + ',"xetHash":"../x"'),
               Bad("lfs-null.bin", more=',"lfs":null'), Bad("lfs-list.bin", more=',"lfs":[]')])


def wrong_types():
    """Entries that are no entries, among them one good one."""
    class Raw(Bad):
        def __init__(self, text):
            super().__init__("raw")
            self.text = text

        def tree_item(self):
            return self.text

        def sibling(self):
            return self.text

        def reference(self, commit_id):
            return self.text

    return [Raw(text) for text in (
        b"null", b"7", b'"text"', b"[]", b"{}", b"true", b'{"type":"file"}', b'{"path":7}',
        b'{"type":"link","oid":"x","size":1,"path":"link"}',
        b'{"type":"file","path":["a","b"],"oid":{},"size":1}',
        b'{"__proto__":{"x":1},"type":"file","path":"proto","size":1,"oid":"%s"}' % OID.encode(),
    )] + [Bad("good-after-bad.txt")]


def unknown_keys():
    """What a newer Hub might add: to be ignored, not refused."""
    return [Bad("newer.txt", more=',"novelty":{"a":[1,2,{"b":null}]},"mode":"100755"')]


NAMED = {function.__name__: function for function in (
    traversal, absolute, nul, control_characters, not_utf8, long_names, deep_path,
    duplicate_paths, duplicate_keys, file_and_directory, sizes, object_ids, wrong_types,
    unknown_keys)}
