"""A folder of Markdown to guides."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.pictures import PIXEL
from support.sites import TODAY, build_sites, mark_known_secrets

from kb_builder import pipeline
from kb_builder.errors import KbError
from kb_builder.importers import markdown
from kb_builder.importers.base import Import, Imported, merge, write
from kb_builder.importers.markdown_fields import date_of, period_of
from kb_builder.links import dead_links
from kb_builder.problem import errors
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.records.documentation import Guide
from kb_builder.text import parse
from kb_builder.workspace import Workspace

PNG = PIXEL
Folder = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes files into a folder `handbook` and gives it back."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / "handbook" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "handbook"

    return make


def guide(imported: Import, key: str) -> Imported:
    return next(record for record in imported.records if record.key == key)


def body(imported: Import, key: str = "page.md") -> str:
    text = guide(imported, key).body
    assert text is not None
    return text


def page(text: str, front: str = "title: Page") -> str:
    return f"---\n{front}\n---\n\n{text}\n"


def whys(imported: Import) -> dict[str, str]:
    return {skipped.what: skipped.why for skipped in imported.skipped}


# Front matter


def test_fields_come_from_front_matter_and_folder(folder: Folder) -> None:
    front = (
        'owner_slack: "#platform"\ntitle: Reset a password\nlast_reviewed_on: 2026-02-17\nreview_in: 6 months\n'
        "keywords: login, account\ndescription: |\n  What to do\n  when it is lost."
    )
    imported = markdown.read(
        str(folder({"source/runbooks/aws-access/reset.html.md.erb": page("Text.", front)}))
    )
    role, found = imported.records
    assert (role.kind.kind, role.id, role.fields) == ("role", "platform", {"title": "#platform"})
    assert found.id == "reset"
    assert found.fields == {
        "title": "Reset a password",
        "summary": "What to do when it is lost.",
        "topic": "Runbooks – aws access",
        "owner": "role/platform",
        "reviewed": "2026-02-17",
        "review_every": "6 months",
        "tags": ["login", "account"],
    }
    assert imported.skipped == ()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: From the front\n---\n# Other\n", "From the front"),
        ("# The *first* heading\n\nText.\n", "The first heading"),
        ("The heading\n===========\n\nText.\n", "The heading"),
        ("```\n# not a heading\n```\n", "My page"),
        ("---\nlayout: default\n---\nText.\n", "My page"),
    ],
)
def test_title(folder: Folder, text: str, title: str) -> None:
    assert guide(markdown.read(str(folder({"my-page.md": text}))), "my-page.md").fields["title"] == title


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("6 months", "6 months"),
        ("six months", "6 months"),
        ("1 year", "1 year"),
        ("year", "1 year"),
        ("Every 2 weeks", "2 weeks"),
        ("annually", "1 year"),
        ("90d", "90 days"),
        ("never", None),
        ("0 days", None),
    ],
)
def test_periods(written: str, read_as: str | None) -> None:
    assert period_of(written) == read_as


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2026-02-17", "2026-02-17"),
        ("2026-2-7 10:00:00", "2026-02-07"),
        ("17 February 2026", "2026-02-17"),
        ("02/03/2026", None),
        ("2026-02-30", None),
        ("soon", None),
    ],
)
def test_dates(written: str, read_as: str | None) -> None:
    assert date_of(written) == read_as


def test_what_a_guide_has_no_field_for_is_listed(folder: Folder) -> None:
    imported = markdown.read(
        str(
            folder(
                {
                    "a.md": page(
                        "Text.", "title: A\nlayout: x\nreview_in: never\nquestions: [it-help, it@example.org]"
                    ),
                    "b.md": page("Text.", "title: B\nlayout: y"),
                }
            )
        )
    )
    assert whys(imported) == {
        "a.md:1: review_every never": "not a date or a length of time that a guide can have",
        "a.md:1: questions it@example.org": "a guide has one owner; this is another",
        "layout, on 2 pages": "front matter that a guide has no field for",
    }
    assert guide(imported, "a.md").fields["owner"] == "role/it-help"


def test_state_and_former_addresses(folder: Folder) -> None:
    imported = markdown.read(
        str(
            folder(
                {
                    "a.md": page("Text.", "title: A\nredirect_from: [/old-a/, /b/]\noutdated: true"),
                    "b.md": page("Text.", "title: B\ndraft: true"),
                }
            )
        )
    )
    assert guide(imported, "a.md").fields == {"title": "A", "status": "retired", "formerly": ["old-a"]}
    assert guide(imported, "b.md").fields["status"] == "draft"


def test_ids_are_file_names_and_as_many_folders_as_it_takes(folder: Folder) -> None:
    text = page("Text.")
    names = (
        "index.md",
        "docs/tools/slack/index.md",
        "docs/tools/records.md",
        "docs/team/records.md",
        "docs/Ünter.md",
    )
    imported = markdown.read(str(folder(dict.fromkeys(names, text))))
    assert {record.key: record.id for record in imported.records} == {
        "index.md": "page",
        "docs/tools/slack/index.md": "slack",
        "docs/tools/records.md": "tools-records",
        "docs/team/records.md": "team-records",
        "docs/Ünter.md": "unter",
    }


# Template tags


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ('[b]({% page "/b/" %})', "[b](b.md)"),
        ('[b]({% page "b"\n%})', "[b](b.md)"),
        ("[b]({{ site.baseurl }}/b/)", "[b](b.md)"),
        ("[b]({{ '/b' | relative_url }})", "[b](b.md)"),
        ("[b]({% link b.md %})", "[b](b.md)"),
        ('Ask {% slack_channel "it" %}.', "Ask #it."),
        ('{% slack_channel "it" %} helps.', "\\#it helps."),
        ('{% slack_channel "it" "Our desk" %}', "Our desk"),
        ("One {% comment %}two\n\nthree{% endcomment %}four", "One four"),
        ("{% raw %}{{ one }} {% two %}{% endraw %}", "\\{\\{ one }} &#123;% two %}"),
        ("{% capture x %}words{% endcapture %}", "words"),
        ('{% assign x = "words" %}{{ x }}', "words"),
        ("{{ page.title }}", "Page"),
        ("<%= current_page.data.title %>", "Page"),
        ("<%= link_to 'Words', '/b.html' %>", "[Words](b.md)"),
        ("<%# a comment %>words", "words"),
        ("{% alert %}\n  Mind *this*.\n{% endalert %}", "!!! note\n\n    Mind *this*."),
        ('{% alert "Mind", "warning" %}\n- it\n{% endalert %}', '!!! warning "Mind"\n\n    - it'),
        ('{% include note.html content="Mind it." %}', "!!! note\n\n    Mind it."),
        ("<%= warning_text('It\\'s hot.') %>", "!!! warning\n\n    It's hot."),
        ("{{< note >}}\nMind it.\n{{< /note >}}", "!!! note\n\n    Mind it."),
        ("{% highlight ruby %}\n{{ x }}\n{% endhighlight %}", "```ruby\n{{ x }}\n```"),
        ('<div>\n<a href="{% page "/b/" %}">b</a>\n</div>', '<div>\n<a href="b.md">b</a>\n</div>'),
    ],
)
def test_a_tag_becomes_what_it_says(folder: Folder, source: str, wanted: str) -> None:
    imported = markdown.read(str(folder({"page.md": page(source), "b.md": page("Text.")})))
    assert body(imported) == wanted
    assert imported.skipped == ()


@pytest.mark.parametrize(
    ("source", "left", "tag", "why"),
    [
        (
            '{% include "x.html" %}\ntext',
            "text",
            '{% include "x.html" %}',
            "a template's part from another file is left out",
        ),
        (
            "<%= partial 'x' %>\ntext",
            "text",
            "<%= partial 'x' %>",
            "a template's part from another file is left out",
        ),
        ("a {{ x.y }} b", "a  b", "{{ x.y }}", "a template tag that means nothing here is left out"),
        (
            "{% if a %}\ntext\n{% endif %}",
            "text",
            "{% if a %}",
            "a template's condition or loop is left out; what stands in it is kept",
        ),
    ],
)
def test_other_tags_are_left_out_and_listed(
    folder: Folder, source: str, left: str, tag: str, why: str
) -> None:
    imported = markdown.read(str(folder({"page.md": page(source)})))
    assert body(imported) == left
    assert whys(imported) == {f"page.md:5: {tag}": why}


@pytest.mark.parametrize(
    "code",
    ["`{{ x }} <%= y %> {% z %}`", "```yaml\na: ${{ b }}\n\n<%= c %>\n```", "``{{ ` }}``", "<code>x</code>"],
)
def test_code_stays_as_it_is(folder: Folder, code: str) -> None:
    imported = markdown.read(str(folder({"page.md": page(f"Text.\n\n{code}")})))
    assert body(imported) == f"Text.\n\n{code}"
    assert imported.skipped == ()


def test_braces_in_a_ruby_template_are_braces(folder: Folder) -> None:
    imported = markdown.read(str(folder({"page.html.md.erb": page("Write {{ x }}.")})))
    text = body(imported, "page.html.md.erb")
    assert text == "Write \\{\\{ x }}."
    assert parse(text, macros=True).macros == ()
    assert "{{ x }}" in parse(text, macros=True).html


# Blocks


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("# Page\n\nText.\n\n## Part", "Text.\n\n## Part"),
        ("# Other\n\n## Part", "## Other\n\n### Part"),
        ("### Deep\n\n#### Deeper", "## Deep\n\n### Deeper"),
        ("Part\n----\ntext", "## Part\n\ntext"),
        ("## Part {#id}\n{: .x}\ntext", "## Part\n\ntext"),
        ("Text:\n- one\n  - two\n- three", "Text:\n\n- one\n    - two\n- three"),
        ("1. one\n\n   more\n2) two", "1. one\n\n    more\n\n2. two"),
        (
            "1. one\n   ```sh title=x\n   a\n     b\n   ```\n2. two",
            "1. one\n\n    ```sh\n    a\n      b\n    ```\n\n2. two",
        ),
        ("- [ ] open\n- [x] done", "- ☐ open\n- ☑ done"),
        ("text\n> quoted\nlazy", "text\n\n> quoted\n> lazy"),
        ("> [!WARNING]\n> Mind it.", "!!! warning\n\n    Mind it."),
        (":::tip Title\nText.\n:::", '!!! tip "Title"\n\n    Text.'),
        ('!!! note "T"\n    Text.\n    - one', '!!! note "T"\n\n    Text.\n\n    - one'),
        ('=== "Tab"\n    Text.', "**Tab**\n\nText."),
        ("text\na | b\n--|--\n1 | 2\nmore", "text\n\na | b\n--|--\n1 | 2\nmore"),
        ("text\n\n    code *x*\n\n    more\n", "text\n\n```\ncode *x*\n\nmore\n```"),
        ("#tag is text\\\nnext", "\\#tag is text  \nnext"),
        ("one\n1984. two", "one\n1984\\. two"),
        ("[TOC]\n* TOC\n{:toc}\n\ntext", "text"),
        ("One[^1] two.\n\n[^1]: Note\n    more.", "One<sup>1</sup> two.\n\n<sup>1</sup> Note\nmore."),
        ("~~~\n```\n~~~", "````\n```\n````"),
        ("```\nnever closed", "```\nnever closed\n```"),
        ("```to be read. This is not code", "\\`\\`\\`to be read. This is not code"),
    ],
)
def test_blocks_are_written_our_way(folder: Folder, source: str, wanted: str) -> None:
    assert body(markdown.read(str(folder({"page.md": page(source)})))) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ('<div class="x" markdown="1">\n\n- one\n\n</div>', "- one"),
        (
            "<details markdown=1>\n<summary>More <b>so</b></summary>\n\n- one\n</details>",
            '??? note "More so"\n\n    - one',
        ),
        ('<h3 class="x"><button type=button>\n Words\n</button></h3>', "## Words"),
        ("<table>\n<tr>\n\n<td>a</td></tr>\n</table>", "<table>\n<tr>\n<td>a</td></tr>\n</table>"),
        ("a <kbd>Ctrl</kbd><br>b", "a <kbd>Ctrl</kbd><br>b"),
        ("type <user name>", "type &lt;user name>"),
    ],
)
def test_html(folder: Folder, source: str, wanted: str) -> None:
    imported = markdown.read(str(folder({"page.md": page(source)})))
    assert body(imported) == wanted
    assert imported.skipped == ()


def test_scripts_and_half_tags_are_left_out_and_listed(folder: Folder) -> None:
    source = "<style>\np {}\n</style>\n\n<script src=x></script>text\n\n<div>\n\nmore"
    imported = markdown.read(str(folder({"page.md": page(source)})))
    assert body(imported) == "text\n\nmore"
    assert whys(imported) == {
        "page.md:5: <style>": "scripts, styles and embedded pages are left out",
        "page.md:9: <script>": "scripts, styles and embedded pages are left out",
        "page.md:11: <div>": "an HTML tag without its other half is left out",
    }


# Links and images


SITE: Mapping[str, str | bytes] = {
    "pages/tools/slack.md": page(
        "## Set up\n\n### 1. It's here\n\n## Own {#mine}\n\n<a name='old'></a>\n\n## Set up\n\n```\n# not one\n```",
        "title: Slack\npermalink: /chat/\nredirect_from:\n  - /old/slack/",
    ),
    "pages/tools/index.md": page("Text.", "title: Tools"),
    "pages/images/a b.png": PNG,
    "pages/images/c.svg": b"<svg/>",
    "pages/tools/form.pdf": b"%PDF",
    "pages/tools/run.sh": b"#",
    "secret.txt": b"x",
}
HERE = "pages/tools/here.md"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("[w](slack.md)", "[w](slack.md)"),
        ("[w](./slack.html)", "[w](slack.md)"),
        ("[w](../tools/slack/)", "[w](slack.md)"),
        ("[w](/tools/slack)", "[w](slack.md)"),
        ("[w](/chat/)", "[w](slack.md)"),
        ("[w](/chat?x=1)", "[w](slack.md)"),
        ("[w](/old/slack/)", "[w](slack.md)"),
        ("[w](/Tools/Slack.md)", "[w](slack.md)"),
        ("[w](/tools/)", "[w](tools.md)"),
        ("[w](slack.md#set-up)", "[w](slack.md#set-up)"),
        ("[w](slack.md#set-up-1)", "[w](slack.md#set-up-1)"),
        ("[w](/chat/#1-it-s-here)", "[w](slack.md#1-its-here)"),
        ("[w](/chat/#its-here)", "[w](slack.md#1-its-here)"),
        ("[w](/chat/#set-up-1-it-39-s-here)", "[w](slack.md#1-its-here)"),
        ("[w](/chat/#mine)", "[w](slack.md#own)"),
        ("[w](/chat/#old)", "[w](slack.md#set-up-1)"),
        ("[w](#part)\n\n## Part", "[w](#part)\n\n## Part"),
        ('[w](slack.md "Title")', '[w](slack.md "Title")'),
        ("[*w* `[x](y)`](slack.md)", "[*w* `[x](y)`](slack.md)"),
        (
            "[w][r], [r] and [R][]\n\n[r]: slack.md 'T'",
            '[w](slack.md "T"), [r](slack.md "T") and [R](slack.md "T")',
        ),
        ('<a href="slack.md">w</a>', '<a href="slack.md">w</a>'),
        ("[w](https://example.org/a_(b))", "[w](https://example.org/a_%28b%29)"),
        ("[w](//example.org)", "[w](https://example.org)"),
        ("[w](mailto:a@example.org)", "[w](mailto:a@example.org)"),
        ("<https://example.org> <a@example.org>", "<https://example.org> <a@example.org>"),
        ("see https://example.org/a.", "see <https://example.org/a>."),
        ("![w](../images/a%20b.png)", "![w](images/handbook/pages/a-b.png)"),
        ("![w](/images/a b.png 'T')", '![w](images/handbook/pages/a-b.png "T")'),
        ('<img src="../images/a b.png" alt="w">', '<img src="images/handbook/pages/a-b.png" alt="w">'),
        ("[w](form.pdf)", "[w](images/handbook/pages/tools/form.pdf)"),
        ("\\[w](gone.md) and `[w](gone.md)`", "\\[w](gone.md) and `[w](gone.md)`"),
        ('[w](slack.md){: .button} [w](slack.md){target="_blank"}', "[w](slack.md) [w](slack.md)"),
    ],
)
def test_links_are_kept(folder: Folder, source: str, wanted: str) -> None:
    imported = markdown.read(str(folder({**SITE, HERE: page(source)})))
    assert body(imported, HERE) == wanted
    assert imported.skipped == ()


GONE = "no such page in the folder; its words stay"


@pytest.mark.parametrize(
    ("source", "wanted", "what", "why"),
    [
        ("[w *x*](gone.md)", "w *x*", "link gone.md", GONE),
        ("[w][r]\n\n[r]: gone.md", "w", "link gone.md", GONE),
        ("[#w](gone.md)", "\\#w", "link gone.md", GONE),
        ('<a class="x" href="gone.md">w</a>', '<a class="x" >w</a>', "link gone.md", GONE),
        ("[w](../../secret.txt/../../../etc/passwd)", "w", "link ../../secret.txt/../../../etc/passwd", GONE),
        ("[w]()", "w", "link without an address", GONE),
        (
            "[w](slack.md#gone)",
            "[w](slack.md)",
            "link slack.md#gone",
            "the page has no such section; the link leads to its top",
        ),
        (
            "[w](javascript:x)",
            "w",
            "link javascript:x",
            "not an address that is safe to follow; its words stay",
        ),
        (
            "<ftp://example.org>",
            "ftp://example.org",
            "link ftp://example.org",
            "not an address that is safe to follow; its words stay",
        ),
        ("[w](run.sh)", "w", "link run.sh", "sites do not carry this kind of file; its words stay"),
        ("![w](gone.png)", "w", "image gone.png", "the image is not in the folder; its words stay"),
        (
            "![w](../images/c.svg)",
            "w",
            "image ../images/c.svg",
            "sites do not carry this kind of image; its words stay",
        ),
        (
            "![w](https://example.org/a.png)",
            "[w](https://example.org/a.png)",
            "image https://example.org/a.png",
            "an image on another host; it is a link now",
        ),
        (
            "[![w](https://example.org/a.png)](slack.md)",
            "[w](slack.md)",
            "image https://example.org/a.png",
            "an image on another host; it is a link now",
        ),
    ],
)
def test_what_cannot_be_kept_leaves_its_words(
    folder: Folder, source: str, wanted: str, what: str, why: str
) -> None:
    imported = markdown.read(str(folder({**SITE, HERE: page(source)})))
    assert body(imported, HERE) == wanted
    assert whys(imported) == {f"{HERE}:5: {what}": why}


def test_lines_are_those_of_the_file(folder: Folder) -> None:
    source = "{% comment %}\n\n{% endcomment %}\n<script>\n\n</script>\n- one\n\n  [w](gone.md)\n"
    imported = markdown.read(str(folder({"page.md": page(source)})))
    assert [skipped.what for skipped in imported.skipped] == [
        "page.md:8: <script>",
        "page.md:13: link gone.md",
    ]


def test_images_come_with_the_guide(folder: Folder) -> None:
    imported = markdown.read(str(folder({**SITE, HERE: page("![w](../images/a%20b.png)")})))
    assert guide(imported, HERE).files == {"images/handbook/pages/a-b.png": PNG}
    assert all(not record.files for record in imported.records if record.key != HERE)


def test_a_page_that_only_sends_on(folder: Folder) -> None:
    imported = markdown.read(
        str(folder({**SITE, HERE: "---\ntitle: Moved\nredirect_to: /chat/#mine\n---\n"}))
    )
    assert body(imported, HERE) == "This page has moved: see [the page that takes its place](slack.md#own)."


# Broken input


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"---\ntitle: [\n---\ntext", "its front matter cannot be read: not YAML: "),
        (b"---\ntitle: !!python/name:x y\n---\ntext", "its front matter cannot be read: a tag"),
        (b"caf\xe9", "not UTF-8: byte 0xe9"),
        ("text".encode("utf-16"), "the file is UTF-16, not UTF-8"),
        (b"a\0b", "a control character (U+0000)"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_listed(folder: Folder, content: bytes, why: str) -> None:
    imported = markdown.read(str(folder({"good.md": page("Text."), "bad.md": content})))
    assert [record.key for record in imported.records] == ["good.md"]
    (skipped,) = imported.skipped
    assert skipped.what == "bad.md"
    assert skipped.why.startswith(why)


@pytest.mark.parametrize("files", [{}, {"a.txt": "x"}, {"bad.md": b"\xff\xfe"}])
def test_nothing_to_read_stops_the_import(
    folder: Folder, tmp_path: Path, files: Mapping[str, str | bytes]
) -> None:
    (tmp_path / "handbook").mkdir()
    with pytest.raises(KbError, match="no Markdown that can be read"):
        markdown.read(str(folder(files)))


def test_no_folder_stops_the_import(tmp_path: Path) -> None:
    with pytest.raises(KbError, match="no folder"):
        markdown.read(str(tmp_path / "gone"))


def test_byte_order_marks_and_line_ends_do_not_matter(folder: Folder) -> None:
    imported = markdown.read(
        str(folder({"page.md": "\ufeff---\r\ntitle: Page\r\n---\r\n# Page\r\n\r\none\r\ntwo\r\n"}))
    )
    assert body(imported) == "one\ntwo"


def test_front_matter_below_the_heading_is_front_matter(folder: Folder) -> None:
    imported = markdown.read(
        str(folder({"page.md": "# Page\n \n---\ntitle: Page\nowner: '#us'\n---\n\ntext\n"}))
    )
    assert guide(imported, "page.md").fields["owner"] == "role/us"
    assert body(imported) == "text"


def test_a_rule_at_the_top_is_not_front_matter(folder: Folder) -> None:
    assert (
        body(markdown.read(str(folder({"page.md": "---\n\nSome text\n\n---\n\nmore\n"}))))
        == "---\n\nSome text\n\n---\n\nmore"
    )


def test_links_out_of_the_folder_are_not_followed(folder: Folder, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    (outside / "secret.png").write_bytes(PNG)
    root = folder({"page.md": page("![w](x.png)"), "real.md": page("Text.")})
    (root / "x.md").symlink_to(outside / "secret.md")
    (root / "x.png").symlink_to(outside / "secret.png")
    (root / "out").symlink_to(outside)
    (root / "same.md").symlink_to(root / "real.md")
    imported = markdown.read(str(root))
    assert [record.key for record in imported.records] == ["page.md", "real.md", "same.md"]
    assert whys(imported) == {
        "out": "a link that leads out of the folder",
        "x.md": "a link that leads out of the folder",
        "page.md:5: image x.png": "the image is not in the folder; its words stay",
    }
    assert not any(record.files for record in imported.records)


def test_plumbing_is_not_pages(folder: Folder) -> None:
    text = page("Text.")
    names = ("page.md", ".git/x.md", "_includes/x.md", "node_modules/y/readme.md", "_part.md")
    imported = markdown.read(str(folder(dict.fromkeys(names, text))))
    assert [record.key for record in imported.records] == ["page.md"]
    assert whys(imported) == {"_part.md": "a part of other pages, not a page"}


def test_progress_counts_to_the_end(folder: Folder) -> None:
    told: list[tuple[int, int]] = []
    markdown.read(
        str(folder({"a.md": page("x"), "b.md": page("x")})), progress=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 2), (2, 2)]


PIECES = (
    "{{ }} {% %} {# #} <%= %> {%raw%} {%endraw%} {%comment%} {%endcomment%} {%alert%} {%endalert%} ` `` ``` ~~~ - 1. > # ## "
    "[a] (b.md) (x.md) ![i] (p.png) [r]: [a][r] <a\u00a0href='x'> </a> <div> </div> <details> <summary> </summary> </details> "
    "<h2> </h2> <!-- --> \\ | --- |--| !!! ::: [^1] [^1]: word http://e.x/(a javascript:x <foo> \" ' {:.x} {#id} <code> </code> "
    "<pre> </pre> é & * _ < <script> <https://a.b> <ftp://c> //h/x / ../x #a [TOC]"
).split(" ")


@given(
    st.lists(
        st.sampled_from(
            [*(piece.replace("\u00a0", " ") for piece in PIECES), " ", "\n", "\n\n", "    ", "\t"]
        ),
        max_size=25,
    )
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_gives_a_macro_or_a_dead_link(tmp_path: Path, pieces: list[str]) -> None:
    (tmp_path / "x.md").write_text(page("Text."))
    (tmp_path / "page.md").write_text(page("".join(pieces)))
    fragment = parse(body(markdown.read(str(tmp_path))), macros=True)
    assert fragment.macros == ()
    for address in (*fragment.links, *fragment.images):
        assert re.match(r"#|(?:x|page)\.md(?:#|$)|https?:|mailto:|tel:", address), address


# Into a workspace


def take(workspace: Workspace, root: Path) -> tuple[int, int, int]:
    outcome = merge(workspace, "demo", markdown.read(str(root)))
    write(workspace, "demo", outcome)
    return len(outcome.added), len(outcome.changed), len(outcome.unchanged)


def contents(workspace: Workspace) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in workspace.engagements.rglob("*") if path.is_file()}


def test_importing_again_changes_nothing_and_keeps_edits(workspace: Workspace, folder: Folder) -> None:
    root = folder(
        {**SITE, HERE: page("![w](../images/a%20b.png) [s](slack.md)", "title: Here\nowner: '#us'")}
    )
    assert take(workspace, root) == (4, 0, 0)
    before = contents(workspace)
    assert take(workspace, root) == (0, 0, 4)
    assert contents(workspace) == before
    assert not errors(pipeline.check(workspace, "demo", TODAY).problems)

    here = workspace.engagements / "demo/documentation/guides/here.md"
    here.write_text(here.read_text().replace("title: Here", "title: Mine # so they call it"))
    (root / HERE).write_text(page("New text.", "title: There\nowner: '#us'"))
    assert take(workspace, root) == (0, 1, 3)
    assert "title: Mine # so they call it" in here.read_text()
    assert here.read_text().endswith("\nNew text.\n")


def test_links_follow_a_guide_that_has_another_id_here(workspace: Workspace, folder: Folder) -> None:
    own = workspace.engagements / "demo/documentation/guides/slack.md"
    own.parent.mkdir(parents=True)
    own.write_text("---\ntitle: Ours\n---\n\nText.\n")
    role = workspace.engagements / "demo/discovery/roles/us.yaml"
    role.parent.mkdir(parents=True)
    role.write_text("title: Us\n")
    root = folder(
        {
            **SITE,
            HERE: page("[s](slack.md#set-up) [h](#x)\n\n## X", "title: Here\nowner: us\naliases: [/slack/]"),
        }
    )
    take(workspace, root)
    guides = {record.id: record for record in read(workspace, "demo").records if isinstance(record, Guide)}
    assert guides["here"].body == "[s](slack-2.md#set-up) [h](#x)\n\n## X"
    assert guides["here"].owner == "role/us-2"
    assert guides["here"].formerly == []
    assert not errors(pipeline.check(workspace, "demo", TODAY).problems)


@pytest.mark.parametrize(
    ("name", "guides"), [("md-18f-handbook", 161), ("md-moj-modernisation-platform", 136)]
)
def test_real_handbooks(
    shared_data: Path, workspace: Workspace, tmp_path: Path, name: str, guides: int
) -> None:
    root = shared_data / name
    mark_known_secrets(workspace)
    take(workspace, root)
    checked = pipeline.check(workspace, "demo", TODAY)
    assert not errors(checked.problems)
    found = checked.catalog.all(Guide)
    assert len(found) == guides
    before = contents(workspace)
    assert take(workspace, root)[:2] == (0, 0)
    assert contents(workspace) == before
    for each in found:
        outside = re.sub(r"(?ms)^( *)(`{3,}).*?^\1\2$|`[^`\n]+`", "", each.body or "")
        assert not re.search(r"\{\{|\{%|<%|\{:", outside), each.id
    site = build_sites(workspace, "demo", tmp_path / "site", (Audience.STAFF,))[Audience.STAFF]
    assert dead_links(site, site.parent) == []


def test_real_owners_and_review_dates(shared_data: Path) -> None:
    imported = markdown.read(str(shared_data / "md-moj-modernisation-platform"))
    guides = [record for record in imported.records if record.kind is Guide]
    assert {record.fields.get("owner") for record in guides} == {"role/modernisation-platform"}
    assert all({"title", "reviewed", "review_every"} <= set(record.fields) for record in guides)
