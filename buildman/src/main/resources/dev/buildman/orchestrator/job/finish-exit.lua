--! include: ../ending.lua
local id = given.id
local j = jobOf(id)
if not isOwner(j) or j.step == 'claimed' or j.executor ~= given.executor then
  return refused('ENDED', call('HGET', rec(id), 'reason') or '')
end
local r = record(id)
if given.expected ~= '' and given.expected ~= r.phase then
  return refused('PHASE_CHANGED', r.phase)
end
local pause = finish(id, r, j, {outcome = given.outcome, reason = given.reason, sentence = given.sentence, gone = given.gone == '1', seen = true, next = given.next})
return applied(standing(id, pause))
