"""Colours and shapes as Nuke's own panels have them."""

from __future__ import annotations

from typing import Dict

from secondunit_bridge.film import TakeState

GROUND, RAISED, SUNK, LINE = "#323232", "#3c3c3c", "#262626", "#1e1e1e"
TEXT, QUIET, ACCENT = "#c8c8c8", "#8f8f8f", "#f0973a"
RED, AMBER, GREEN, BLUE = "#d9605a", "#e0b04c", "#7fb069", "#6aa2c9"

CHIPS: Dict[TakeState, str] = {
    TakeState.waiting: QUIET,
    TakeState.shooting: BLUE,
    TakeState.checking: BLUE,
    TakeState.pending_review: TEXT,
    TakeState.blocked: AMBER,
    TakeState.junk: QUIET,
    TakeState.cancelled: QUIET,
    TakeState.failed: RED,
    TakeState.circled: GREEN,
    TakeState.rejected: QUIET,
    TakeState.suspended: QUIET,
}
MARKS = {"stop": RED, "look": AMBER, "not_checked": QUIET}

SHEET = f"""
QWidget#SecondUnit {{ background: {GROUND}; color: {TEXT}; font-size: 12px; }}
#SecondUnit QWidget {{ color: {TEXT}; font-size: 12px; }}
#SecondUnit QScrollArea, #SecondUnit QWidget#list {{ background: {GROUND}; border: 0; }}
#SecondUnit QLabel {{ background: transparent; }}
#SecondUnit QLabel[quiet="true"] {{ color: {QUIET}; font-size: 11px; }}
#SecondUnit QLabel#brand {{ color: {QUIET}; font-size: 11px; font-weight: 600;
    letter-spacing: 2px; }}
#SecondUnit QLabel#title {{ font-size: 15px; font-weight: 600; color: #e2e2e2; }}
#SecondUnit QLabel#take {{ font-size: 13px; font-weight: 600; color: #e2e2e2; }}
#SecondUnit QFrame#head {{ background: {RAISED}; border: 0; border-radius: 4px; }}
#SecondUnit QFrame#card {{ background: {RAISED}; border: 1px solid {RAISED};
    border-radius: 4px; }}
#SecondUnit QFrame#card[placed="true"] {{ border: 1px solid {ACCENT}; }}
#SecondUnit QFrame#banner {{ background: #4a3a22; border: 1px solid {ACCENT};
    border-radius: 4px; }}
#SecondUnit QLabel#picture {{ background: {LINE}; border: 1px solid {LINE}; color: {QUIET};
    font-size: 11px; }}
#SecondUnit QPushButton {{ background: #4d4d4d; border: 1px solid {SUNK}; border-radius: 3px;
    padding: 3px 10px; min-height: 18px; }}
#SecondUnit QFrame#card QPushButton {{ padding: 3px 6px; }}
#SecondUnit QPushButton:hover {{ background: #5a5a5a; }}
#SecondUnit QPushButton:pressed {{ background: {SUNK}; }}
#SecondUnit QPushButton:disabled {{ color: #6c6c6c; background: #414141; }}
#SecondUnit QPushButton#main {{ background: #a8631c; border: 1px solid #6f4212; color: #ffffff; }}
#SecondUnit QPushButton#main:hover {{ background: #c07424; }}
#SecondUnit QPushButton#main:disabled {{ background: #4d4034; color: #857a70; }}
#SecondUnit QPushButton[segment="true"] {{ border-radius: 0; padding: 3px 6px; }}
#SecondUnit QPushButton[segment="true"]:checked {{ background: {SUNK}; color: {ACCENT}; }}
#SecondUnit QLineEdit {{ background: {SUNK}; border: 1px solid {LINE}; border-radius: 2px;
    padding: 3px 6px; min-height: 18px; selection-background-color: #a8631c; }}
#SecondUnit QLineEdit:focus {{ border: 1px solid {ACCENT}; }}
#SecondUnit QComboBox {{ background: {SUNK}; border: 1px solid {LINE}; border-radius: 2px;
    padding: 3px 6px; min-height: 18px; }}
#SecondUnit QComboBox::drop-down {{ border: 0; width: 20px; }}
#SecondUnit QComboBox::down-arrow {{ width: 0; height: 0; border-left: 4px solid {SUNK};
    border-right: 4px solid {SUNK}; border-top: 5px solid {QUIET}; }}
#SecondUnit QComboBox QAbstractItemView {{ background: {SUNK}; border: 1px solid {LINE}; }}
#SecondUnit QMenu {{ background: {SUNK}; border: 1px solid {LINE}; }}
#SecondUnit QMenu::item {{ padding: 4px 16px; }}
#SecondUnit QMenu::item:selected {{ background: #a8631c; color: #ffffff; }}
#SecondUnit QProgressBar {{ background: {LINE}; border: 0; border-radius: 2px; max-height: 4px;
    min-height: 4px; }}
#SecondUnit QProgressBar::chunk {{ background: {ACCENT}; border-radius: 2px; }}
#SecondUnit QScrollBar:vertical {{ background: {GROUND}; width: 12px; margin: 0 0 0 4px; }}
#SecondUnit QScrollBar::handle:vertical {{ background: #505050; border-radius: 4px;
    min-height: 24px; }}
#SecondUnit QScrollBar::add-line, #SecondUnit QScrollBar::sub-line {{ height: 0; }}
#SecondUnit QToolTip {{ background: {SUNK}; color: {TEXT}; border: 1px solid {LINE}; }}
"""
