"""HTML pages: layouts, macros, safe headers, forms and error pages. docs/guides/pages.md shows how a service uses them."""

from chassis.pages.around import chrome, grouped_ways, staff_chrome, ways_between
from chassis.pages.assets import Assets, AssetsMissingError, mount_static
from chassis.pages.csrf import csrf_token
from chassis.pages.environment import NavigationItem, Pages, page
from chassis.pages.errors import error_page, install
from chassis.pages.files import Sent, read_form_with_file
from chassis.pages.forms import Form, read_form
from chassis.pages.headers import CONTENT_SECURITY_POLICY, PAGE_HEADERS, redirect

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "PAGE_HEADERS",
    "Assets",
    "AssetsMissingError",
    "Form",
    "NavigationItem",
    "Pages",
    "Sent",
    "chrome",
    "csrf_token",
    "error_page",
    "grouped_ways",
    "install",
    "mount_static",
    "page",
    "read_form",
    "read_form_with_file",
    "redirect",
    "staff_chrome",
    "ways_between",
]
