"""Which static files of packages are collected: those that a page links, not all that a package ships."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class LinkedStaticFiles(StaticFilesConfig):
    """Django's static files, less the parts of Bootstrap that no page links."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "js-lib-bootstrap5/js/*",
        "bootstrap-*",
        "bootstrap.rtl.*",
        "bootstrap.css*",
    ]
