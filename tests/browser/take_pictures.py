"""The README's pictures, taken from a desk that runs: `uv run python -m tests.browser.take_pictures`.

The customers come from fixed seeds at a fixed instant, so that pictures change only when the pages do.
"""

from __future__ import annotations

import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser import desks, storyteller
from tests.faults.conftest import Desk

PICTURES = Path(__file__).with_name("pictures")
HEAVIEST = 200_000  # bytes
PHONE = {"width": 390, "height": 800}
DEMO_TAKES = 600  # seconds at most


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, desks.running_desk(Path(folder)) as desk, desks.chromium() as browser:
        the_japanese_desk(desk, browser)
        the_korean_desk(desk, browser)
        the_findings(desk, browser)
        the_debrief(desk, browser)
        the_comparison(desk, browser)
        an_experiment(desk, browser)


def the_japanese_desk(desk: Desk, browser: Browser) -> None:
    """A parcel that missed a journey, on LINE: the apology was made, the facts are found, the letter is being written."""
    shift = desks.begin_shift(
        desk, "mina", scenario_keys=["delivery_delay", "rude_service", "wrong_item"], language="ja",
        playbook="apology-letter-gift", customers=3, seed=27,
    )  # fmt: skip
    with desks.signed_in(browser, shift.link, "ja") as page:
        trainee = storyteller.Desk(page, shift.number)
        trainee.say("apologise")
        trainee.investigate()
        trainee.wait_for_answer()
        quiet(page)
        take(page, "desk-ja")
        ticket = page.url
        page.keyboard.press("l")
        page.locator(".sheet").wait_for()
        quiet(page)
        take(page, "letter-ja")
    with desks.signed_in(browser, shift.link, "ko", viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto(ticket)
        quiet(page)
        take(page, "phone-ko")


def the_korean_desk(desk: Desk, browser: Browser) -> None:
    """A coffee maker that leaks, on KakaoTalk, by lamplight: answered, and the facts are found."""
    shift = desks.begin_shift(
        desk, "jun", scenario_keys=["defective_item", "double_charge", "delivery_delay"], language="ko",
        playbook="fast-resolution", customers=3, seed=44,
    )  # fmt: skip
    with desks.signed_in(browser, shift.link, "ko", color_scheme="dark") as page:
        trainee = storyteller.Desk(page, shift.number)
        trainee.say("answer")
        trainee.investigate()
        trainee.wait_for_answer()
        quiet(page)
        take(page, "desk-ko")


HASTY = {
    "ja": "了解しました。忙しかったので確認が遅れました。たぶん来週には届くと思います。",
    "ko": "주문하신 상품이 나오셨습니다. 바빠서 늦었네요. 최대한 빨리 처리해 볼게요.",
    "en": "We apologise for any inconvenience this may have caused. Please be patient.",
}


def the_findings(desk: Desk, browser: Browser) -> None:
    """A hasty answer in each language, with what there is to say about it under the text box."""
    for language, text in HASTY.items():
        shift = desks.begin_shift(
            desk, f"findings-{language}", scenario_keys=["defective_item"], language=language,
            playbook="apology-letter-gift", seed=5,
        )  # fmt: skip
        with desks.signed_in(browser, shift.link, language) as page:
            storyteller.Desk(page, shift.number)
            page.locator("#body").fill(text)
            page.locator("#body-review .note").first.wait_for()
            quiet(page)
            take(page, f"findings-{language}")


def the_debrief(desk: Desk, browser: Browser) -> None:
    """The same leaking coffee maker once it is over: what was written in haste, with its margin."""
    for language, text in HASTY.items():
        shift = desks.begin_shift(
            desk, f"debrief-{language}", scenario_keys=["defective_item"], language=language,
            playbook="apology-letter-gift", seed=5,
        )  # fmt: skip
        with desks.signed_in(browser, shift.link, language) as page:
            trainee = storyteller.Desk(page, shift.number)
            page.locator("#body").fill(text)
            page.locator(".reply .send button.chief").click()
            page.locator("#lines .by-agent:not(.internal)").wait_for()
            trainee.investigate()
            trainee.make_good("exchange")
            trainee.say("apologise")
            trainee.solve("")
            page.goto(f"{desk.address}/tickets/{trainee.ticket}/debrief/")
            quiet(page)
            take(page, f"debrief-{language}")


def the_comparison(desk: Desk, browser: Browser) -> None:
    """Once automatic agents have worked the demo's past weeks."""
    with desks.signed_in(browser, desks.link_of(desk, "manager"), "en") as page:
        until = time.monotonic() + DEMO_TAKES
        page.goto(f"{desk.address}/compare/?source=rehearsal:demo")
        while page.locator("#progress").count():
            assert time.monotonic() < until, "The demo's rehearsal has not come to its end."
            page.wait_for_timeout(2_000)
            page.reload()
        quiet(page)
        take(page, "compare-en")


def an_experiment(desk: Desk, browser: Browser) -> None:
    """The built-in two on the same 20,000 customers."""
    with desks.signed_in(browser, desks.link_of(desk, "manager"), "en") as page:
        page.goto(f"{desk.address}/experiments/")
        page.get_by_label("Customers under each playbook").fill("20000")
        page.get_by_role("button", name="Begin", exact=True).click()
        page.get_by_role("heading", name="The answers").first.wait_for(timeout=DEMO_TAKES * 1_000)
        quiet(page)
        answers = page.get_by_role("heading", name="The answers").first
        answers.evaluate("(heading) => scrollTo(0, heading.getBoundingClientRect().top + scrollY - 24)")
        take(page, "experiment-en")


def quiet(page: Page) -> None:
    """Without the passing messages, and with nothing in focus."""
    page.evaluate(
        "document.querySelectorAll('.messages').forEach((list) => list.remove()); document.activeElement.blur()"
    )
    page.wait_for_timeout(300)


def take(page: Page, name: str, **how: Any) -> None:
    file = PICTURES / f"{name}.png"
    file.write_bytes(lightened(page.screenshot(**how)))
    size = file.stat().st_size
    print(f"{file.name}: {size / 1000:.0f} kB")
    assert size <= HEAVIEST, f"{file.name} is heavier than {HEAVIEST} bytes"


# A browser packs its pictures in haste. The same pixels, unfiltered and packed with care, weigh a third less.

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def lightened(png: bytes) -> bytes:
    head, packed, at = b"", b"", len(SIGNATURE)
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        content = png[at + 8 : at + 8 + size]
        head, packed = (content, packed) if kind == b"IHDR" else (head, packed + content * (kind == b"IDAT"))
        at += size + 12
    width, height, depth, colour = struct.unpack_from(">IIBB", head)
    assert (depth, colour) == (8, 2), "expected eight bits each of red, green and blue"
    rows = unfiltered(zlib.decompress(packed), height, 3 * width)
    image = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in ((b"IHDR", head), (b"IDAT", image), (b"IEND", b""))
    )


def unfiltered(data: bytes, height: int, width: int) -> Iterator[bytes]:
    """Rows of a PNG as they were before its five filters (PNG specification, section 9)."""
    above = bytes(width)
    for y in range(height):
        kind, row = data[y * (width + 1)], bytearray(data[y * (width + 1) + 1 : (y + 1) * (width + 1)])
        for x in range(width if kind else 0):
            left, corner = (row[x - 3], above[x - 3]) if x >= 3 else (0, 0)
            guess = (0, left, above[x], (left + above[x]) // 2, _nearest(left, above[x], corner))[kind]
            row[x] = (row[x] + guess) & 255
        above = bytes(row)
        yield above


def _nearest(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda one: abs(guess - one))


if __name__ == "__main__":
    main()
