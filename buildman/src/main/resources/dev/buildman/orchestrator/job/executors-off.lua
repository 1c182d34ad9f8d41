--! include: ../core.lua
local executors, all = {}, call('HGETALL', tag .. 'executors/off')
for i = 1, #all, 2 do
  local since, sentence = string.match(all[i + 1], '^(.-)\31(.*)$')
  table.insert(executors, {'executor', all[i], 'since', since, 'sentence', sentence})
end
return {'OK', 'executors', executors}
