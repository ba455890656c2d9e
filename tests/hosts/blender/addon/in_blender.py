"""What tests have done in a Blender with the extension: ``python in_blender.py FUNCTION WORDS``.

Nothing of ours is on its path: all there is came out of the zip. The answer is printed as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import bpy

sys.path.append(str(Path(__file__).resolve().parents[1]))
import greybox  # it lies above, and needs bpy

MODULE = "bl_ext.user_default.secondunit"
WAIT_S = 240


def cli():
    return Path(bpy.utils.system_resource("SCRIPTS")) / "addons_core/bl_pkg/cli/blender_ext.py"


def installed(archive):
    bpy.ops.extensions.package_install_files(
        filepath=archive, repo="user_default", enable_on_install=True
    )
    return [key for key, _ in bpy.context.preferences.addons.items() if "secondunit" in key]


def running():
    return sys.modules[f"{MODULE}.panel.running"]


def board():
    return running().session().board


def refusal(call, **words):
    """What an operator says when it cannot; empty when it could."""
    try:
        call(**words)
    except RuntimeError as error:
        return str(error).strip()
    return ""


def edit():
    return next((s for s in bpy.data.scenes if s.get("secondunit_of")), None)


def strips(kind):
    there = edit().sequence_editor.strips if edit() else ()
    return sorted(
        (
            {
                "name": s.name, "channel": s.channel, "mute": s.mute, "start": s.frame_start,
                "first": s.frame_final_start, "end": s.frame_final_end,
                "guid": s.get("secondunit_guid"), "take": s.get("secondunit_take"),
                "version": s.get("secondunit_version"), "files": len(getattr(s, "elements", ())),
                "folder": getattr(s, "directory", ""),
                "space": s.colorspace_settings.name if s.type == "IMAGE" else "",
            }
            for s in there if s.type == kind
        ),
        key=lambda strip: strip["first"],
    )  # fmt: skip


def look_strip(code):
    guid = board().shot(code).guid
    there = edit().sequence_editor.strips
    return next(s for s in there if s.get("secondunit_guid") == guid and s.type == "IMAGE")


def shot(code):
    row = board().shot(code)
    return {
        "status": row.status, "look": row.look, "guid": row.guid,
        "problems": [" ".join(p.lines) for p in row.problems],
        "takes": [
            {"id": t.id, "state": t.state.value, "placed": t.placed, "version": t.version,
             "seed": t.seed, "poster": os.path.isfile(t.poster)}
            for t in row.takes
        ],
    }  # fmt: skip


def said():
    return [" ".join(lines.lines) for lines in board().said]


def settle():
    bpy.ops.secondunit.wait(timeout=WAIT_S)


def ours():
    """What of us is in this process: modules, threads, handlers, timers' functions, properties."""
    bridge = [name for name in sys.modules if name.split(".")[0] == "secondunit_bridge"]
    own = [name for name in sys.modules if name.startswith(f"{MODULE}.")]
    return {
        "bridge": bridge,
        "modules": own,
        "threads": [t.name for t in threading.enumerate() if "secondunit" in t.name],
        "handlers": [
            h.__module__ for h in bpy.app.handlers.load_post if "secondunit" in h.__module__
        ],
        "operators": [name for name in dir(bpy.ops.secondunit)],
        "property": hasattr(bpy.types.WindowManager, "secondunit"),
    }


def valid(archive):
    """What Blender's own tool says of the zip."""
    checked = subprocess.run(
        [sys.executable, cli(), "validate", archive], capture_output=True, text=True, check=False
    )
    return {"valid": checked.returncode, "said": checked.stdout + checked.stderr}


def packed(archive, source):
    """Blender's own tool: is the zip sound, and what would it pack of the same files?"""
    out = Path(source).parent
    built = subprocess.run(
        [sys.executable, cli(), "build", "--source-dir", source, "--output-dir", out],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    zips = [str(path) for path in out.glob("*.zip")]
    return {**valid(archive), "built": built.returncode, "zips": zips}


def on_and_off(archive):
    """Turned on, off, on again and off."""
    enabled = installed(archive)
    import secondunit_bridge

    first = secondunit_bridge.__file__
    on = ours()
    bpy.ops.preferences.addon_disable(module=MODULE)
    off = ours()
    bpy.ops.preferences.addon_enable(module=MODULE)
    again = ours()
    tips = {
        name: getattr(bpy.ops.secondunit, name).get_rna_type().description
        for name in again["operators"]
    }
    bpy.ops.preferences.addon_disable(module=MODULE)
    return {"enabled": enabled, "bridge": first, "on": on, "off": off, "again": again,
            "tips": tips, "end": ours()}  # fmt: skip


def left_on(archive):
    """Ends with the add-on still on, its threads running."""
    installed(archive)
    running().pump().until(lambda: board().connected, 20)
    return {"threads": ours()["threads"]}


def other_bridge(archive, folder):
    """Another version of the bridge is in this Python."""
    sys.path.insert(0, folder)
    said = refusal(installed, archive=archive)
    loaded = getattr(sys.modules.get("secondunit_bridge"), "__file__", "")
    return {"said": said, "bridge": loaded, "operators": ours()["operators"]}


def saved(folder, name="sq010_v002.blend"):
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.001
    path = str(Path(folder) / name)
    bpy.ops.wm.save_as_mainfile(filepath=path)
    return scene


def whole_line(archive, folder, sequence):
    """A day of a layout artist, in order. Each step's facts, for the tests to judge."""
    scene = greybox.built()  # first: it starts from the factory's settings, with no add-ons
    facts = {"enabled": installed(archive), "valid": valid(archive)}
    facts["blender"] = ".".join(map(str, bpy.app.version))
    ops = bpy.ops.secondunit
    facts["never saved"] = refusal(ops.shoot, shot="0010", look="slate")
    facts["untouched"] = [key for key, _ in scene.items() if "secondunit" in key]
    scene = saved(folder, f"{sequence}_v002.blend")
    blend = Path(bpy.data.filepath)
    facts["no such shot"] = refusal(ops.shoot, shot="0090", look="slate")
    facts["bad option"] = refusal(ops.shoot, shot="0010", look="slate", options="loud")
    facts["no edit"] = refusal(ops.export_otio, filepath=str(blend.with_name("none.otio")))
    facts["kept by refusals"] = [key for key, _ in scene.items() if "secondunit" in key]
    before = blend.read_bytes()
    ops.shoot_all(look="slate", brief="two people talk", takes=1)
    longest = beats_until_quiet()
    facts["longest beat"] = longest
    facts["same file"] = blend.read_bytes() == before
    facts["copies left"] = [p.name for p in (blend.parent / "secondunit/passes").glob("file_*")]
    facts["shots"] = {code: shot(code) for code in ("0010", "0020", "0030")}
    facts["grey"], facts["looks"] = strips("SCENE"), strips("IMAGE")
    editor = scene.sequence_editor
    facts["strips of layout"] = len(editor.strips) if editor else 0
    facts["drawn"] = drawn()
    facts.update(decisions(ops))
    facts.update(edits(ops))
    look_strip("0030").directory = bpy.path.relpath(look_strip("0030").directory)
    ops.export_otio(filepath=str(blend.with_name("cut.otio")))
    facts["exported"] = strips("IMAGE")
    facts.update(recut(ops, blend))
    facts.update(stopped(ops))
    facts.update(answered(ops))
    facts.update(drawn_look(ops))
    facts.update(undone())
    facts["ledger"] = ledger()
    bpy.ops.wm.save_mainfile()
    facts["said"] = said()
    bpy.ops.preferences.addon_disable(module=MODULE)
    facts["end"] = ours()
    return facts


def beats_until_quiet():
    """Beats as the timer would make them; the longest, in milliseconds of this thread."""
    pump, longest = running().pump(), 0.0
    end = time.monotonic() + WAIT_S
    while True:
        begun = time.thread_time()
        pump()
        longest = max(longest, time.thread_time() - begun)
        if not pump.working:
            pump()
            return longest * 1000
        assert time.monotonic() < end, said()
        time.sleep(0.02)


def decisions(ops):
    """Circle one, note, put one aside and shoot it again."""
    facts = {}
    first, second = shot("0010")["takes"][0]["id"], shot("0020")["takes"][0]["id"]
    facts["no reason"] = refusal(ops.reject, take=second)
    ops.note(take=first, text="softer", by="Lea")
    ops.circle(take=first, by="Lea")
    settle()
    facts["circled"] = shot("0010")
    facts["strip of the version"] = strips("IMAGE")[0]
    facts["circled twice"] = refusal(ops.circle, take="nobody.7", by="Lea")
    ops.reshoot(take=second, reason="too slow", by="Lea", look="slate", takes=2)
    settle()
    facts["reshot"] = shot("0020")
    facts["strip of the second"] = strips("IMAGE")[1]
    return facts


def edits(ops):
    """Grey and look, trims that stay, takes that take each other's place, undo."""
    facts = {}
    ops.show(which="GREY")
    facts["grey shown"] = [s["mute"] for s in strips("IMAGE")]
    ops.show(which="TOGGLE", shot="0020")
    facts["one look shown"] = [s["mute"] for s in strips("IMAGE")]
    ops.show(which="LOOK")
    strip = look_strip("0020")
    strip.frame_final_start, strip.frame_final_end = 15, 22
    ops.swap(shot="0020", steps=-1)
    facts["trimmed"] = strips("IMAGE")[1]
    strip = look_strip("0020")
    strip.frame_start += 100
    facts["moved before"] = strips("IMAGE")[-1]
    ops.swap(shot="0020", steps=1)
    facts["moved"] = strips("IMAGE")[-1]
    strip = look_strip("0020")
    strip.frame_start -= 100
    strip.frame_offset_start = strip.frame_offset_end = 8
    takes = [t["id"] for t in shot("0020")["takes"]]
    bpy.ops.ed.undo_push(message="before")
    bpy.context.scene.frame_set(7)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    running().pump()()
    facts["takes after undo"] = [t["id"] for t in shot("0020")["takes"]] == takes
    facts["guid after undo"] = bool(shot("0020")["guid"])
    return facts


def recut(ops, blend):
    """The cut comes back with its second shot four frames shorter at the end."""
    cut = json.loads(blend.with_name("cut.otio").read_text())
    for track in cut["tracks"]["children"]:
        clips = [c for c in track["children"] if c["OTIO_SCHEMA"].startswith("Clip")]
        clips[1]["source_range"]["duration"]["value"] -= 4
    back = blend.with_name("back.otio")
    back.write_text(json.dumps(cut))
    ops.import_recut(filepath=str(back))
    table = [" ".join(lines.lines) for lines in board().recut]
    layout = running().session().host.layout()
    before = [m.frame for m in layout.timeline_markers]
    ops.apply_recut()
    span = board().shot("0020").span
    follow = [[s["first"], s["end"]] for s in strips("SCENE") + strips("IMAGE")]
    gone = refusal(ops.apply_recut)
    missing = refusal(ops.import_recut, filepath=str(blend.with_name("nothing.otio")))
    return {"table": table, "strips after": follow, "markers": before, "span after": span,
            "applied twice": gone, "no such cut": missing}  # fmt: skip


def stopped(ops):
    """Stopped while its passes are rendered: the process that renders is gone."""
    ops.shoot(shot="0030", look="slate")
    pump, session = running().pump(), running().session()
    pump.until(lambda: session.orders.pids, 60)
    (pid,) = session.orders.pids
    ops.cancel(shot="0030")
    gone = not Path(f"/proc/{pid}").exists()
    settle()
    return {"render ended": gone, "after stop": shot("0030")["status"]}


def answered(ops):
    """A take that stands still in between: its findings are answered, then it can be circled."""
    ops.shoot(shot="0010", look="stuck")
    settle()
    take = shot("0010")["takes"][0]
    row = board().shot("0010").takes[0]
    findings = [f.id for f in row.findings if f.open]
    early = refusal(ops.answer, finding=findings[0], answer="creative_intent") if findings else ""
    for finding in findings:
        ops.answer(finding=finding, answer="creative_intent", reason="a still life", by="Lea")
    settle()
    ops.circle(take=take["id"], by="Lea", reason="I make this film alone.")
    settle()
    return {"stuck take": take, "findings": findings, "unreasoned answer": early,
            "stuck take circled": shot("0010")["takes"][0]}  # fmt: skip


def drawn_look(ops):
    """A look that needs no model, its lines thinner than they stand in the panel."""
    ops.shoot(shot="0020", look="toon", options="line=0.8")
    settle()
    folder = strips("IMAGE")[1]["folder"]
    return {"toon": shot("0020")["takes"][0], "toon folder": bpy.path.abspath(folder)}


def undone():
    """An undo took the identities out of the scene; they come back."""
    guid = shot("0010")["guid"]
    del running().session().host.layout()["secondunit_shots"]
    running().pump().read_soon()
    running().pump()()
    return {"identity came back": shot("0010")["guid"] == guid}


def ledger():
    """What the daemon wrote down, by kind."""
    from secondunit_bridge.unit import Unit

    with Unit.connect(host="script", start=False) as unit:
        return sorted({entry.kind for entry in unit.entries(0)})


def opened_again(archive, blend):
    """The saved file in a fresh Blender; then the scene grows, and the file is saved as others."""
    bpy.ops.wm.open_mainfile(filepath=blend)
    installed(archive)
    settle()
    facts = {"shots": {code: shot(code) for code in ("0010", "0020")}, "looks": strips("IMAGE")}
    facts["grown"] = grown()
    return {**facts, **saved_as(Path(blend))}


def grown():
    """The scene begins earlier, ends later and runs at another rate than when it was cut."""
    layout, before = running().session().host.layout(), strips("SCENE")
    layout.frame_start, layout.frame_end, layout.render.fps = -9, 60, 25
    bpy.ops.secondunit.open_edit()
    bpy.ops.secondunit.open_edit()
    after, cut = strips("SCENE"), edit()
    same = ("name", "channel", "mute", "first", "end", "guid")
    return {
        "in place": [[b[k] for k in same] == [a[k] for k in same]
                     for b, a in zip(before, after, strict=True)],
        "plays": [layout.frame_start + a["first"] - a["start"] for a in after],
        "first": [a["first"] for a in after],
        "rate": [cut.render.fps, round(cut.render.fps_base, 3)],
    }  # fmt: skip


def saved_as(blend):
    """The next version of the file, and a copy under another name whose shots are made new."""

    def questions():
        running().session().read_scene()
        running().session().make_board()
        return [" ".join(p.lines) for p in board().problems if "New Shots" in " ".join(p.lines)]

    bpy.ops.wm.save_as_mainfile(filepath=str(blend.with_name(blend.stem[:-1] + "3.blend")))
    facts = {"version asks": questions()}
    before = [row.guid for row in board().shots]
    bpy.ops.wm.save_as_mainfile(filepath=str(blend.with_name("other.blend")))
    facts["copy asks"], facts["button"] = questions(), board().copied
    bpy.ops.secondunit.new_shots()
    settle()
    after = [row.guid for row in board().shots]
    facts["new"] = not set(before) & set(after) and len(after) == len(before)
    facts["codes"] = [row.code for row in board().shots]
    facts["asked after"], facts["takes after"] = questions(), shot("0010")["takes"]
    facts["strips after"] = {s["guid"] for s in strips("SCENE") + strips("IMAGE")} == set(after)
    return facts


class Paper:
    """A layout that writes down what is drawn on it."""

    def __init__(self, lines=None):
        self.lines = [] if lines is None else lines
        self.alert, self.scale_y, self.enabled = False, 1.0, True

    def row(self, **_):
        return Paper(self.lines)

    box = column = split = row

    def panel(self, _, default_closed=False):
        return Paper(self.lines), Paper(self.lines)

    def label(self, text="", icon="NONE"):
        self.lines.append(["label", text, icon])

    def operator(self, name, text=None, icon="NONE", depress=False):
        self.lines.append(["operator", name, icon])
        return Paper(self.lines)

    def operator_menu_enum(self, name, prop):
        self.lines.append(["operator", name, prop])
        return Paper(self.lines)

    def prop(self, data, name, text=None, slider=False):
        assert data.bl_rna.properties.get(name) is not None, name
        self.lines.append(["prop", name, ""])

    def progress(self, factor=0.0, text=""):
        self.lines.append(["progress", text, factor])

    def template_list(self, *_, rows=2):
        self.lines.append(["list", "", rows])

    def template_icon(self, icon_value, scale):
        self.lines.append(["picture", "", icon_value])


def drawn():
    """The panel on paper: its lines, its cost, and that no icon in it is unknown to Blender."""
    draw = sys.modules[f"{MODULE}.panel.draw"]
    sys.modules[f"{MODULE}.panel.switch"].follow()
    paper = Paper()
    panel = type("Drawn", (), {"layout": paper, "draw": draw.SECONDUNIT_PT_view.draw})()
    waiting = running().session().caller.waiting
    costs = []
    for _ in range(50):
        paper.lines.clear()
        begun = time.process_time()
        panel.draw(bpy.context)
        costs.append(time.process_time() - begun)
    known = bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys()
    icons = {line[2] for line in paper.lines if line[0] in ("label", "operator")}
    rows = len(bpy.context.window_manager.secondunit.rows)
    return {
        "lines": paper.lines, "ms": sorted(costs)[25] * 1000, "rows": rows,
        "unknown icons": sorted(i for i in icons if i not in known and i != "answer"),
        "asked": running().session().caller.waiting - waiting,
    }  # fmt: skip


def without_daemon(archive, folder):
    """No daemon runs, and none can be started from here."""
    greybox.built()
    facts = {"enabled": installed(archive)}
    saved(folder)
    pump, session = running().pump(), running().session()
    pump.until(lambda: session.daemon.hint, 30)
    facts["away"] = session.daemon.line
    os.environ["SECONDUNIT_PYTHON"] = "/nowhere/python"
    bpy.ops.secondunit.shoot(shot="0010", look="slate")
    facts["waited"] = refusal(bpy.ops.secondunit.wait, timeout=WAIT_S)
    facts["shot"] = shot("0010")
    facts["asks"] = session.caller.waiting
    facts["edit"] = edit() is None
    return facts


def started_from_here():
    """Laid in place by the command line; no daemon runs, and the first shot starts one."""
    greybox.built()
    bpy.ops.preferences.addon_enable(module=MODULE)
    folder = Path(os.environ["BLENDER_USER_RESOURCES"])
    saved(folder)
    named = os.environ.get("SECONDUNIT_PYTHON", "")
    before = board().connected
    bpy.ops.secondunit.start_daemon()
    running().pump().until(lambda: board().connected, 60)
    facts = {"named": named, "before": before, "connected": board().connected, "said": said()}
    bpy.ops.preferences.addon_disable(module=MODULE)
    return {**facts, "after": os.environ.get("SECONDUNIT_PYTHON", "")}


def beat():
    """What Blender's timer would call."""
    return sys.modules[f"{MODULE}.panel.switch"]._beat()


def kept(archive, folder):
    """What is written in the panel, the file opened again, and what a killed Blender left."""
    greybox.built()
    installed(archive)
    running().pump().until(lambda: board().connected, 30)
    beat()
    bpy.context.window_manager.secondunit.brief = "Before the first save"
    beat()
    saved(folder, "sq030.blend")
    beat()
    beat()
    other = str(Path(folder) / "sq010_v002.blend")
    bpy.ops.wm.save_as_mainfile(filepath=other, copy=True)
    bpy.ops.wm.open_mainfile(filepath=other)
    panel = bpy.context.window_manager.secondunit
    beat()
    beat()
    facts = {"notes at first": [p.name for p in Path(folder).rglob("*.asks.json")]}
    panel.brief, panel.look, panel.look_line, panel.artist = "They whisper", "slate", 0.5, "Lea"
    panel.references.add().path = "//still.jpg"
    Path(folder, "still.jpg").touch()
    panel.active = 1
    panel.shot_brief = "Anna turns away"
    beat()
    facts["in the file"] = [key for key, _ in bpy.context.scene.items() if "secondunit" in key]
    passes = Path(folder) / "secondunit/passes"
    passes.mkdir(parents=True)
    copies = sys.modules[f"{MODULE}.copies"]
    own = copies.fresh_copy(bpy.data.filepath)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = own.with_name(own.name.replace(f"_{os.getpid()}_", f"_{gone.pid}_"))
    for path in (own, left):
        path.write_bytes(b"BLENDER")
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    panel = bpy.context.window_manager.secondunit
    facts["emptied by Blender"] = panel.brief
    beat()
    facts["back"] = [panel.brief, panel.look, round(panel.look_line, 3), panel.artist]
    facts["references"] = [one.path for one in panel.references]
    said = []
    for panel.active in range(3):
        said.append(panel.shot_brief)
    facts["of the shots"] = said
    bpy.ops.secondunit.shoot(shot="0020")
    bpy.ops.secondunit.shoot(shot="0010", brief="Only this")
    orders = running().session().orders.busy
    facts["asked"] = {one.shot.code: one.wanted.ask.brief for one in orders}
    beat()
    facts["after the shot has a GUID"] = running().session().briefs.of(orders[0].shot)
    bpy.ops.secondunit.cancel()
    facts["own copy stays"], facts["left copy stays"] = own.exists(), left.exists()
    scene = bpy.context.scene
    marker = scene.timeline_markers.new("late", frame=30)
    marker.camera = bpy.data.objects["Cam Wide"]
    bpy.ops.secondunit.refresh()
    beat()
    facts["rows"] = len(panel.rows)
    shooting = ("shoot", "shoot_all", "reshoot")
    facts["options"] = {
        name: sorted(getattr(bpy.ops.secondunit, name).bl_options) for name in shooting
    }
    return facts


def two_scenes(archive, folder, still):
    """The scene is duplicated while it is shot; the takes are for the one that was shot.

    The copy is shot with a picture as reference.
    """
    scene = greybox.built()
    installed(archive)
    saved(folder)
    bpy.ops.secondunit.shoot(shot="0010", look="slate")
    guid = shot("0010")["guid"]
    bpy.ops.scene.new(type="FULL_COPY")
    copy = next(s for s in bpy.data.scenes if s != scene)
    window = bpy.context.window_manager.windows[0]
    window.scene = copy
    running().pump().until(lambda: not running().session().orders.busy, WAIT_S)
    settle()
    time.sleep(3)
    settle()
    facts = {"first": guid, "in the copy": [row.guid for row in board().shots], "said": said()}
    facts["edit meanwhile"] = edit() is not None
    window.scene = scene
    settle()
    facts["in the first"] = shot("0010")
    facts["looks"] = strips("IMAGE")
    window.scene = copy
    settle()
    facts.update(referred(still))
    bpy.ops.secondunit.wait(timeout=WAIT_S)
    facts["shot in the copy"] = shot("0010")
    cut = next(s for s in bpy.data.scenes if s.get("secondunit_of") == copy.name)
    (strip,) = (s for s in cut.sequence_editor.strips if s.type == "IMAGE")
    facts["graded"] = bpy.path.abspath(strip.directory)
    facts["elements"] = turned_over()[-1]["turnover"]["elements"]
    return facts


def referred(still):
    """References added and dropped in the panel, one that is not there, and a shot with one."""
    ops, panel = bpy.ops.secondunit, bpy.context.window_manager.secondunit
    ops.add_reference(path="//nowhere.png")
    missing = refusal(ops.shoot, shot="0010", look="graded")
    rendering = len(running().session().orders.busy)
    ops.drop_reference(index=0)
    beyond = refusal(ops.drop_reference, index=3)
    ops.add_reference(path=bpy.path.relpath(still))
    written = [one.path for one in panel.references]
    refused = refusal(ops.shoot, shot="0010", look="graded")
    return {"missing": missing, "rendering": rendering, "beyond": beyond, "written": written,
            "refused": refused}  # fmt: skip


def turned_over():
    """The asks that the daemon wrote down, in order."""
    from secondunit_bridge.unit import Unit

    with Unit.connect(host="script", start=False) as unit:
        return [dict(entry.body) for entry in unit.entries(0) if entry.kind == "turnover"]


if __name__ == "__main__":
    answer = globals()[sys.argv[1]](*sys.argv[2:])
    print("\nanswer " + json.dumps(answer, default=str), flush=True)
