--! include: ../core.lua
-- All that the rules look at, in one answer.
local function hash(key)
  local flat, fields = call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    if flat[i] ~= 'spec' then
      fields[flat[i]] = flat[i + 1]
    end
  end
  return fields
end

local function zset(name)
  local flat, members = call('ZRANGE', tag .. name, 0, -1, 'WITHSCORES'), {}
  for i = 1, #flat, 2 do
    members[flat[i]] = flat[i + 1]
  end
  return members
end

local function set(name)
  local members = {}
  for _, one in ipairs(call('SMEMBERS', tag .. name)) do
    members[one] = '1'
  end
  return members
end

local all = {builds = {}, jobs = {}, sets = {}}
for id in string.gmatch(given.ids, '%S+') do
  local r = hash(rec(id))
  all.builds[id] = r
  if call('EXISTS', job(id)) == 1 then
    all.jobs[id] = hash(job(id))
  end
  if r.ns then
    local repo = r.ns .. '/' .. r.repo
    for _, name in ipairs({'heads/' .. r.ns, 'behind/' .. repo}) do
      all.sets[name] = zset(name)
    end
    for _, name in ipairs({'holding/' .. repo, 'running/' .. r.ns}) do
      all.sets[name] = set(name)
    end
    all.sets['by/phase/' .. r.phase] = zset('by/phase/' .. r.phase)
  end
end
for _, name in ipairs({'slots', 'jobs', 'parked', 'delayed', 'fences', 'namespaces', 'duties/open', 'duties'}) do
  all.sets[name] = zset(name)
end
for _, executor in ipairs(call('SMEMBERS', tag .. 'executors')) do
  all.sets['executor/' .. executor .. '/live'] = zset('executor/' .. executor .. '/live')
end
return {'OK', 'all', cjson.encode(all)}
