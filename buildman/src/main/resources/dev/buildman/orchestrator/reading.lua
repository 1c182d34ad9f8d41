--! include: core.lua
-- All fields of a record, with its id and, of a head, why its whole namespace waits.
local function whole(id)
  local fields = call('HGETALL', rec(id))
  if #fields == 0 then
    return nil
  end
  local r = read(rec(id), 'ns', 'place')
  local reason, sentence = '', ''
  if r.place == 'head' then
    if call('ZSCORE', tag .. 'parked', 'full:' .. r.ns) then
      reason = 'NAMESPACE_LIMIT'
    else
      local aside = call('HGET', tag .. 'aside', r.ns) or '\31'
      reason, sentence = string.match(aside, '^(.-)\31(.*)$')
    end
  end
  for _, value in ipairs({'id', id, 'ns_reason', reason, 'ns_sentence', sentence}) do
    table.insert(fields, value)
  end
  return fields
end
