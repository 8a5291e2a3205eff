"""The built style sheets: what is served, how large they are, and that pages say how to build them."""

import gzip
import re
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from chassis.pages.assets import Assets, AssetsMissingError, built_assets


class TestAssets:
    def test_missing_style_sheets_name_the_command_that_makes_them(self, tmp_path: Path) -> None:
        with pytest.raises(AssetsMissingError, match=r"run tools/frontend/build\.py"):
            Assets.load(tmp_path)

    def test_the_survey_sheet_is_small(self) -> None:
        assets = built_assets()
        sheet = assets.files[assets.names["survey.css"]]
        assert len(sheet.content) < 40_000
        assert len(sheet.compressed) < 12_000

    @pytest.mark.parametrize("name", ["staff.css", "survey.css"])
    def test_a_sheet_loads_nothing_and_knows_no_side_of_the_page(self, name: str) -> None:
        assets = built_assets()
        css = assets.files[assets.names[name]].content.decode()
        assert "url(" not in css
        assert "@import" not in css
        assert "GDS Transport" not in css
        assert not re.findall(
            r"[{;](?:margin|padding|border)-(?:left|right):|[{;](?:left|right|float:left|text-align:left):", css
        )

    def test_a_browser_gets_it_compressed_and_keeps_it_for_ever(self) -> None:
        assets = built_assets()
        name = assets.names["survey.css"]
        answer = assets.response(name, "gzip, br")
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
        assert gzip.decompress(bytes(answer.body)) == assets.response(name, "").body

    @pytest.mark.parametrize("name", ["survey.css", "manifest.json", "../../environment.py"])
    def test_other_names_are_not_there(self, name: str) -> None:
        with pytest.raises(HTTPException) as missing:
            built_assets().response(name, "")
        assert missing.value.status_code == 404
