// The cut around a shot: what plays before it, the take without its handles, what plays after.
import { best } from "./sequence.js";
import { film, ask as fetched } from "./store.js";

const REACH_S = 2; // of a neighbour that the daemon knows; of others what was handed over, and a little more

// One pane made of several takes. Its frames have the numbers of the take; neighbours count on.
export async function around(shot, take, label) {
  const fps = shot.rate[0] / shot.rate[1], inside = [take.frames[0] + take.handles[0], take.frames[1] - take.handles[1]];
  const parts = [{ id: take.id, name: shot.name, first: inside[0], last: inside[1], from: inside[0], step: 1, own: true }];
  const said = shot.known?.[take.turnover] ?? await fetched(`/beside/${take.id}`).catch(() => ({}));
  (shot.known ??= {})[take.turnover] = said;
  const before = known(shot, -1, fps) ?? handed(said.before, take, "before", fps), after = known(shot, 1, fps) ?? handed(said.after, take, "after", fps);
  if (before) parts.unshift({ ...before, first: inside[0] - before.count, last: inside[0] - 1 });
  if (after) parts.push({ ...after, first: inside[1] + 1, last: inside[1] + after.count });
  const part = (frame) => parts.find((one) => frame <= one.last) ?? parts[parts.length - 1];
  return {
    id: take.id, frames: [parts[0].first, parts[parts.length - 1].last], label, wide: take.size?.[0] ?? 0, parts, part,
    why: [said.before?.why, said.after?.why].filter(Boolean),
    at(frame) { const on = part(frame); return { id: on.id, frame: on.from + Math.floor((frame - on.first) * on.step), show: on.own ? undefined : on.show }; },
  };
}

// The shot that adjoins in the record, by its best take.
function known(shot, way, fps) {
  const next = film.shots.find((one) => one.project === shot.project && one.sequence === shot.sequence && (way < 0 ? one.cut[1] + 1 === shot.cut[0] : shot.cut[1] + 1 === one.cut[0]));
  const take = next && best(next);
  if (!take) return null;
  const first = take.frames[0] + take.handles[0], last = take.frames[1] - take.handles[1], count = Math.min(last - first + 1, Math.round(REACH_S * fps));
  return count > 0 ? { id: take.id, name: next.name, from: way < 0 ? last - count + 1 : first, step: 1, count, show: "take" } : null;
}

// What was handed over with the shot, at its own rate.
function handed(said, take, show, fps) {
  if (!said?.frames) return null;
  const step = said.fps / fps, count = Math.max(1, Math.floor((said.frames[1] - said.frames[0] + 1) / step));
  return { id: take.id, name: "", from: said.frames[0], step, count, show };
}
