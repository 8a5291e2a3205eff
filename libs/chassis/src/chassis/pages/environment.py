"""Rendering: one Jinja environment a service, with the layouts and macros of the chassis and govuk-frontend."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import (
    BytecodeCache,
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from chassis.pages import figures
from chassis.pages.assets import Assets, built_assets
from chassis.pages.headers import PAGE_HEADERS, SCRIPTED
from chassis.pages.strings import DEFAULT, Strings, direction

Chrome = Callable[[Request], Mapping[str, Any]]


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the staff navigation; a group leads to its first page, and shows all of them where somebody is on one."""

    text: str
    href: str
    current: bool = False
    pages: tuple["NavigationItem", ...] = ()


class _Compiled(BytecodeCache):
    """Templates as they were compiled, by their file and text.

    All Pages of a process share one: what is compiled hangs on nothing that differs between them, and the first page of each
    would take ten times as long as its second. That is every test's.
    """

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if it was compiled before."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._code[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


class Pages:
    """Renders the pages of one service.

    `templates` is the service's own folder; the chassis' layouts are `chassis/staff.html` and `chassis/survey.html`, its macros
    `chassis/macros/*.html`, govuk-frontend's `govuk_frontend_jinja/components/*/macro.html`. `chrome(request)` gives what
    stands around every page: `organisation`, `person`, `navigation` (NavigationItems), `sign_out` (a link); for a survey
    `language`, `large_print`, `easy_read`. What a page passes itself wins. Paths that begin with one of `survey_paths` get
    their error pages in the survey's layout.
    """

    def __init__(
        self,
        templates: Path,
        *,
        static_path: str,
        service_name: str = "Learning Loop",
        home: str = "/",
        strings: Path | None = None,
        chrome: Chrome | None = None,
        survey_paths: tuple[str, ...] = (),
        assets: Assets | None = None,
    ) -> None:
        self.static_path = static_path
        self.survey_paths = survey_paths
        self.assets = assets or built_assets()
        self.strings = Strings(*([strings] if strings else []))
        self._chrome = chrome
        # govuk-frontend-jinja reads members of members that may be missing, hence ChainableUndefined.
        self.environment = Environment(
            loader=ChoiceLoader(
                [
                    FileSystemLoader(templates),
                    PrefixLoader(
                        {
                            "chassis": PackageLoader("chassis.pages"),
                            "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                        }
                    ),
                ]
            ),
            autoescape=True,
            undefined=ChainableUndefined,
            auto_reload=False,
            bytecode_cache=_COMPILED,
        )
        self.environment.globals.update(
            static=self.static_url,
            t=self._translate,
            spoken=self._spoken,
            direction=direction,
            service_name=service_name,
            home=home,
        )
        self.environment.filters.update(figures.FILTERS)

    def static_url(self, name: str) -> str:
        """Return the address of a built file by its plain name (`survey.css`). Raises KeyError."""
        return f"{self.static_path}/{self.assets.names[name]}"

    def render(self, template: str, **context: Any) -> str:
        """Render a template; `language` (BCP 47, default `en`) decides words and direction of the layout."""
        context.setdefault("language", DEFAULT)
        return self.environment.get_template(template).render(context)

    def respond(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a template, with the chrome of this request, as an answer with the headers of a page.

        `script` in the context is the plain name of a built script that the page works better with.
        """
        chrome = self._chrome(request) if self._chrome else {}
        # Of a record that somebody may see: what refuses them is no page of success.
        marks = getattr(request.state, "marks", None) if status == HTTPStatus.OK else None
        content = self.render(template, **{"request_path": request.url.path, "marks": marks, **chrome, **context})
        return HTMLResponse(content, status, headers={**PAGE_HEADERS, **(SCRIPTED if context.get("script") else {})})

    @pass_context
    def _translate(self, context: Context, key: str, **values: object) -> str:
        return self.strings.say(context.get("language", DEFAULT), key, **values)

    @pass_context
    def _spoken(self, context: Context, key: str) -> str:
        return self.strings.spoken(context.get("language", DEFAULT), key)


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Answer a request with a page of the app's Pages (`chassis.pages.install` put them there)."""
    pages: Pages = request.app.state.pages
    return pages.respond(request, template, status, **context)
