"""A folder of YAML as one document that knows its lines."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml import SafeDumper, ScalarNode, dump

from chassis.profiles import Place, ProfileFaults, join, load_folder, parse_yaml

LAYOUT = {"shop": "shop.yaml", "shelves": "shelves/*.yaml"}


class Quoting(SafeDumper):
    """Writes every text in quotes: which bare words are numbers is different in YAML 1.1."""

    def represent_str(self, data: str) -> ScalarNode:
        found: ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", data, style='"')
        return found


Quoting.add_representer(str, Quoting.represent_str)


def faults_of(text: str | bytes) -> list[str]:
    """The faults of a file, without its name."""
    with pytest.raises(ProfileFaults) as raised:
        parse_yaml(text.encode() if isinstance(text, str) else text, Path("a.yaml"))
    return [f"{fault.place.line}: {fault.detail}" for fault in raised.value.faults]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shelves").mkdir()
    (tmp_path / "shop.yaml").write_text("name: Corner\nopen:\n  - monday\n  - friday\n")
    (tmp_path / "shelves/b.yaml").write_text("code: b\n\nboxes:\n  - {size: 1}\n  - {size: 2}\n")
    (tmp_path / "shelves/a.yaml").write_text("code: a\nboxes: []\n")
    return tmp_path


class TestParseYaml:
    def test_words_dates_and_times_stay_text(self) -> None:
        read = parse_yaml(b"[no, yes, on, 2022-04-01, 1:30, 0-10, 007, .inf, 1_000, 0x1F]", Path("a"))
        assert read.data == ["no", "yes", "on", "2022-04-01", "1:30", "0-10", "007", ".inf", "1_000", "0x1F"]

    def test_numbers_booleans_and_nothing_are_what_they_are_in_json(self) -> None:
        read = parse_yaml(b"[1, -2, 1.5, 1e3, true, false, null, ~, ]", Path("a"))
        assert read.data == [1, -2, 1.5, 1000.0, True, False, None, None]

    def test_quoted_values_are_text(self) -> None:
        assert parse_yaml(b"['1', \"true\", '']", Path("a")).data == ["1", "true", ""]

    def test_every_value_knows_its_line(self) -> None:
        read = parse_yaml(b"a:\n  b:\n    - c: 1\n      d: >-\n        long\n        text\n", Path("a"))
        assert read.lines == {"": 1, "/a": 1, "/a/b": 2, "/a/b/0": 3, "/a/b/0/c": 3, "/a/b/0/d": 4}

    def test_a_missing_field_is_placed_at_what_should_hold_it(self) -> None:
        read = parse_yaml(b"a:\n  b: 1\n", Path("x.yaml"))
        assert str(read.place("/a/missing/deeper")) == "x.yaml:1"

    def test_the_name_of_a_union_member_between_is_passed_over(self) -> None:
        read = parse_yaml(b"rows:\n  by: kind\n  kind: x\n  members:\n    - a\n    - b\n", Path("x.yaml"))
        assert read.place("/rows/kind/members/1").line == 6
        assert read.place("/rows/other/kind").line == 3

    def test_a_key_that_stands_twice_names_both_lines(self) -> None:
        assert faults_of("a: 1\nb: 2\na: 3\n") == ["3: expected each key once, found 'a' again (first in line 1)"]

    def test_all_faults_of_a_file_are_named(self) -> None:
        assert len(faults_of("a: !tag 1\nb: {c: 1, c: 2}\n? [x]\n: 1\n")) == 3

    def test_tags_merge_keys_and_circles_are_refused(self) -> None:
        for tagged in ("!!python/object:os.system x", "!own x", "!!str 1", "!!set {x}", "!!omap [x: 1]"):
            assert "tag" in faults_of(f"a: {tagged}")[0]
        assert "merge key" in faults_of("a: &a {b: 1}\nc:\n  <<: *a\n")[0]
        assert "surrounds" in faults_of("a: &a [*a]")[0]

    def test_an_alias_repeats_plain_data(self) -> None:
        read = parse_yaml(b"a: &a [1]\nb: *a\n", Path("a"))
        assert read.data == {"a": [1], "b": [1]}

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("a: [1\nb: 2\n", "2: expected YAML"),
            ("a: 1\n---\nb: 2\n", "2: expected YAML"),
            ("", "1: expected a document"),
            ("a:\tb: c", "1: expected YAML"),
            (b"a: 1\nb: \xff\n", "2: expected UTF-8"),
            (b"a: \x01", "1: expected YAML"),
        ],
    )
    def test_what_is_not_yaml_is_named_with_its_line(self, text: str | bytes, fault: str) -> None:
        assert faults_of(text)[0].startswith(fault)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
        )
    )
    def test_data_comes_back_as_written_with_a_line_for_every_pointer(self, data: object) -> None:
        read = parse_yaml(dump(data, Dumper=Quoting).encode(), Path("a"))
        assert read.data == data

        def walk(value: object, pointer: str) -> None:
            assert pointer in read.lines
            if isinstance(value, dict):
                for key, member in value.items():
                    walk(member, join(pointer, key))
            elif isinstance(value, list):
                for index, member in enumerate(value):
                    walk(member, join(pointer, index))

        walk(read.data, "")


class TestLoadFolder:
    def test_parts_become_one_document_in_order_of_file_name(self, folder: Path) -> None:
        profile = load_folder(folder, LAYOUT)
        document = profile.document(["shop", "shelves"])
        assert document == {
            "shop": {"name": "Corner", "open": ["monday", "friday"]},
            "shelves": [{"code": "a", "boxes": []}, {"code": "b", "boxes": [{"size": 1}, {"size": 2}]}],
            "version": profile.version,
        }

    def test_a_part_that_is_not_asked_for_is_not_in_the_document(self, folder: Path) -> None:
        assert set(load_folder(folder, LAYOUT).document(["shop"])) == {"shop", "version"}

    def test_a_pointer_leads_to_file_and_line(self, folder: Path) -> None:
        profile = load_folder(folder, LAYOUT)
        assert profile.place("/shelves/1/boxes/1/size") == Place(folder / "shelves/b.yaml", 5)
        assert profile.place("/shop/open/1") == Place(folder / "shop.yaml", 4)
        assert profile.place("/shop/missing") == Place(folder / "shop.yaml", 1)
        assert profile.place("/shelves/9") == Place(folder / "shelves/a.yaml", 1)
        assert profile.place("/unknown/0") == Place(folder, 1)
        assert profile.place("") == Place(folder, 1)

    def test_the_version_follows_names_and_bytes(self, folder: Path) -> None:
        first = load_folder(folder, LAYOUT).version
        assert load_folder(folder, LAYOUT).version == first
        (folder / "shelves/b.yaml").rename(folder / "shelves/c.yaml")
        second = load_folder(folder, LAYOUT).version
        (folder / "shop.yaml").write_text("name: Corner \nopen: []\n")
        assert len({first, second, load_folder(folder, LAYOUT).version}) == 3

    def test_missing_broken_and_unread_files_are_all_named(self, folder: Path) -> None:
        (folder / "shop.yaml").unlink()
        (folder / "shelves/a.yaml").write_text("a: [")
        (folder / "shopp.yaml").write_text("name: Typo\n")
        with pytest.raises(ProfileFaults) as raised:
            load_folder(folder, LAYOUT)
        named = [fault.place.file.relative_to(folder).as_posix() for fault in raised.value.faults]
        assert named == ["shelves/a.yaml", "shop.yaml", "shopp.yaml"]

    def test_a_list_may_be_empty(self, folder: Path) -> None:
        for file in (folder / "shelves").iterdir():
            file.unlink()
        assert load_folder(folder, LAYOUT).document(["shelves"])["shelves"] == []
