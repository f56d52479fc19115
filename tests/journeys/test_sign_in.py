"""Somebody signs in, in a real browser, under the strict policy; an old form is sent again."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

PASSWORD = "a-long-enough-password"


@pytest.fixture
def mara(transactional_db):
    return get_user_model().objects.create_user("mara", "mara@example.com", PASSWORD, name="Mara Lindqvist")


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser said against the page: blocked by the policy, not found, or broken."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def fill(page: Page, password: str) -> None:
    page.get_by_label("User name").fill("mara")
    page.get_by_label("Password", exact=True).fill(password)


@pytest.mark.postgresql
def test_the_right_password_signs_in_and_a_wrong_one_is_told(page, live_server, mara, complaints):
    page.goto(f"{live_server.url}/sign-in/?next=/sign-in/")
    fill(page, "wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="You could not be signed in")).to_be_visible()
    assert [cookie["name"] for cookie in page.context.cookies()] == ["csrftoken"]
    fill(page, PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Account: Mara Lindqvist")).to_be_attached()
    assert complaints == []


def test_a_form_older_than_its_token_is_sent_again_with_one_press(page, live_server, mara):
    page.goto(f"{live_server.url}/sign-in/?next=/sign-in/")
    fill(page, PASSWORD)
    page.context.clear_cookies()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Please send that again")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Account: Mara Lindqvist")).to_be_attached()
