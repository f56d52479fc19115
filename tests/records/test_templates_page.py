"""Templates: versions and uses, rendered and raw, and their exact bytes."""

import html
import re

from django.test import Client
from django.urls import reverse

from records.library.template_drafts import begin_template
from records.models import OperationTemplate
from tests import make
from tests.people import Cast


def get(person, url: str, **asked: str):
    client = Client()
    client.force_login(person)
    return client.get(url, asked)


def test_the_list_shows_each_version_and_how_many_records_use_it(cast: Cast, template: OperationTemplate) -> None:
    OperationTemplate.objects.create(name=template.name, version="1.1.0", text=template.text, toml=template.toml)
    make.make_draft(cast, template)
    page = get(cast.noor, reverse("template_list")).content.decode()
    rows = re.findall(r'data-l="Version">(.*?)</td><td class="num" data-l="Records">(\d+)<', page)
    assert rows == [("1.1.0", "0"), ("1.0.0", "1")]


def test_a_template_is_shown_whole_and_says_what_each_level_asks_for(cast: Cast, template: OperationTemplate) -> None:
    url = reverse("template", args=[template.pk])
    rendered = get(cast.noor, url, view="rendered").content.decode()
    assert rendered.count("<h1") == 1
    assert re.findall(r"<li><b>(\w+)</b>", rendered) == ["Low", "Medium", "High", "Critical"]
    assert "approved by</span>" in rendered or "DevOps supervisor, Infrastructure approver" in rendered
    source = get(cast.noor, url, view="source").content.decode()
    text = re.search(r'<ol class="numbered"[^>]*Text of.*?</ol>', source, re.DOTALL)[0]
    lines = re.findall(r'<li id="L(\d+)"><code>(.*?)</code>', text, re.DOTALL)
    assert [int(number) for number, _line in lines] == list(range(1, len(lines) + 1))
    assert "".join(html.unescape(line) + "\n" for _number, line in lines) == template.text


def test_its_bytes_are_downloaded_as_they_came_in(cast: Cast, template: OperationTemplate) -> None:
    response = get(cast.noor, reverse("template_download", args=[template.pk]))
    assert response.content == (make.TEMPLATES / "infrastructure-operation.md").read_bytes()
    assert response["Content-Disposition"] == 'attachment; filename="infrastructure-operations-template-v1.0.0.md"'


def test_what_a_template_holds_is_inert(cast: Cast) -> None:
    text = "# <script>x()</script>\n\n## <b>One</b>\n\n- **A**: [click](javascript:x)\n"
    own = OperationTemplate.objects.create(name="<script>y()</script>", version='"><i>', text=text)
    for asked in ({}, {"view": "source"}, {"view": "rendered"}):
        page = get(cast.noor, reverse("template", args=[own.pk]), **asked).content.decode()
        assert "<script>x" not in page
        assert "<script>y" not in page
        assert 'href="javascript:' not in page


def test_a_draft_leads_to_where_what_stops_it_is_mended(cast: Cast, template: OperationTemplate) -> None:
    text, where = template.text, "?view=source#change"
    for toml, mends in (("version = '1.1.0'\n", where), ("[kind]\nx = 'steps'\n", "/settings/")):
        draft = begin_template(text=text, toml=toml + template.toml, by=cast.mara)
        client = Client()
        client.force_login(cast.mara)
        page = client.get(f"/templates/drafts/{draft.pk}/").content.decode()
        [primary] = re.findall(r'<a class="btn btn-primary w-100" href="([^"]*)"', page)
        assert primary.endswith(mends), toml
        assert where in page
