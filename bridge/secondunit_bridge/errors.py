"""Everything that can go wrong, as one tree.

* SecondUnitError ``E_FAILED``
  + BridgeError ``E_BRIDGE``                    the two sides could not talk
    - DaemonUnavailable ``E_DAEMON``
    - ProtocolError ``E_PROTO``
      - FieldError ``E_FIELD``
      - UnknownVerb ``E_VERB``
      - ProtocolTooNew ``E_VERSION``
      - MessageTooBig ``E_TOO_BIG``
    - TokenRefused ``E_AUTH``
    - TimedOut ``E_TIMEOUT``
    - SlotLost ``E_SLOT``
  + TurnoverRejected ``E_TURNOVER``             cannot be shot as it stands; turn over anew
    - MediaOffline ``E_MEDIA_OFFLINE``
    - MediaChanged ``E_MEDIA_CHANGED``
    - MediaDamaged ``E_MEDIA_DAMAGED``
    - FramesMissing ``E_FRAMES_MISSING``
    - RateMismatch ``E_RATE_MISMATCH``
    - TimecodeWrong ``E_TC``
      - DropFrameMismatch ``E_TC_DROP``
    - Nested ``E_NESTED``
    - RetimeUnsupported ``E_RETIME_UNSUPPORTED``
    - MatteMissing ``E_MATTE_MISSING``
    - ColorUnknown ``E_COLOR_UNKNOWN``
    - OverLimits ``E_LIMITS``
    - UnknownGenerator ``E_GENERATOR``
    - NeedsModel ``E_NEEDS_MODEL``
    - ModelMissing ``E_MODEL_MISSING``
    - ModelUntrusted ``E_MODEL_UNTRUSTED``
    - RightsRefused ``E_RIGHTS``
    - PathRefused ``E_PATH``
    - CutUnreadable ``E_CUT``
    - NoPlace ``E_NO_PLACE``
  + TakeFailed ``E_TAKE``                       the attempt failed; another may succeed
    - OutOfMemory ``E_VRAM``
    - StageDied ``E_WORKER_DIED``
    - BrokenFrames ``E_FRAMES``
    - Cancelled ``E_CANCELLED``
    - EngineFailed ``E_ENGINE``
      - EngineOffline ``E_ENGINE_OFFLINE``
  + DecisionRefused ``E_DECISION``              a person's answer could not be taken
    - FindingsOpen ``E_QC_FAIL``
    - UnknownId ``E_UNKNOWN_ID``
    - NameMissing ``E_NAME``
    - Locked ``E_LOCKED``
    - OwnWork ``E_OWN_WORK``
  + StoreError ``E_STORE``                      the disk or the record would not take it
    - DiskFull ``E_DISK``
    - StoreOffline ``E_STORE_OFFLINE``
    - NotPermitted ``E_PERMISSION``
    - LedgerBroken ``E_LEDGER``
    - RecordMissing ``E_RECORD``
    - QueueFull ``E_QUEUE_FULL``
  + SetupError ``E_SETUP``                      this installation is not ready
    - SettingWrong ``E_SETTING``
    - ExtraMissing ``E_EXTRA``
    - CodecMissing ``E_CODEC``
    - PlugInRefused ``E_PLUGIN``
    - CardWrong ``E_CARD``

A failed check is not an error. It is a Finding: a fact about a take, for a person to judge.

The code travels on the wire, so a host catches the class the core raised. A peer that does not
know the leaf falls back to the nearest branch it does know.
"""

from __future__ import annotations

from .bridge_errors import BridgeError as BridgeError
from .bridge_errors import DaemonUnavailable as DaemonUnavailable
from .bridge_errors import FieldError as FieldError
from .bridge_errors import MessageTooBig as MessageTooBig
from .bridge_errors import ProtocolError as ProtocolError
from .bridge_errors import ProtocolTooNew as ProtocolTooNew
from .bridge_errors import SlotLost as SlotLost
from .bridge_errors import TimedOut as TimedOut
from .bridge_errors import TokenRefused as TokenRefused
from .bridge_errors import UnknownVerb as UnknownVerb
from .failure import BY_CODE as BY_CODE
from .failure import SecondUnitError as SecondUnitError
from .failure import branches as branches
from .failure import error_body as error_body
from .failure import error_from as error_from


class TurnoverRejected(SecondUnitError):
    """The ask cannot be shot as it stands."""

    code = "E_TURNOVER"


class MediaOffline(TurnoverRejected):
    """A source file cannot be found or read."""

    code = "E_MEDIA_OFFLINE"


class MediaChanged(TurnoverRejected):
    """A source file is not the one that was turned over."""

    code = "E_MEDIA_CHANGED"


class MediaDamaged(TurnoverRejected):
    """A source file is there but its pixels cannot be decoded."""

    code = "E_MEDIA_DAMAGED"


class FramesMissing(TurnoverRejected):
    """A sequence has gaps; ``data["missing"]`` lists them as ``[first, last]`` pairs."""

    code = "E_FRAMES_MISSING"


class RateMismatch(TurnoverRejected):
    """A clip's frame rate does not fit the timeline's."""

    code = "E_RATE_MISMATCH"


class TimecodeWrong(TurnoverRejected):
    """A timecode is not one, or does not exist at this rate."""

    code = "E_TC"


class DropFrameMismatch(TimecodeWrong):
    """A drop-frame timecode was given for a non-drop rate, or the reverse."""

    code = "E_TC_DROP"


class Nested(TurnoverRejected):
    """The clip is a compound, nested or multicam clip and cannot be used as one piece of media."""

    code = "E_NESTED"


class RetimeUnsupported(TurnoverRejected):
    """The clip's speed change cannot be followed frame by frame."""

    code = "E_RETIME_UNSUPPORTED"


class MatteMissing(TurnoverRejected):
    """The work needs a matte and there is none, or it is empty."""

    code = "E_MATTE_MISSING"


class ColorUnknown(TurnoverRejected):
    """Nothing says which colour space a picture is in."""

    code = "E_COLOR_UNKNOWN"


class OverLimits(TurnoverRejected):
    """Size, length, depth or count is beyond what is allowed."""

    code = "E_LIMITS"


class UnknownGenerator(TurnoverRejected):
    """No installed generator has that name."""

    code = "E_GENERATOR"


class NeedsModel(TurnoverRejected):
    """No weight-free generator can do this honestly."""

    code = "E_NEEDS_MODEL"


class ModelMissing(TurnoverRejected):
    """The model's weights are not on this machine."""

    code = "E_MODEL_MISSING"


class ModelUntrusted(TurnoverRejected):
    """Weights that could run code, are damaged, or are not the ones that were registered."""

    code = "E_MODEL_UNTRUSTED"


class RightsRefused(TurnoverRejected):
    """A licence or consent record does not cover this use."""

    code = "E_RIGHTS"


class PathRefused(TurnoverRejected):
    """A path leads where this project may not read or write."""

    code = "E_PATH"


class CutUnreadable(TurnoverRejected):
    """A timeline file is damaged, too deep, too large or not a timeline."""

    code = "E_CUT"


class NoPlace(TurnoverRejected):
    """The insert cannot go where it was asked to go."""

    code = "E_NO_PLACE"


class TakeFailed(SecondUnitError):
    """The attempt failed; the ask may still be good."""

    code = "E_TAKE"
    retryable = True


class OutOfMemory(TakeFailed):
    """The device ran out of memory."""

    code = "E_VRAM"


class StageDied(TakeFailed):
    """The process that shoots was lost in mid-take."""

    code = "E_WORKER_DIED"


class BrokenFrames(TakeFailed):
    """The generator gave frames of the wrong number, size or kind."""

    code = "E_FRAMES"
    retryable = False


class Cancelled(TakeFailed):
    """A person stopped the take."""

    code = "E_CANCELLED"
    retryable = False


class EngineFailed(TakeFailed):
    """An engine outside this product broke off, refused the work or answered nonsense."""

    code = "E_ENGINE"
    retryable = False


class EngineOffline(EngineFailed):
    """An engine outside this product does not answer, or went away in mid-take."""

    code = "E_ENGINE_OFFLINE"
    retryable = True


class DecisionRefused(SecondUnitError):
    """A person's answer could not be taken."""

    code = "E_DECISION"


class FindingsOpen(DecisionRefused):
    """The take has open findings; ``data["findings"]`` lists their ids."""

    code = "E_QC_FAIL"


class UnknownId(DecisionRefused):
    """There is no take, finding or version of that name."""

    code = "E_UNKNOWN_ID"


class NameMissing(DecisionRefused):
    """A decision needs the name of a person, and often a reason."""

    code = "E_NAME"


class Locked(DecisionRefused):
    """The shot or version is locked, or not in a state that allows this."""

    code = "E_LOCKED"


class OwnWork(DecisionRefused):
    """Nobody approves what they asked for themselves, but alone and with a reason."""

    code = "E_OWN_WORK"


class StoreError(SecondUnitError):
    """The disk or the record would not take it."""

    code = "E_STORE"


class DiskFull(StoreError):
    """There is no room left where the project keeps its frames."""

    code = "E_DISK"
    retryable = True


class StoreOffline(StoreError):
    """A project's store is not where it was made: its disk is not mounted."""

    code = "E_STORE_OFFLINE"
    retryable = True


class NotPermitted(StoreError):
    """This user may not read or write there."""

    code = "E_PERMISSION"


class LedgerBroken(StoreError):
    """The ledger's chain does not hold; ``data["entry"]`` is the first broken one."""

    code = "E_LEDGER"


class RecordMissing(StoreError):
    """A take or version of ours has no record, or another than was written."""

    code = "E_RECORD"


class QueueFull(StoreError):
    """Too many takes are waiting."""

    code = "E_QUEUE_FULL"
    retryable = True


class SetupError(SecondUnitError):
    """This installation is not ready."""

    code = "E_SETUP"


class SettingWrong(SetupError):
    """A setting has a value it cannot have."""

    code = "E_SETTING"


class ExtraMissing(SetupError):
    """An optional part of the package is not installed."""

    code = "E_EXTRA"


class CodecMissing(SetupError):
    """A picture or movie format cannot be written or read by this installation."""

    code = "E_CODEC"


class PlugInRefused(SetupError):
    """A plug-in is not on the allow-list, or does not load."""

    code = "E_PLUGIN"


class CardWrong(SetupError):
    """A model's card, or a sheet of shot cards, cannot be used; the message names the field."""

    code = "E_CARD"
