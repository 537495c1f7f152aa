"""Index, query, status, forget, eval and config, as one would type them."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

from localsearch.store.writer import Writer
from tests.functional.conftest import DOCUMENTS, Localsearch


def test_index_then_query_finds_the_document(program: Localsearch) -> None:
    made = program.run("index", "documents")
    assert made.returncode == 0
    assert made.stdout == ""
    assert "4 files (4 new)" in made.stderr
    found = program.run("query", "hotel", "room", "--mode", "keyword")
    assert found.returncode == 0
    assert found.stderr == ""
    first, subject, text = found.stdout.splitlines()[:3]
    assert first == "1. documents/travel.md"
    assert subject.strip() == "Travel policy"
    assert "A hotel room may cost 150 euros a night." in text


def test_a_second_run_encodes_nothing(own: Localsearch) -> None:
    again = json.loads(own.run("index", "--json").stdout)
    assert (again["encoded"], again["changed"], again["added"], again["unchanged"]) == (0, 0, 0, len(DOCUMENTS))
    (own.documents / "lease.md").unlink()
    (own.documents / "new.txt").write_text("The canteen opens at noon.")
    changed = json.loads(own.run("index", "--json").stdout)
    assert (changed["removed"], changed["added"], changed["encoded"]) == (1, 1, 1)
    assert own.run("query", "--paths", "--mode", "keyword", "canteen").stdout == "documents/new.txt\n"
    assert own.run("query", "--paths", "--mode", "keyword", "landlord").stdout == ""


def test_the_index_option_stands_before_or_after_the_command(program: Localsearch) -> None:
    other = program.folder / "other"
    assert program.run("--index", other, "index", "documents/lease.md").returncode == 0
    before = program.run("--index", other, "query", "--json", "landlord")
    after = program.run("query", "--index", other, "--json", "landlord")
    assert before.stdout == after.stdout
    assert [hit["path"] for hit in json.loads(after.stdout)] == [str(program.documents / "lease.md")]


def test_an_index_in_the_current_folder_is_used(own: Localsearch) -> None:
    environment = {name: value for name, value in own.environment.items() if name != "LOCALSEARCH_INDEX"}
    here = Localsearch(own.folder, environment)
    assert json.loads(here.run("status", "--json").stdout)["folder"] == str(own.index)
    (own.folder / "elsewhere").mkdir()
    elsewhere = Localsearch(own.folder / "elsewhere", environment)
    assert elsewhere.run("query", "lease").returncode == 1


def test_json_hits_have_the_promised_keys(indexed: Localsearch) -> None:
    hits = json.loads(indexed.run("query", "--json", "-k", "3", "moving out").stdout)
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    keys = [
        "rank",
        "path",
        "member",
        "title",
        "page",
        "heading",
        "score",
        "text",
        "spans",
        "why",
        "others",
        "duplicates",
    ]
    assert all(list(hit) == keys for hit in hits)
    assert all(list(hit["why"]) == ["dense_rank", "cosine", "keyword_rank", "bm25", "words", "name"] for hit in hits)
    for hit in hits:
        assert [hit["text"][start:end].lower() for start, end in hit["spans"]] or not hit["why"]["words"]


def test_the_three_modes_and_filters(indexed: Localsearch) -> None:
    def paths(*options: str) -> list[str]:
        done = indexed.run("query", "--paths", "-k", "20", *options)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    for mode in ("hybrid", "semantic", "keyword"):
        assert "documents/lease.md" in paths("--mode", mode, "tenant")
    assert paths("--type", "csv", "price of a bolt") == ["documents/deep/prices.csv"]
    assert set(paths("--path", "documents/deep", "months")) <= {
        "documents/deep/prices.csv",
        "documents/deep/kündigung.txt",
    }
    assert paths("--before", "1980", "months") == []
    assert len(paths("--after", "1980", "months")) == len(DOCUMENTS)


def test_the_query_may_come_from_standard_input(indexed: Localsearch) -> None:
    typed = indexed.run("query", "--json", "hotel room")
    piped = indexed.run("query", "--json", "-", input="hotel room\n")
    assert piped.stdout == typed.stdout != "[]\n"


def test_finding_nothing_is_fine_and_says_what_to_try(indexed: Localsearch) -> None:
    nothing = indexed.run("query", "--mode", "keyword", "zeppelin")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert nothing.stderr.startswith("Nothing found.")
    assert indexed.run("query", "--json", "--mode", "keyword", "zeppelin").stdout == "[]\n"


def test_files_that_are_gone_are_counted_in_a_note(own: Localsearch) -> None:
    (own.documents / "travel.md").unlink()
    found = own.run("query", "--paths", "--mode", "keyword", "hotel")
    assert found.stdout == ""
    assert found.stderr.startswith("note: 1 passage not shown")


def test_files_that_may_no_longer_be_read_are_not_shown(own: Localsearch) -> None:
    (own.documents / "travel.md").chmod(0o000)
    found = own.without_root_rights().run("query", "--paths", "--mode", "keyword", "hotel")
    assert found.stdout == ""
    assert found.stderr == "note: 1 passage not shown: of files that you may no longer read.\n"


def test_files_that_changed_are_counted_in_a_note(own: Localsearch) -> None:
    (own.documents / "travel.md").write_text("Nothing about lodging any more.")
    found = own.run("query", "--paths", "--mode", "keyword", "hotel")
    assert found.stdout == "documents/travel.md\n"
    assert found.stderr == "note: 1 file among these changed since the last `localsearch index`.\n"
    own.run("index")
    assert own.run("query", "--paths", "--mode", "keyword", "lodging").stderr == ""


def test_an_incomplete_index_says_so(own: Localsearch) -> None:
    with Writer(own.index) as writer:
        writer.begin([os.fsencode(own.documents)])
    found = own.run("query", "--paths", "--mode", "keyword", "hotel")
    assert found.stdout == "documents/travel.md\n"
    assert found.stderr.startswith("note: the index is not complete")
    assert "interrupted after that" in own.run("status").stdout
    own.run("index")
    assert own.run("query", "--paths", "--mode", "keyword", "hotel").stderr == ""


def test_a_file_that_cannot_be_read_is_named_by_status_not_by_queries(own: Localsearch) -> None:
    (own.documents / "closed.txt").write_text("The canteen opens at noon.")
    (own.documents / "closed.txt").chmod(0o000)
    plain = own.without_root_rights()
    assert "closed.txt: permission denied" in plain.run("index").stderr
    found = plain.run("query", "--paths", "--mode", "keyword", "hotel")
    assert (found.stdout, found.stderr) == ("documents/travel.md\n", "")
    status = plain.run("status").stdout
    assert "1 file could not be read" in status
    assert "documents/closed.txt: permission denied" in status
    assert "interrupted" not in status


def test_full_shows_the_whole_passage(own: Localsearch) -> None:
    (own.documents / "long.txt").write_text("".join(f"Sentence number {number} is here.\n" for number in range(30)))
    own.run("index")
    cut = own.run("query", "--mode", "keyword", "-k", "1", "sentence")
    whole = own.run("query", "--mode", "keyword", "-k", "1", "--full", "sentence")
    assert "…" in cut.stdout and "…" not in whole.stdout
    assert len(whole.stdout.splitlines()) > len(cut.stdout.splitlines())


def test_a_dry_run_lists_and_touches_nothing(program: Localsearch) -> None:
    (program.documents / ".env").write_text("SECRET=1")
    (program.documents / "draft.md").write_text("draft")
    done = program.run("index", "documents", "--dry-run", "--exclude", "draft*")
    assert done.returncode == 0
    assert sorted(done.stdout.splitlines()) == sorted(f"documents/{name}" for name in DOCUMENTS)
    assert "documents/.env: " in done.stderr
    assert not program.index.exists()
    listed = json.loads(program.run("index", "documents", "--dry-run", "--json").stdout)
    assert {Path(one["path"]).name for one in listed["read"]} == {Path(name).name for name in DOCUMENTS} | {"draft.md"}
    assert all(one["reason"] for one in listed["left_out"])


def test_scope_options_are_remembered(program: Localsearch) -> None:
    program.run("index", "documents", "--include", "*.md")
    (program.documents / "more.md").write_text("More about hotels.")
    assert "3 files" in program.run("index").stderr
    listed = program.run("index", "--dry-run").stdout.splitlines()
    assert sorted(listed) == ["documents/lease.md", "documents/more.md", "documents/travel.md"]


def test_skipped_files_are_named_with_their_reason(program: Localsearch) -> None:
    (program.documents / "noise.pdf").write_bytes(b"%PDF-1.7 this is no pdf")
    done = program.run("index", "documents")
    assert done.returncode == 0
    assert "; 1 file skipped" in done.stderr
    assert "\nskipped documents/noise.pdf: " in done.stderr
    listed = program.run("status", "--skipped")
    assert listed.stdout.startswith("documents/noise.pdf: ")


def test_quiet_says_nothing(program: Localsearch) -> None:
    done = program.run("index", "documents", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_verbose_names_files(program: Localsearch) -> None:
    assert "read documents/lease.md\n" in program.run("index", "documents", "-v").stderr


def test_forget_removes_and_says_what(own: Localsearch) -> None:
    done = own.run("forget", "documents/deep")
    assert (done.returncode, done.stdout) == (0, "documents/deep: 2 files forgotten\n")
    assert own.run("query", "--paths", "--mode", "keyword", "Kündigungsfrist").stdout == ""
    own.run("index")
    assert own.run("query", "--paths", "--mode", "keyword", "Kündigungsfrist").stdout == ""
    assert (own.documents / "deep" / "prices.csv").exists()
    done = own.run("forget", "--json", "documents")
    assert json.loads(done.stdout) == [{"path": str(own.documents), "files": 2}]


def test_status_says_what_is_there_and_why_this_index(indexed: Localsearch) -> None:
    text = indexed.run("status").stdout
    assert "LOCALSEARCH_INDEX" in text and "4 files" in text and "documents" in text
    told = json.loads(indexed.run("status", "--json").stdout)
    assert told["files"] == len(DOCUMENTS)
    assert told["complete"] is True
    assert told["types"] == {"csv": 1, "md": 2, "txt": 1}
    assert [root["path"] for root in told["roots"]] == [str(indexed.documents)]
    assert told["network_sealed"] is True
    expected = {"system_calls": True, "files": True, "limits": True, "let_through": []}
    assert told["parsers_sealed"] == expected
    assert "tried and refused: no files, network or programs (seccomp)" in text and "NOT on this system" not in text


def test_status_warns_of_another_program_of_the_same_name(indexed: Localsearch, tmp_path: Path) -> None:
    other = tmp_path / "localsearch"
    other.write_text("#!/bin/sh\n# GNOME's\n")
    other.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = indexed.run("status", environment={"PATH": path})
    assert f"another program, {other}" in done.stdout
    assert "another program" not in indexed.run("status").stdout


def test_a_missing_root_is_kept_and_marked(own: Localsearch) -> None:
    own.documents.rename(own.folder / "moved")
    assert "missing now" in own.run("status").stdout
    done = own.run("index")
    assert done.returncode == 0 and "is not there" in done.stderr
    assert json.loads(own.run("status", "--json").stdout)["passages"] > 0


def test_eval_measures_the_three_modes(program: Localsearch) -> None:
    dataset = program.folder / "set"
    (dataset / "qrels").mkdir(parents=True)
    corpus = {"lease": "tenant landlord notice", "hotel": "a room for the night", "bolt": "steel bolts and washers"}
    rows = [json.dumps({"_id": name, "title": "", "text": text}) for name, text in corpus.items()]
    (dataset / "corpus.jsonl").write_text("\n".join(rows))
    (dataset / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "landlord notice"}))
    (dataset / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tlease\t1\n")
    done = program.run("eval", "--json", dataset)
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)
    assert list(measured) == ["keyword", "semantic", "hybrid"]
    assert measured["keyword"] == {"ndcg@10": 1.0, "recall@100": 1.0, "mrr@10": 1.0}
    table = program.run("eval", "-q", dataset)
    assert table.stderr == ""
    assert [line.split()[0] for line in table.stdout.splitlines()[1:]] == ["keyword", "semantic", "hybrid"]
    assert not program.index.exists()


def test_config_show_says_where_values_come_from(program: Localsearch) -> None:
    done = program.run("config", "show")
    assert done.returncode == 0
    assert str(program.index) in done.stdout and "LOCALSEARCH_INDEX" in done.stdout
    assert json.loads(program.run("config", "show", "--json").stdout)


def test_help_version_and_completion(program: Localsearch) -> None:
    assert program.run("--version").stdout.startswith("localsearch 0.")
    assert program.run().stdout == program.run("-h").stdout == program.run("--help").stdout
    assert "Examples:" in program.run("query", "-h").stdout
    script = program.run("--show-completion", "bash", environment={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert script.returncode == 0 and "complete" in script.stdout


def test_filters_in_the_text_are_said(indexed: Localsearch) -> None:
    found = indexed.run("query", "--paths", "price of a bolt type:csv")
    assert found.stdout == "documents/deep/prices.csv\n"
    assert found.stderr == "note: read as filters: type:csv\n"
    nothing = indexed.run("query", "price -path:documents/")
    assert nothing.stdout == ""
    assert nothing.stderr.startswith("note: read as filters: -path:documents/\nNothing found.")


def test_authors_and_titles(own: Localsearch) -> None:
    (own.documents / "signed.md").write_text("---\ntitle: House rules\nauthor: Jörg Müller\n---\n\nNo smoking.\n")
    own.run("index")
    for option in (("--author", "muller"), ("--title", "RULES")):
        assert own.run("query", "--paths", "smoking", *option).stdout == "documents/signed.md\n"
    assert own.run("query", "--paths", "smoking author:jorg title:house").stdout == "documents/signed.md\n"
    assert own.run("query", "--paths", "smoking", "--author", "smith").stdout == ""


def test_grouped_hits_say_how_many_more_there_are(own: Localsearch) -> None:
    pages = "".join(f"# Part {n}\n\n{'The landlord says so. ' * 60}\n\n" for n in range(3))
    (own.documents / "long.md").write_text(pages)
    own.run("index")
    grouped = json.loads(own.run("query", "--group", "--json", "-k", "20", "landlord").stdout)
    assert len({hit["path"] for hit in grouped}) == len(grouped) == len(DOCUMENTS) + 1
    more = next(hit["others"] for hit in grouped if hit["path"].endswith("long.md"))
    assert more >= 2
    assert f"documents/long.md  ({more} more passages)" in own.run("query", "--group", "landlord").stdout


def test_a_misspelled_word_gets_a_question_and_is_searched_as_typed(indexed: Localsearch) -> None:
    found = indexed.run("query", "--json", "--mode", "keyword", "lanldord hotel")
    assert found.stderr == 'note: did you mean "landlord" for "lanldord"?\n'
    assert [hit["path"].endswith("travel.md") for hit in json.loads(found.stdout)] == [True]
    nothing = indexed.run("query", "--mode", "keyword", "lanldord")
    assert nothing.stderr.startswith('note: did you mean "landlord" for "lanldord"?\nNothing found.')


def test_explain_tells_why(indexed: Localsearch) -> None:
    shown = indexed.run("query", "--explain", "-k", "1", "hotel night").stdout.splitlines()
    assert [line.split()[0] for line in shown[-5:]] == ["ranks", "words", "best", "cosine", "shares"]
    assert "A hotel room may cost 150 euros a night." in shown[-3]
    words_only = indexed.run("query", "--explain", "-k", "1", "--mode", "keyword", "hotel night").stdout.splitlines()
    assert [line.split()[0] for line in words_only[-2:]] == ["ranks", "words"]
    assert "\x1b" not in "".join(shown)


def test_explain_as_json(indexed: Localsearch) -> None:
    (hit,) = json.loads(indexed.run("query", "--explain", "--json", "-k", "1", "hotel night").stdout)
    explanation = hit["why"]["explanation"]
    total = sum(share for _, _, share in explanation["tokens"]) + explanation["context"] + explanation["frame"]
    assert abs(total - hit["why"]["cosine"]) < 1e-4
    start, end = explanation["best"]
    assert hit["text"][start:end] == "A hotel room may cost 150 euros a night."
    (words_only,) = json.loads(
        indexed.run("query", "--explain", "--json", "--mode", "keyword", "-k", "1", "hotel").stdout
    )
    assert words_only["why"]["explanation"] is None
    (plain,) = json.loads(indexed.run("query", "--json", "-k", "1", "hotel night").stdout)
    assert "explanation" not in plain["why"]


def test_more_like_a_document(own: Localsearch) -> None:
    (own.documents / "copy#2.md").write_text(DOCUMENTS["lease.md"])
    own.run("index")
    found = own.run("query", "--paths", "-k", "1", "--like", "documents/lease.md")
    assert (found.stdout, found.stderr) == ("documents/copy#2.md\n", "")
    assert own.run("query", "--paths", "-k", "1", "--like", "documents/copy#2.md").stdout == "documents/lease.md\n"
    assert own.run("query", "--like", "documents/lease.md", "--type", "csv", "--paths").stdout.count("\n") == 1
    page = own.run("query", "--like", "documents/lease.md#3")
    assert page.stderr == f"localsearch: {own.documents}/lease.md has no pages. Leave the page out.\n"
    missing = own.run("query", "--like", "documents/none.md")
    assert missing.returncode == 1
    assert missing.stderr.startswith(f"localsearch: The index holds no text of {own.documents}/none.md.")


def test_more_like_a_member_of_an_archive(own: Localsearch) -> None:
    with zipfile.ZipFile(own.documents / "old.zip", "w") as archive:
        archive.writestr("deep/lease.md", DOCUMENTS["lease.md"])
    own.run("index")
    found = own.run("query", "--paths", "-k", "1", "--like", "documents/old.zip/deep/lease.md")
    assert found.stdout == "documents/lease.md\n"
    assert own.run("query", "--paths", "moving out path:*.zip/deep").stdout == "documents/old.zip\n"


def test_copies_are_counted(own: Localsearch) -> None:
    for name in ("a", "b", "c"):
        (own.documents / f"{name}.txt").write_text("The canteen opens at noon. " * 15)
    own.run("index")
    found = own.run("query", "-k", "1", "--mode", "keyword", "canteen opens").stdout
    assert found.splitlines()[0] == "1. documents/a.txt  (2 more copies)"


def test_an_answer_is_a_quotation_with_its_place(indexed: Localsearch) -> None:
    answer = json.loads(indexed.run("query", "--answer", "--json", "-k", "3", "hotel room a night").stdout)
    assert list(answer) == ["answered", "text", "confidence", "start", "end", "hit"]
    assert answer["hit"]["text"][answer["start"] : answer["end"]] == answer["text"]
    assert 0 <= answer["confidence"] <= 1
    shown = indexed.run("query", "--answer", "-k", "3", "hotel room a night")
    assert shown.returncode == 0
    if answer["answered"]:
        assert answer["text"].split("|")[0].strip() in shown.stdout
    else:
        assert "Nothing in the index seems to answer this." in shown.stderr
        assert shown.stdout.startswith("1. ")


def test_nothing_found_is_no_answer(indexed: Localsearch) -> None:
    answer = json.loads(indexed.run("query", "--answer", "--json", "hotel type:pdf").stdout)
    assert (answer["answered"], answer["hit"], answer["text"]) == (False, None, "")


def test_an_answer_needs_a_question(indexed: Localsearch) -> None:
    for options in (("--like", "documents/lease.md"), ("hotel", "--paths")):
        refused = indexed.run("query", "--answer", *options)
        assert refused.returncode == 1
        assert "--answer needs a TEXT" in refused.stderr
