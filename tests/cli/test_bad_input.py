"""Bad input through the command line and Library: each has a defined answer, in words a person understands."""

import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image

from cueline import Library
from cueline.errors import MediaError, StoreError
from cueline.ports import TaskEnd
from cueline.stores.library import LibraryStore
from cueline.workbench.passes import AssetJob
from tests.commands import here
from tests.films import three_shots

COMMAND = (sys.executable, "-m", "cueline")
CHEAP = ("--with", "thumbnails,black")
ONE = (*CHEAP, "--jobs", "1")
WITHOUT_PRIVILEGE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")

NOT_MEDIA = "not a media file, or damaged at its beginning"
POINTS_ELSEWHERE = "it points to other files or to the network, which is not followed"
NO_FILE = "a pipe, a socket or a device, not a file"
NO_TARGET = "it is a link to a file that is not there, or to itself"

CONCAT = "ffconcat version 1.0\nfile secret.ts\n"
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:3.6,\nsecret.ts\n#EXT-X-ENDLIST\n"
SESSION = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"

NAMES = [
    "with space.mp4",
    "quo'te\".mp4",
    "new\nline.mp4",
    "-dash.mp4",
    "--json.mp4",
    "\u00e9\u6f22\U0001f3ac.mp4",
    "<img src=x onerror=alert(1)>.mp4",
    "\x1b[31mred.mp4",
    "[bold]x.mp4",
    "%s%03d.mp4",
    "http:it.mp4",
    "$(touch pwned).mp4",
    "back\\slash.mp4",
    "\u202egpj.mp4",
    "x" * 251 + ".mp4",
    "\u00e9" * 125 + ".mp4",
    os.fsdecode(b"caf\xe9.mp4"),
]


def cueline(*arguments, prefix=(), cwd=None):
    """Run a command in a process of its own, to its end; a minute is for ever."""
    command = [*prefix, *COMMAND, *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, errors="surrogateescape", check=False, timeout=60
    )


def answer(ended, code):
    """The JSON of a command that ended as it should: alone on standard output, no traceback beside it."""
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stdout.splitlines()) == 1
    return json.loads(ended.stdout)


def refused(ended):
    """The one line of a command that could not begin: exit code 2 and nothing on standard output."""
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    (line,) = ended.stderr.splitlines()
    assert line.startswith("cueline: ")
    return line


def is_plain(reason):
    """Whether a reason is one short line of words."""
    jargon = r"Errno|Error\b|Exception|Traceback|0x|\.py|/"
    return bool(reason) and "\n" not in reason and len(reason) < 200 and not re.search(jargon, reason)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Bytes of a small film."""
    return three_shots(tmp_path_factory.mktemp("film") / "a.mp4", size=(96, 54)).read_bytes()


def another(film, number):
    """The same film as other content: with some free space at its end."""
    return film + (8 + number).to_bytes(4, "big") + b"free" + bytes(number)


# ---- one run over everything that can lie in a folder


@dataclass
class Tried:
    """A folder of everything, after one run."""

    folder: Path
    library: Path
    told: dict
    errors: str
    checked: list
    expected: dict

    def name(self, file):
        """A file as the tests call it."""
        return os.path.relpath(file, self.folder)

    def reasons(self):
        """Why files failed, by their names."""
        return {self.name(failure["file"]): failure["reason"] for failure in self.told["failed"]}


def fill(folder, film):
    """Put bad files into a folder; give what must be said of those whose answer is known."""
    rng = random.Random(7)
    expected = {}

    def put(name, data, reason):
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        expected[name] = reason

    for ending in ("mp4", "mkv", "ts"):
        put(f"noise.{ending}", rng.randbytes(50_000), NOT_MEDIA)
        put(f"nothing.{ending}", b"", "the file is empty (0 bytes)")
        put(f"concat.{ending}", CONCAT, POINTS_ELSEWHERE)
        put(f"playlist.{ending}", PLAYLIST, NOT_MEDIA)
        put(f"session.{ending}", SESSION, POINTS_ELSEWHERE)
    put("letter.mp4", "Dear diary, today\n" * 50, NOT_MEDIA)
    put("subtitles.mp4", "1\n00:00:00,000 --> 00:00:02,000\nhello\n", "holds no video and no sound, only subtitle")
    with zipfile.ZipFile(folder / "zip.mp4", "w") as archive:
        archive.writestr("a", "b" * 1000)
    expected["zip.mp4"] = NOT_MEDIA
    for kind in ("PNG", "JPEG"):
        Image.new("RGB", (64, 64)).save(folder / f"{kind}.mp4", kind)
        expected[f"{kind}.mp4"] = "a still picture, neither video nor sound"
    three_shots(folder / "secret.ts", size=(96, 54), seed=5)
    whole = {"mp4": film, "mkv": three_shots(folder / "whole.mkv", size=(96, 54), seed=6).read_bytes()}
    for number in range(20):
        ending = ("mp4", "mkv")[number % 2]  # the index of an MP4 lies at its end
        (folder / f"cut {number:02}.{ending}").write_bytes(whole[ending][: rng.randrange(1, len(whole[ending]))])
    os.mkfifo(folder / "pipe.mp4")
    (folder / "device.mp4").symlink_to("/dev/zero")
    (folder / "itself.mp4").symlink_to("itself.mp4")
    (folder / "gone.mp4").symlink_to("nowhere.mp4")
    (folder / "folder.mp4").mkdir()
    (folder / "up").symlink_to(".")
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    return (
        expected
        | dict.fromkeys(["pipe.mp4", "device.mp4"], NO_FILE)
        | dict.fromkeys(["itself.mp4", "gone.mp4"], NO_TARGET)
    )


@pytest.fixture(scope="module")
def tried(tmp_path_factory, film):
    folder = tmp_path_factory.mktemp("everything") / "films"
    (folder / "names").mkdir(parents=True)
    expected = fill(folder, film)
    for number, name in enumerate(NAMES):
        (folder / "names" / name).write_bytes(another(film, number))
    library = folder.with_name("lib.cue")
    ended = cueline("analyze", folder, "--library", library, *CHEAP, "--json")
    checked = answer(cueline("doctor", folder, "--json"), 1)
    return Tried(folder, library, answer(ended, 1), ended.stderr, checked, expected)


def test_every_file_gets_an_outcome(tried):
    media = [path for path in tried.folder.rglob("*.*") if path.name != "folder.mp4"]
    assert tried.told["done"] + len(tried.told["failed"]) == len(media)
    assert {tried.name(check["file"]) for check in tried.checked} == {tried.name(path) for path in media}


def test_every_reason_is_the_expected_one(tried):
    reasons = tried.reasons()
    assert {name: reasons.get(name) for name in tried.expected} == tried.expected
    others = set(reasons) - set(tried.expected)
    assert all(name.startswith("cut ") for name in others)


def test_every_reason_is_one_line_of_words(tried):
    texts = [*tried.reasons().values(), *(text for check in tried.checked for text in check["problems"])]
    assert [text for text in texts if not is_plain(text)] == []


def test_the_summary_counts_and_says_why(tried):
    (line,) = [line for line in tried.errors.splitlines() if " done, " in line]
    assert line.startswith(f"{tried.told['done']} done, {len(tried.told['failed'])} failed: {NOT_MEDIA} (")


def test_doctor_foretells_what_fails(tried):
    bad = {tried.name(check["file"]): check["problems"][0] for check in tried.checked if not check["ok"]}
    assert bad == {name: reason.partition("; ")[0] for name, reason in tried.reasons().items()}


def test_status_names_the_same_failures(tried):
    told = answer(here("status", tried.library, "--json"), 0)
    assert {tried.name(failure["file"]): failure["reason"] for failure in told["failed"]} == tried.reasons()
    assert told["done"] == tried.told["done"]
    assert told["waiting"] == 0


def test_a_film_cut_off_anywhere_is_analysed_as_far_as_it_goes_or_named(tried):
    cut = {path.name for path in tried.folder.glob("cut *")}
    failed = {name for name in cut if name in tried.reasons()}
    assert len(cut) == 20
    assert {name for name in cut if name.endswith(".mp4")} <= failed
    warned = {tried.name(check["file"]) for check in tried.checked if "cut off" in "; ".join(check["problems"])}
    assert cut - failed
    assert cut - failed <= warned


def test_a_list_of_other_files_gives_nothing_of_them(tried):
    tagged = answer(here("tags", tried.library, "--json"), 0)
    lists = {name for name in tried.expected if name.partition(".")[0] in ("concat", "playlist", "session")}
    assert lists
    assert lists.isdisjoint(tried.name(tag["file"]) for tag in tagged)
    assert (
        Library(tried.library)
        .sql("select count(*) n from tracks where asset in (select asset from locations where path like '%concat%')")
        .n[0]
        == 0
    )


def test_any_name_is_kept_to_the_byte(tried):
    files = {os.fsencode(path.name) for path in Library(tried.library).files().values()}
    assert {os.fsencode(name) for name in NAMES} <= files
    assert not any("names" in name for name in tried.reasons())


def test_no_name_steers_the_terminal_or_the_report(tried, tmp_path):
    for arguments in (("status", tried.library), ("tags", tried.library), ("doctor", tried.folder / "names")):
        ended = here(*arguments)
        assert "\x1b" not in ended.stdout + ended.stderr
        assert "\u202e" not in ended.stdout + ended.stderr
    page = Path(answer(here("report", tried.library, "--out", tmp_path / "report", "--json"), 0)["page"])
    assert all("<img src=x" not in text.read_text() for text in page.parent.glob("*.html"))
    written = answer(here("export", tried.library, "--to", "csv,json,webvtt", "--out", tmp_path / "out", "--json"), 0)
    assert all(Path(file).is_file() for file in written["files"])
    assert not list(Path.cwd().glob("pwned"))


def test_a_second_run_says_the_same_and_works_on_nothing(tried):
    told = answer(cueline("analyze", tried.library, *ONE, "--json"), 1)
    assert (told["fresh"], told["done"]) == (0, tried.told["done"])
    assert {tried.name(failure["file"]) for failure in told["failed"]} == set(tried.reasons())


def test_every_malformed_file_of_the_real_ones_decodes_or_is_named(real_media, tmp_path):
    files = [path for path in (real_media / "malformed").iterdir() if path.is_file()]
    ended = cueline("analyze", real_media / "malformed", "--library", tmp_path / "lib.cue", *CHEAP, "--json")
    told = answer(ended, 1)
    assert told["done"] + len(told["failed"]) == len(files)
    assert [failure for failure in told["failed"] if not is_plain(failure["reason"])] == []
    assert f"{told['done']} done, {len(told['failed'])} failed: " in ended.stderr


# ---- files that change while they are worked on


class Unheard:
    """Progress that nobody hears."""

    def at(self, phase, seconds=0.0):
        """Say nothing."""


@dataclass
class Here:
    """An engine in this process, in whose runs something happens: before the run of that number, or after its end."""

    happens: dict = field(default_factory=dict)
    runs: int = field(default=0, init=False)

    version: ClassVar[str] = "1"

    def run(self, tasks, *, watch=None):
        self.runs += 1
        self.happens.get(("before", self.runs), lambda: None)()
        for task in tasks:
            try:
                end = TaskEnd(task, "done", task.function(task.payload, Unheard()))
            except MediaError as error:
                end = TaskEnd(task, "failed", None, str(error))
            self.happens.get(("after", self.runs), lambda: None)()
            yield end


PROBING, ANALYSING = 1, 2


def replaced(path, make):
    path.unlink()
    make(path)


@pytest.mark.parametrize(
    ("when", "change", "reason"),
    [
        (("before", PROBING), Path.unlink, "there is no such file"),
        (("before", PROBING), lambda path: replaced(path, Path.mkdir), "a folder, not a file"),
        (("before", PROBING), lambda path: replaced(path, os.mkfifo), "not a regular file"),
        (("after", PROBING), Path.unlink, "it was removed or replaced while it was looked at"),
        (
            ("after", PROBING),
            lambda path: replaced(path, os.mkfifo),
            "it was removed or replaced while it was looked at",
        ),
        (("before", ANALYSING), Path.unlink, "it was removed while it was analysed"),
        (("before", ANALYSING), lambda path: replaced(path, os.mkfifo), "it changed while it was analysed"),
        (("before", ANALYSING), lambda path: os.truncate(path, 900), "it changed while it was analysed"),
    ],
)
def test_a_file_that_goes_or_changes_during_a_run_fails_and_is_done_when_it_is_back(
    film, tmp_path, when, change, reason
):
    path = tmp_path / "films" / "a.mp4"
    path.parent.mkdir()
    path.write_bytes(film)
    library = Library(tmp_path / "lib.cue")
    told = library.analyze(path.parent, wanted=["black"], engine=Here({when: lambda: change(path)}))
    failed = {**told.failed, **told.unreadable}
    assert (told.ok, list(failed)) == (False, [path])
    assert failed[path].startswith(reason)
    assert is_plain(failed[path])
    assert library.tags() == []
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.write_bytes(film)
    again = library.analyze(path.parent, wanted=["black"], engine=Here())
    assert (again.ok, again.done, again.fresh) == (True, 1, 1)


def test_a_file_that_grows_after_it_was_looked_at_is_looked_at_again(film, tmp_path):
    path = tmp_path / "films" / "a.mp4"
    path.parent.mkdir()
    path.write_bytes(film)
    library = Library(tmp_path / "lib.cue")
    grows = Here({("after", PROBING): lambda: path.write_bytes(another(film, 9))})
    before = library.add(path.parent, engine=grows).assets[path]
    assert library.add(path.parent, engine=Here()).assets[path] != before


def without_its_folder(task):
    """A task of analysis that finds no place to write to."""
    if isinstance(task.payload, AssetJob):
        shutil.rmtree(task.payload.folder)
    return task


class NoRoom(Here):
    """An engine on a machine that has no room for what its workers make."""

    def run(self, tasks, *, watch=None):
        return super().run(map(without_its_folder, tasks), watch=watch)


def test_results_that_a_worker_cannot_set_aside_end_the_run_and_blame_no_film(film, tmp_path):
    (tmp_path / "a.mp4").write_bytes(film)
    library = Library(tmp_path / "lib.cue")
    with pytest.raises(StoreError, match="cannot write "):
        library.analyze(tmp_path / "a.mp4", wanted=["black"], engine=NoRoom())
    assert (dict(library.status().failed), library.status().waiting) == ({}, 1)
    assert library.analyze(tmp_path / "a.mp4", wanted=["black"], engine=Here()).ok


def test_files_moved_duplicated_changed_and_removed_between_runs(film, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    for number, name in enumerate(["moved", "doubled", "changed", "removed", "same"]):
        (folder / f"{name}.mp4").write_bytes(another(film, number))
    answer(cueline("analyze", folder, *ONE, "--json"), 0)
    (folder / "moved.mp4").rename(folder / "moved there.mp4")
    shutil.copy(folder / "doubled.mp4", folder / "double.mp4")
    (folder / "changed.mp4").write_bytes(another(film, 50))
    (folder / "removed.mp4").unlink()
    told = answer(cueline("analyze", folder, *ONE, "--json"), 0)
    assert (told["done"], told["fresh"]) == (5, 1)
    state = answer(here("status", folder.with_name("films.cue"), "--json"), 0)
    assert [Path(file).name for file in state["missing"]] == ["moved.mp4", "removed.mp4"]
    assert (state["assets"], state["failed"]) == (5, [])  # the first content of "changed" lies nowhere any more


# ---- runs that are killed


def committed(library):
    rows = library.sql("select asset, plugin from outcomes") if (library.path / "library.sqlite").exists() else None
    return set() if rows is None else set(rows.itertuples(index=False, name=None))


def test_kill_at_any_moment_loses_nothing_committed_and_the_next_run_completes(film, tmp_path):
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.mp4").write_bytes(another(film, number))
    library, rng = Library(tmp_path / "films.cue"), random.Random(11)
    command = [*COMMAND, "analyze", str(folder), *CHEAP, "--jobs", "1"]
    kept = set()
    for _ in range(5):
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as run:
            time.sleep(rng.uniform(0.2, 0.9))
            seen = committed(library)
            os.kill(run.pid, signal.SIGKILL)
        assert kept | seen <= committed(library)
        kept = committed(library)
        if kept:
            (check,) = library.sql("pragma integrity_check").iloc[0]
            assert check == "ok"
    told = answer(cueline("analyze", folder, *ONE, "--json"), 0)
    assert (told["done"], told["failed"]) == (12, [])
    state = library.status()
    assert (state.done, state.waiting, dict(state.failed)) == (12, 0, {})
    assert state.tracks["black"] == 12


# ---- places that cannot be read or written


@pytest.fixture
def unprivileged():
    """What to put before a command so that permissions bind it."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("permissions do not bind root, and there is no setpriv to give up that right")
    return WITHOUT_PRIVILEGE


def test_what_may_not_be_read_is_named_and_the_rest_is_done(film, tmp_path, unprivileged):
    folder = tmp_path / "films"
    for number, name in enumerate(["a.mp4", "secret.mp4", "shut/b.mp4", "listed/c.mp4"]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(another(film, number))
    (folder / "secret.mp4").chmod(0)
    (folder / "shut").chmod(0)
    (folder / "listed").chmod(0o444)
    folder.chmod(0o555)
    ended = cueline("analyze", folder, "--library", tmp_path / "lib.cue", *ONE, "--json", prefix=unprivileged)
    one = answer(cueline("doctor", folder / "secret.mp4", "--json", prefix=unprivileged), 1)
    for path, mode in ((folder, 0o755), (folder / "shut", 0o755), (folder / "listed", 0o755)):
        path.chmod(mode)
    told = answer(ended, 1)
    assert {os.path.relpath(failure["file"], folder): failure["reason"] for failure in told["failed"]} == {
        "secret.mp4": "permission denied",
        "shut": "the folder cannot be read: permission denied",
        "listed/c.mp4": "permission denied",
    }
    assert told["done"] == 1
    assert one[0]["problems"] == ["permission denied"]


def test_a_folder_that_cannot_be_written_is_said_in_one_line(film, tmp_path, unprivileged):
    folder, library = tmp_path / "shut" / "films", tmp_path / "lib.cue"
    folder.mkdir(parents=True)
    (folder / "a.mp4").write_bytes(film)
    answer(cueline("analyze", folder, "--library", library, *ONE, "--json"), 0)
    folder.parent.chmod(0o555)
    for path in (library, *library.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    for arguments in [
        ("analyze", folder),
        ("analyze", library, "--json"),
        ("report", library, "--json"),
        ("export", library, "--to", "csv", "--out", folder.with_name("out"), "--json"),
        ("export", library, "--to", "csv", "--out", folder.parent),
    ]:
        assert "it may not be written" in refused(cueline(*arguments, prefix=unprivileged))
    told = answer(cueline("status", library, "--json", prefix=unprivileged), 0)
    for path in (folder.parent, library, *library.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    assert told["done"] == 1


def test_a_full_disk_ends_the_run_blames_no_film_and_the_next_run_completes(film, tmp_path):
    folder, disk = tmp_path / "films", tmp_path / "disk"
    folder.mkdir()
    disk.mkdir()
    for number in range(6):
        (folder / f"{number}.mp4").write_bytes(another(film, number))
    call = shlex.join(COMMAND)
    script = f"""
        mount -t tmpfs -o size=600k tmpfs {disk} || exit 99
        {call} init {disk}/lib.cue || exit 98
        head -c 380k /dev/zero > {disk}/filler
        {call} analyze {folder} --library {disk}/lib.cue {" ".join(ONE)} --json
        echo $?
        rm {disk}/filler
        {call} status {disk}/lib.cue --json
        mount -o remount,size=20m {disk}
        {call} analyze {folder} --library {disk}/lib.cue {" ".join(ONE)} --json
    """
    ended = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    if ended.returncode in (1, 99) and not ended.stdout:
        pytest.skip("a small file system cannot be mounted here")
    code, state, told = ended.stdout.splitlines()
    assert code == "2"
    assert "the disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert json.loads(state)["failed"] == []
    assert (json.loads(told)["done"], json.loads(told)["failed"]) == (6, [])


# ---- wrong commands, and what standard output holds


def test_a_path_that_is_not_there_stops_the_others_before_anything_is_made(film, tmp_path):
    (tmp_path / "a.mp4").write_bytes(film)
    line = refused(here("analyze", "a.mp4", "nowhere.mp4", "--library", "lib.cue", "--json", cwd=tmp_path))
    assert "there is no file or folder 'nowhere.mp4'" in line
    assert not (tmp_path / "lib.cue").exists()


def test_one_file_given_in_many_ways_is_one_file(film, tmp_path):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "-a.mp4").write_bytes(film)
    ways = ["films", "films/-a.mp4", "films/../films/-a.mp4", "./films/-a.mp4", tmp_path / "films"]
    told = answer(cueline("analyze", *ways, "--library", "lib.cue", *ONE, "--json", cwd=tmp_path), 0)
    assert (told["done"], told["fresh"]) == (1, 1)
    inside = answer(
        cueline("analyze", *ONE, "--library", "../lib.cue", "--json", "--", "-a.mp4", cwd=tmp_path / "films"), 0
    )
    assert (inside["done"], inside["fresh"]) == (1, 0)
    assert Library(tmp_path / "lib.cue").status().files == 1


def test_the_folder_above_has_its_library_beside_it(film, tmp_path):
    deep = tmp_path / "films" / "deep"
    deep.mkdir(parents=True)
    (deep / "a.mp4").write_bytes(film)
    told = answer(cueline("analyze", "..", *ONE, "--json", cwd=deep), 0)
    assert Path(told["library"]) == tmp_path / "films.cue"
    assert "nothing lies beside '/'" in refused(here("analyze", "/", "--json"))


@pytest.mark.parametrize("name", ["lib.cue", "metadata"])
def test_a_library_inside_the_folder_is_not_searched(film, tmp_path, name):
    (tmp_path / "a.mp4").write_bytes(film)
    library = Library(tmp_path / name)
    library.init()
    (library.path / "derived" / "a.mp4").parent.mkdir(exist_ok=True)
    (library.path / "derived" / "a.mp4").write_bytes(another(film, 1))
    assert list(library.add(tmp_path, engine=Here()).assets) == [tmp_path / "a.mp4"]


def test_a_second_writer_is_refused_and_told_who_is_first(film, tmp_path):
    (tmp_path / "a.mp4").write_bytes(film)
    first = LibraryStore(tmp_path / "lib.cue", create=True)
    try:
        line = refused(here("analyze", tmp_path / "a.mp4", "--library", tmp_path / "lib.cue", "--json"))
        assert f"process {os.getpid()} on {socket.gethostname()}" in line
        assert answer(here("status", tmp_path / "lib.cue", "--json"), 0)["assets"] == 0
    finally:
        first.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("doctor", "nowhere"),
        ("shots", "nowhere"),
        ("add", "nowhere", "--library", "lib.cue"),
        ("analyze", "nowhere", "--library", "lib.cue"),
        ("analyze", ".", "--library", "file"),
        ("analyze", ".", "--with", "nosuch"),
        ("status", "nowhere"),
        ("status", "file"),
        ("tags", "nowhere"),
        ("export", "nowhere", "--to", "csv", "--out", "out"),
        ("export", "nowhere", "--to", ",", "--out", "out"),
        ("report", "nowhere"),
    ],
    ids=" ".join,
)
def test_a_command_that_fails_as_a_whole_prints_no_json(tmp_path, arguments):
    (tmp_path / "file").write_text("no library")
    refused(here(*arguments, "--json", cwd=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_results_are_not_written_where_a_file_lies(tried, tmp_path):
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "deep"):
        for arguments in (("report", tried.library), ("export", tried.library, "--to", "csv")):
            line = refused(here(*arguments, "--out", place, "--json"))
            assert f"must be a folder, got the file {str(tmp_path / 'file')!r}" in line


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_reader_that_goes_away_ends_it_quietly(tried, how):
    with subprocess.Popen(
        [*COMMAND, "tags", str(tried.library), *how], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("how", [(), ("--json",)])
def test_results_that_cannot_be_written_are_said_in_one_line(how):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, "plugins", *how], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert (ended.returncode, ended.stderr) == (2, "cueline: no space left on device\n")
