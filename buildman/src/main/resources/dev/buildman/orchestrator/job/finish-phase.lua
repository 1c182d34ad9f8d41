--! include: ../ending.lua
local id = given.id
local j = jobOf(id)
if not isHolder(j) then
  local mine = table.concat({given.nonce, given.attempt, given.session, given.seq}, ' ')
  if call('HGET', rec(id), 'last_end') == mine then
    return already(standing(id))
  end
  return fenced()
end
local r = record(id)
if given.outcome == 'complete' then
  if r.phase ~= 'pushing' then
    return refused('NOT_PUSHING', r.phase)
  end
  call('HSET', rec(id), 'image_id', given.image_id, 'digests', given.digests, 'size', given.size, 'base_image', given.base_image,
    'peak', given.peak)
end
local pause = finish(id, r, j, {outcome = given.outcome, reason = given.reason, sentence = given.sentence, seq = given.seq})
return applied(standing(id, pause))
