--! include: walk.lua
local id = given.id
local j = jobOf(id)
local no = stuck(j)
if no then
  return no
end
finish(id, record(id), j, {outcome = 'free', nothing = true, next = '', reason = given.reason, sentence = given.sentence})
return applied()
