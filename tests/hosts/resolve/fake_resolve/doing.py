"""What each call of the fake does, as static functions of a class for each class of Resolve's."""

from __future__ import annotations

from typing import Any

from .cutting import TimelineItems, Timelines
from .handles import Handle, model_of
from .importing import import_media, import_timeline
from .marking import Marked
from .rendering import Rendering
from .shown import still
from .state import COLOURS, Folder, Item, Media, Project, Take, Timeline, World

WORDS = {"Compound": "Zusammengesetzt", "Multicam": "Mehrkamera-Clip", "Offline": "Nicht verbunden",
         "Timeline": "Zeitleiste", "Online": "Verbunden", "Still": "Standbild"}  # fmt: skip
NESTS = ("Compound", "Multicam", "Timeline")


class Resolves:
    def GetProductName(w: World, m: Any) -> str:
        return "DaVinci Resolve Studio" if w.edition == "studio" else "DaVinci Resolve"

    def GetVersion(w: World, m: Any) -> list[Any]:
        return [*w.version, *[0] * (4 - len(w.version)), ""]

    def GetVersionString(w: World, m: Any) -> str:
        return ".".join(map(str, w.version))

    def GetProjectManager(w: World, m: Any) -> Handle:
        return Handle(w, "ProjectManager", None)

    def GetMediaStorage(w: World, m: Any) -> Handle:
        return Handle(w, "MediaStorage", None)

    def OpenPage(w: World, m: Any, page: str) -> bool:
        if page not in ("media", "cut", "edit", "fusion", "color", "fairlight", "deliver"):
            return False
        w.page = page
        return True

    def GetCurrentPage(w: World, m: Any) -> str:
        return w.page


class Managers:
    def GetCurrentProject(w: World, m: Any) -> Any:
        return Handle(w, "Project", w.project) if w.project else None

    def GetCurrentDatabase(w: World, m: Any) -> Any:
        return None if w.wedged else {"DbType": "Disk", "DbName": "Local Database"}

    def GetProjectListInCurrentFolder(w: World, m: Any) -> list[str]:
        return [project.name for project in w.projects]

    def CreateProject(w: World, m: Any, name: str, *location: str) -> Any:
        if any(project.name == name for project in w.projects):
            return None
        made = Project(name)
        w.projects.append(made)
        w.project = made
        return Handle(w, "Project", made)

    def LoadProject(w: World, m: Any, name: str) -> Any:
        found = next((project for project in w.projects if project.name == name), None)
        w.project = found or w.project
        return Handle(w, "Project", found) if found else None

    def CloseProject(w: World, m: Any, project: Any) -> bool:
        if model_of(project) is not w.project:
            return False
        w.project = None
        return True

    def DeleteProject(w: World, m: Any, name: str) -> bool:
        found = next((project for project in w.projects if project.name == name), None)
        if found is None or (w.faults.current_project_stays and found is w.project):
            return False
        w.projects.remove(found)
        return True

    def SaveProject(w: World, m: Any) -> bool:
        if w.project is None:
            return False
        if w.faults.untitled_cannot_be_saved and w.project.name == "Untitled Project":
            w.failures.append("an untitled project was told to be saved: Resolve hangs")
            return False
        w.saves += 1
        for timeline in w.project.timelines:
            for tracks in timeline.tracks.values():
                for track in tracks:
                    track.items[:] = [item for item in track.items if not item.doomed]
                    for item in track.items:
                        item.ghost = False
        return True


class Projects(Rendering):
    def GetName(w: World, p: Project) -> str:
        return p.name

    def GetUniqueId(w: World, p: Project) -> str:
        return p.id

    def GetMediaPool(w: World, p: Project) -> Handle:
        return Handle(w, "MediaPool", p)

    def GetTimelineCount(w: World, p: Project) -> int:
        return len(p.timelines)

    def GetTimelineByIndex(w: World, p: Project, index: int) -> Any:
        there = 1 <= index <= len(p.timelines)
        return Handle(w, "Timeline", p.timelines[index - 1]) if there else None

    def GetCurrentTimeline(w: World, p: Project) -> Any:
        return Handle(w, "Timeline", p.current) if p.current else None

    def SetCurrentTimeline(w: World, p: Project, timeline: Any) -> bool:
        p.current = model_of(timeline)
        return p.current is not None

    def GetSetting(w: World, p: Project, *name: str) -> Any:
        return p.settings.get(name[0], "") if name else dict(p.settings)

    def ExportCurrentFrameAsStill(w: World, p: Project, path: str) -> bool:
        return still(w, path)

    def SetSetting(w: World, p: Project, name: str, value: str) -> bool:
        p.settings[name] = value
        return True


class Pools:
    def GetRootFolder(w: World, p: Project) -> Handle:
        return Handle(w, "Folder", p.root)

    def GetCurrentFolder(w: World, p: Project) -> Handle:
        return Handle(w, "Folder", p.folder or p.root)

    def SetCurrentFolder(w: World, p: Project, folder: Any) -> bool:
        p.folder = model_of(folder)
        return p.folder is not None

    def AddSubFolder(w: World, p: Project, folder: Any, name: str) -> Any:
        parent = model_of(folder)
        if any(one.name == name for one in parent.folders):
            return None
        made = Folder(name)
        parent.folders.append(made)
        p.folder = made  # as Resolve does: the new one is the current one
        return Handle(w, "Folder", made)

    def DeleteFolders(w: World, p: Project, folders: list[Any]) -> bool:
        gone = [model_of(one) for one in folders]
        for folder in list(p.root.walk()):
            folder.folders[:] = [one for one in folder.folders if one not in gone]
        return True

    def MoveClips(w: World, p: Project, clips: list[Any], target: Any) -> bool:
        moved, to = [model_of(clip) for clip in clips], model_of(target)
        for folder in p.root.walk():
            folder.clips[:] = [clip for clip in folder.clips if clip not in moved]
        to.clips.extend(moved)
        return True

    def ImportMedia(w: World, p: Project, items: list[Any]) -> Any:
        return import_media(w, p, items)

    def CreateEmptyTimeline(w: World, p: Project, name: str) -> Any:
        if any(one.name == name for one in p.timelines):
            return None
        made = Timeline(name)
        made.tracks["video"] = Timelines.fresh(1, "Video")
        p.timelines.append(made)
        p.current = made
        return Handle(w, "Timeline", made)

    def CreateTimelineFromClips(w: World, p: Project, name: str, *clips: Any) -> Any:
        w.failures.append("CreateTimelineFromClips knows no track: AppendToTimeline does")
        return None

    def AppendToTimeline(w: World, p: Project, *clips: Any) -> Any:
        asked = clips[0] if len(clips) == 1 and isinstance(clips[0], list) else list(clips)
        return Timelines.append(w, p, asked)

    def ImportTimelineFromFile(w: World, p: Project, path: str, options: Any = None) -> Any:
        return import_timeline(w, p, path, options or {})

    def DeleteTimelines(w: World, p: Project, timelines: list[Any]) -> bool:
        gone = [model_of(one) for one in timelines]
        p.timelines[:] = [one for one in p.timelines if one not in gone]
        return True

    def DeleteClips(w: World, p: Project, clips: list[Any]) -> bool:
        gone = [model_of(clip) for clip in clips]
        for folder in p.root.walk():
            folder.clips[:] = [clip for clip in folder.clips if clip not in gone]
        return True


class Folders:
    def GetName(w: World, f: Folder) -> str:
        return f.name

    def GetUniqueId(w: World, f: Folder) -> str:
        return f.id

    def GetClipList(w: World, f: Folder) -> list[Handle]:
        return [Handle(w, "MediaPoolItem", clip) for clip in f.clips]

    def GetSubFolderList(w: World, f: Folder) -> list[Handle]:
        return [Handle(w, "Folder", one) for one in f.folders]


class MediaItems(Marked):
    def GetName(w: World, m: Media) -> str:
        return m.name

    def GetMediaId(w: World, m: Media) -> str:
        return m.id

    def GetUniqueId(w: World, m: Media) -> str:
        return m.id

    def GetMetadata(w: World, m: Media, *key: str) -> Any:
        return m.metadata.get(key[0], "") if key else dict(m.metadata)

    def SetMetadata(w: World, m: Media, key: Any, *value: str) -> bool:
        m.metadata.update(key if isinstance(key, dict) else {key: value[0]})
        return True

    def GetThirdPartyMetadata(w: World, m: Media, *key: str) -> Any:
        return m.third.get(key[0], "") if key else dict(m.third)

    def SetThirdPartyMetadata(w: World, m: Media, key: Any, *value: str) -> bool:
        m.third.update(key if isinstance(key, dict) else {key: value[0]})
        return True

    def GetClipColor(w: World, m: Media) -> str:
        return m.colour

    def SetClipColor(w: World, m: Media, colour: str) -> bool:
        if colour not in COLOURS:
            return False
        m.colour = colour
        return True

    def GetClipProperty(w: World, m: Media, *key: str) -> Any:
        told = {
            "Clip Name": m.name, "File Path": _path_of(w, m),
            "FPS": m.fps, "Frames": str(m.frames), "Type": _word(w, m.kind),
            "Start TC": _timecode(m.start, m.fps), "Resolution": f"{m.size[0]}x{m.size[1]}",
            "Online Status": _word(w, "Online" if m.online else "Offline"),
            "Start": str(m.first_number), "Input Color Space": "Rec.709 (Scene)", "Reel Name": "",
        }  # fmt: skip
        return told.get(key[0], "") if key else told


class Items(TimelineItems, Marked):
    def AddTake(w: World, i: Item, media: Any, *span: int) -> bool:
        found = model_of(media)
        if not isinstance(found, Media) or i.kind != "clip":
            return False
        if not i.takes and i.media is not None:  # the clip itself becomes the first take
            i.takes.append(Take(i.media, i.left, i.left + i.length - 1))
        first = span[0] if span else 0
        i.takes.append(Take(found, first, span[1] if len(span) > 1 else found.frames - 1))
        Items.SelectTakeByIndex(w, i, len(i.takes))
        return True

    def GetTakesCount(w: World, i: Item) -> int:
        return len(i.takes)

    def GetSelectedTakeIndex(w: World, i: Item) -> int:
        return i.take

    def GetTakeByIndex(w: World, i: Item, index: int) -> Any:
        if not 1 <= index <= len(i.takes):
            return None
        take = i.takes[index - 1]
        told = {"startFrame": take.first, "endFrame": take.last}
        return {**told, "mediaPoolItem": Handle(w, "MediaPoolItem", take.media)}

    def SelectTakeByIndex(w: World, i: Item, index: int) -> bool:
        if not 1 <= index <= len(i.takes):
            return False
        i.take, take = index, i.takes[index - 1]
        i.media, i.left = take.media, take.first  # the length stays: nothing ripples
        return True

    def DeleteTakeByIndex(w: World, i: Item, index: int) -> bool:
        if not 1 <= index <= len(i.takes):
            return False
        del i.takes[index - 1]
        return True

    def FinalizeTake(w: World, i: Item) -> bool:
        i.takes.clear()
        i.take = 0
        return True


class Storages:
    def GetMountedVolumeList(w: World, m: Any) -> list[str]:
        return ["/"]


def _word(w: World, word: str) -> str:
    """A word of a media's properties, in the language of the menus."""
    return WORDS.get(word, word) if w.faults.kinds_are_translated else word


def _path_of(w: World, m: Media) -> str:
    if m.kind in NESTS:
        return ""
    first = f"{m.first_number:04}"
    if not m.first_number or not w.faults.runs_have_brackets or f".{first}." not in m.path:
        return m.path
    return f".[{first}-{m.first_number + m.frames - 1:04}].".join(m.path.rsplit(f".{first}.", 1))


def _timecode(frame: int, fps: float) -> str:
    rate = round(fps)
    seconds, frames = divmod(frame, rate)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}"


class Galleries:
    def GetGalleryStillAlbums(w: World, m: Any) -> list[Any]:
        return []


DOES = {
    "Resolve": Resolves, "ProjectManager": Managers, "Project": Projects, "MediaPool": Pools,
    "Folder": Folders, "MediaPoolItem": MediaItems, "Timeline": Timelines, "TimelineItem": Items,
    "MediaStorage": Storages, "Gallery": Galleries, "GalleryStillAlbum": Galleries,
}  # fmt: skip
